"""What the runner of state machines promises: kept after every transition, and gone on from there by whoever comes."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.contracts.store import PostgresStore

from kosha.adapters.local import workflows
from kosha.adapters.local.asl.faults import Unsupported
from kosha.adapters.local.workflows import LocalWorkflows, Runner
from kosha.errors import Unavailable

TWO = {
    "StartAt": "A",
    "States": {
        "A": {
            "Type": "Task",
            "Resource": "${Work}",
            "Parameters": {"in": "A", "data.$": "$"},
            "ResultPath": "$.a",
            "Next": "B",
        },
        "B": {
            "Type": "Task",
            "Resource": "${Work}",
            "Parameters": {"in": "B", "data.$": "$"},
            "Retry": [{"ErrorEquals": ["Unavailable"], "IntervalSeconds": 60}],
            "End": True,
        },
    },
}
WAITING = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "Next": "D"}, "D": {"Type": "Succeed"}}}


class Killed(BaseException):
    """Stands for kill -9: nothing of ours may catch it."""


class Workers:
    """Starts workers, one after the other, on the same executions."""

    def __init__(self, postgres: PostgresStore, folder: Path) -> None:
        self.calls: list[dict[str, Any]] = []
        self.act: Callable[[dict[str, Any]], Any] = lambda _: {}
        self.pass_seconds = postgres.pass_seconds
        self._postgres = postgres
        self._folder = folder
        self.begin("first")

    def begin(self, holder: str) -> None:
        """A new worker, which knows that the one before is dead."""
        self.executions = self._postgres.executions_of(holder, sole_holder=True)
        self.workflows = LocalWorkflows(self.executions, self._folder)
        self.runner: Runner = self.workflows.runner({"Work": self._work}, concurrency=2)

    def drain(self) -> None:
        """Do what can be done now."""
        while (execution := self.executions.claim()) is not None:
            self.runner.run_one(execution)

    @property
    def entered(self) -> list[str]:
        """The states whose task was called."""
        return [call["in"] for call in self.calls]

    def _work(self, given: dict[str, Any]) -> Any:
        self.calls.append(given)
        return self.act(given)


@pytest.fixture
def workers(postgres: PostgresStore, tmp_path: Path) -> Workers:
    (tmp_path / "two.asl.json").write_text(json.dumps(TWO))
    (tmp_path / "waiting.asl.json").write_text(json.dumps(WAITING))
    return Workers(postgres, tmp_path)


def test_an_execution_runs_from_its_first_state_to_its_last(workers: Workers) -> None:
    workers.act = lambda given: given["in"].lower()
    workers.workflows.start("two", "run-1", {"n": 1})
    assert workers.workflows.is_live("run-1")
    workers.drain()
    assert workers.calls == [{"in": "A", "data": {"n": 1}}, {"in": "B", "data": {"n": 1, "a": "a"}}]
    assert not workers.workflows.is_live("run-1")


def test_a_name_that_was_started_is_not_started_again(workers: Workers) -> None:
    workers.workflows.start("two", "run-1", {})
    workers.workflows.start("two", "run-1", {})
    workers.drain()
    workers.workflows.start("two", "run-1", {})
    workers.drain()
    assert workers.entered == ["A", "B"]


def test_a_killed_worker_is_followed_by_one_that_goes_on_in_the_same_state(workers: Workers) -> None:
    def die(given: dict[str, Any]) -> str:
        if given["in"] == "B":
            raise Killed
        return "done"

    workers.act = die
    workers.workflows.start("two", "run-1", {})
    with pytest.raises(Killed):
        workers.drain()
    workers.act = lambda _: {}
    workers.begin("second")
    workers.drain()
    assert workers.entered == ["A", "B", "B"]
    assert workers.calls[-1]["data"] == {"a": "done"}


def test_a_retry_waits_without_a_worker(workers: Workers) -> None:
    def fail(given: dict[str, Any]) -> None:
        if workers.entered.count("B") == 1 and given["in"] == "B":
            raise Unavailable("down")

    workers.act = fail
    workers.workflows.start("two", "run-1", {})
    workers.drain()
    assert workers.entered == ["A", "B"]
    workers.begin("second")
    workers.pass_seconds(61)
    workers.drain()
    assert workers.entered == ["A", "B", "B"]
    assert not workers.workflows.is_live("run-1")


def test_how_often_a_state_was_tried_outlives_its_worker(workers: Workers) -> None:
    def fail(given: dict[str, Any]) -> None:
        if given["in"] == "B":
            raise Unavailable("down")

    workers.act = fail
    workers.workflows.start("two", "run-1", {})
    for holder in ("2", "3", "4", "5", "6"):
        workers.drain()
        workers.begin(holder)
        workers.pass_seconds(600)
    assert workers.entered.count("B") == 4  # once, and three retries
    [failed] = workers.executions.failed()
    assert "down" in failed.reason


def test_a_wait_state_waits_without_a_worker(workers: Workers) -> None:
    workers.workflows.start("waiting", "run-1", {})
    workers.drain()
    assert workers.workflows.is_live("run-1")
    workers.begin("second")
    workers.drain()
    assert workers.workflows.is_live("run-1")
    workers.pass_seconds(61)
    workers.drain()
    assert not workers.workflows.is_live("run-1")


def test_a_stopped_execution_takes_no_further_step(workers: Workers) -> None:
    workers.act = lambda _: workers.workflows.stop("run-1")
    workers.workflows.start("two", "run-1", {})
    workers.drain()
    assert workers.entered == ["A"]
    assert not workers.workflows.is_live("run-1")


def test_an_execution_that_waits_is_stopped_at_once(workers: Workers) -> None:
    workers.workflows.start("two", "run-1", {})
    workers.workflows.stop("run-1")
    assert not workers.workflows.is_live("run-1")
    workers.drain()
    assert workers.entered == []


def test_a_worker_that_lost_its_lease_writes_nothing_more(workers: Workers) -> None:
    def overtaken(given: dict[str, Any]) -> str:
        if len(workers.calls) == 1:
            first = workers.executions, workers.runner
            workers.begin("second")
            workers.drain()
            workers.executions, workers.runner = first
            return "late"
        return "done"

    workers.act = overtaken
    workers.workflows.start("two", "run-1", {})
    execution = workers.executions.claim()
    assert execution is not None
    workers.runner._run_held(execution)
    assert [call["data"] for call in workers.calls] == [{}, {}, {"a": "done"}]


def test_a_long_execution_lets_short_ones_pass(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workflows, "TURN_SECONDS", 0.0)
    workers.workflows.start("two", "run-1", {"n": 1})
    workers.workflows.start("two", "run-2", {"n": 2})
    workers.drain()
    assert [(call["in"], call["data"]["n"]) for call in workers.calls] == [("A", 1), ("A", 2), ("B", 1), ("B", 2)]


def test_two_executions_run_at_once_and_a_stop_ends_the_loop(workers: Workers) -> None:
    both, end = threading.Barrier(2, timeout=10), threading.Event()

    def meet(given: dict[str, Any]) -> None:
        if given["in"] == "A":
            both.wait()
        elif workers.entered.count("B") == 2:
            end.set()

    workers.act = meet
    loop = threading.Thread(target=workers.runner.run)
    loop.start()
    workers.workflows.start("two", "run-1", {})
    workers.workflows.start("two", "run-2", {})
    assert end.wait(10)
    workers.runner.stop()
    loop.join(10)
    assert not loop.is_alive()
    assert not workers.workflows.is_live("run-1")
    assert not workers.workflows.is_live("run-2")


def test_an_execution_of_an_unknown_machine_or_state_fails_with_a_reason(workers: Workers, tmp_path: Path) -> None:
    workers.executions.start("three", "run-1", {})
    workers.workflows.start("two", "run-2", {})
    execution = workers.executions.claim()
    other = workers.executions.claim()
    assert execution is not None
    assert other is not None
    workers.runner.run_one(execution)
    workers.runner.run_one(other._replace(state="Gone"))
    assert [failed.reason for failed in workers.executions.failed()] == [
        "No state None of a machine three is known.",
        "No state Gone of a machine two is known.",
    ]


def test_a_file_that_would_not_run_as_it_should_is_refused_at_the_start(workers: Workers, tmp_path: Path) -> None:
    (tmp_path / "bad.asl.json").write_text(json.dumps({"StartAt": "P", "States": {"P": {"Type": "Parallel"}}}))
    with pytest.raises(Unsupported, match="Parallel"):
        workers.begin("second")
