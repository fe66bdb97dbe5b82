"""What the queue of workflow executions promises its workers."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.contracts.races import at_once
from tests.contracts.store import PostgresStore

from kosha.adapters.postgres.executions import DEATHS_LIMIT, PostgresExecutions
from kosha.errors import LostLease, NotFound

LEASE_SECONDS = 15


@pytest.fixture
def executions(postgres: PostgresStore) -> PostgresExecutions:
    return postgres.executions_of("first")


def test_a_started_execution_is_claimed_before_its_first_state(executions: PostgresExecutions) -> None:
    executions.start("file_import", "doc-1", {"documentId": "doc", "run": 1, "text": "a\x00"})
    assert executions.is_live("doc-1")
    execution = executions.claim()
    assert execution is not None
    assert (execution.name, execution.machine, execution.state) == ("doc-1", "file_import", None)
    assert execution.input == {"documentId": "doc", "run": 1, "text": "a\ufffd"}
    assert (execution.attempt, execution.deaths) == (0, 0)
    assert executions.is_live("doc-1")


def test_a_name_is_started_once_also_after_it_ended(executions: PostgresExecutions) -> None:
    at_once([lambda: executions.start("file_import", "doc-1", {})] * 5)
    execution = executions.claim()
    assert execution is not None
    assert executions.claim() is None
    executions.end(execution, "succeeded")
    executions.start("file_import", "doc-1", {})
    assert executions.claim() is None
    assert not executions.is_live("doc-1")


def test_the_oldest_is_claimed_first_and_each_by_one_worker(postgres: PostgresStore) -> None:
    first = postgres.executions_of("first")
    for number in range(6):
        first.start("file_import", f"doc-{number}", {})
    assert (claim := first.claim()) is not None
    assert claim.name == "doc-0"
    claims = at_once([postgres.executions_of(name).claim for name in "abcde"])
    assert sorted(claim.name for claim in claims) == [f"doc-{number}" for number in range(1, 6)]


def test_workspaces_take_turns_however_much_one_of_them_brings(executions: PostgresExecutions) -> None:
    for number in range(5):
        executions.start("file_import", f"many-{number}", {"workspaceId": "many"})
    claimed = [_name(executions)]
    executions.start("file_import", "few-0", {"workspaceId": "few"})
    executions.start("file_import", "alone-0", {})
    claimed += [_name(executions) for _ in range(6)]
    assert claimed == ["many-0", "alone-0", "few-0", "many-1", "many-2", "many-3", "many-4"]


def test_a_workspace_whose_work_waits_for_a_time_does_not_hold_up_the_others(executions: PostgresExecutions) -> None:
    for name in ("a", "b"):
        executions.start("website_crawl", name, {"workspaceId": name})
    first = executions.claim()
    assert first is not None
    executions.record(first, state="Crawl", input={}, not_before=time.time() + 3600)
    executions.release(first)
    assert [_name(executions), executions.claim()] == ["b", None]


def test_what_ended_keeps_nothing_of_what_it_carried(postgres: PostgresStore) -> None:
    executions = postgres.executions_of("first")
    executions.start("file_import", "doc-1", {"workspaceId": "w"})
    execution = executions.claim()
    assert execution is not None
    executions.record(execution, state="Fail", input={"error": "'Plan.pdf' contains no text."})
    executions.end(execution, "succeeded")
    kept = postgres.database.run(lambda c: c.execute("select input from kosha.executions").fetchall())
    assert kept == [({},)]


def test_where_it_stands_is_kept_for_the_next_worker(postgres: PostgresStore) -> None:
    first, second = postgres.executions_of("first"), postgres.executions_of("second")
    first.start("file_import", "doc-1", {})
    execution = first.claim()
    assert execution is not None
    first.record(execution, state="Split", input={"chunks": [1, None, "x"]}, attempt=2)
    postgres.pass_seconds(LEASE_SECONDS + 1)
    taken = second.claim()
    assert taken is not None
    assert (taken.state, taken.input, taken.attempt, taken.deaths) == ("Split", {"chunks": [1, None, "x"]}, 2, 1)
    assert taken.fence > execution.fence


def test_who_lost_an_execution_can_change_nothing(postgres: PostgresStore) -> None:
    first, second = postgres.executions_of("first"), postgres.executions_of("second")
    first.start("file_import", "doc-1", {})
    lost = first.claim()
    assert lost is not None
    postgres.pass_seconds(LEASE_SECONDS + 1)
    taken = second.claim()
    assert taken is not None
    for change in (
        lambda: first.record(lost, state="Split", input={}),
        lambda: first.heartbeat(lost),
        lambda: first.end(lost, "failed", reason="no"),
    ):
        with pytest.raises(LostLease):
            change()
    first.release(lost)
    second.heartbeat(taken)


def test_a_heartbeat_keeps_the_lease(postgres: PostgresStore) -> None:
    first = postgres.executions_of("first")
    first.start("file_import", "doc-1", {})
    execution = first.claim()
    assert execution is not None
    postgres.pass_seconds(LEASE_SECONDS - 5)
    first.heartbeat(execution)
    postgres.pass_seconds(LEASE_SECONDS - 5)
    assert postgres.executions_of("second").claim() is None


def test_the_only_worker_of_a_data_directory_takes_over_at_once(postgres: PostgresStore) -> None:
    first = postgres.executions_of("first")
    first.start("file_import", "doc-1", {})
    first.claim()
    restarted = postgres.executions_of("restarted", sole_holder=True)
    execution = restarted.claim()
    assert execution is not None
    assert execution.deaths == 1
    assert restarted.claim() is None


def test_a_released_execution_waits_again_and_nobody_died(postgres: PostgresStore) -> None:
    first = postgres.executions_of("first")
    first.start("file_import", "doc-1", {})
    execution = first.claim()
    assert execution is not None
    first.record(execution, state="Split", input={})
    first.release(execution)
    taken = postgres.executions_of("second").claim()
    assert taken is not None
    assert (taken.state, taken.deaths) == ("Split", 0)


def test_an_execution_that_is_to_wait_is_claimed_when_its_time_comes(postgres: PostgresStore) -> None:
    first = postgres.executions_of("first")
    first.start("file_import", "doc-1", {})
    execution = first.claim()
    assert execution is not None
    first.record(execution, state="Retry", input={}, not_before=time.time() + 60)
    first.release(execution)
    assert first.claim() is None
    postgres.pass_seconds(61)
    assert first.claim() is not None


def test_a_state_that_kills_every_worker_ends_the_execution_with_a_reason(postgres: PostgresStore) -> None:
    first = postgres.executions_of("first")
    first.start("file_import", "doc-1", {})
    execution = first.claim()
    assert execution is not None
    first.record(execution, state="Parse", input={})
    deaths: list[int] = []
    for _ in range(DEATHS_LIMIT + 1):
        postgres.pass_seconds(LEASE_SECONDS + 1)
        if taken := postgres.executions_of("next").claim():
            deaths.append(taken.deaths)
    assert deaths == list(range(1, DEATHS_LIMIT + 1))
    assert not first.is_live("doc-1")
    [failed] = first.failed()
    reason = f"Its worker died {DEATHS_LIMIT + 1} times in Parse."
    assert (failed.name, failed.state, failed.reason) == ("doc-1", "Parse", reason)


def test_a_step_forward_forgets_the_deaths_before_it(postgres: PostgresStore) -> None:
    first = postgres.executions_of("first")
    first.start("file_import", "doc-1", {})
    for state in ("Parse", "Split", "Index", "Finish"):
        postgres.pass_seconds(LEASE_SECONDS + 1)
        execution = first.claim()
        assert execution is not None
        first.record(execution, state=state, input={})
    postgres.pass_seconds(LEASE_SECONDS + 1)
    execution = first.claim()
    assert execution is not None
    assert execution.deaths == 1


def test_one_that_waits_is_stopped_at_once(executions: PostgresExecutions) -> None:
    executions.start("file_import", "doc-1", {})
    executions.stop("doc-1")
    executions.stop("unknown")
    assert not executions.is_live("doc-1")
    assert executions.claim() is None


def test_one_that_runs_is_stopped_by_its_worker(executions: PostgresExecutions) -> None:
    executions.start("file_import", "doc-1", {})
    execution = executions.claim()
    assert execution is not None
    assert not executions.heartbeat(execution).stop_requested
    executions.stop("doc-1")
    assert executions.is_live("doc-1")
    assert executions.record(execution, state="Split", input={}).stop_requested
    executions.end(execution, "stopped")
    executions.end(execution, "stopped")
    assert not executions.is_live("doc-1")
    assert executions.failed() == []


def test_one_that_was_to_stop_is_not_taken_over_from_a_dead_worker(postgres: PostgresStore) -> None:
    first = postgres.executions_of("first")
    first.start("file_import", "doc-1", {})
    first.claim()
    first.stop("doc-1")
    postgres.pass_seconds(LEASE_SECONDS + 1)
    assert first.claim() is None
    assert not first.is_live("doc-1")


def test_a_failed_execution_can_be_driven_again_where_it_stood(executions: PostgresExecutions) -> None:
    executions.start("file_import", "doc-1", {"run": 1})
    execution = executions.claim()
    assert execution is not None
    executions.record(execution, state="Index", input={"slice": 3}, attempt=4)
    executions.end(execution, "failed", reason="The embedding model is not there.")
    [failed] = executions.failed()
    assert failed.reason == "The embedding model is not there."
    executions.redrive("doc-1")
    again = executions.claim()
    assert again is not None
    assert (again.state, again.input, again.attempt, again.deaths) == ("Index", {"slice": 3}, 0, 0)
    with pytest.raises(LostLease):
        executions.heartbeat(execution)
    with pytest.raises(NotFound):
        executions.redrive("unknown")


def test_what_ended_is_swept_after_seven_days(postgres: PostgresStore) -> None:
    first = postgres.executions_of("first")
    for name in ("ended", "running"):
        first.start("file_import", name, {})
    execution = first.claim()
    assert execution is not None
    first.end(execution, "failed", reason="no")
    postgres.pass_seconds(6 * 24 * 3600)
    first.sweep()
    assert [failed.name for failed in first.failed()] == ["ended"]
    postgres.pass_seconds(2 * 24 * 3600)
    first.sweep()
    assert first.failed() == []
    assert first.is_live("running")


def test_an_idle_worker_wakes_when_work_is_started(executions: PostgresExecutions) -> None:
    waits = threading.Event()

    def wait() -> float:
        waits.set()
        begun = time.monotonic()
        executions.wait(30)
        return time.monotonic() - begun

    with ThreadPoolExecutor(1) as threads:
        waited = threads.submit(wait)
        waits.wait(5)
        executions.start("file_import", "doc-1", {})
        assert waited.result(timeout=25) < 20


def test_a_worker_does_not_wait_while_there_is_work(executions: PostgresExecutions) -> None:
    executions.start("file_import", "doc-1", {})
    begun = time.monotonic()
    executions.wait(30)
    assert time.monotonic() - begun < 20


def test_a_worker_waits_no_longer_than_it_was_told(executions: PostgresExecutions) -> None:
    executions.wait(0.01)
    assert executions.claim() is None


def _name(executions: PostgresExecutions) -> str:
    execution = executions.claim()
    assert execution is not None
    return execution.name
