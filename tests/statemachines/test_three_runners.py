"""The product's own state machines run the same everywhere: here, in moto's interpreter, and on the emulator."""

from typing import Any

import pytest
from stacks.constructs.definitions import definition_of, parsed_in_a_job
from tests.statemachines.runners import AnyRunner, Local, Ran, StepFunctions
from tests.statemachines.scripts import JOB_FAILED, Raises, Script

IMPORT = {"workspaceId": "w", "documentId": "d", "run": 1}
WORK: dict[str, list[Any]] = {"split": [{"chunks": 7}], "index": [{"done": True}], "finish": [{"done": True}]}
NOT_YET, DONE, DOWN = {"done": False}, {"done": True}, Raises("Unavailable", "The database is away.")
BUSY = Raises("Lambda.TooManyRequestsException", "Rate Exceeded.")
STEPS = ("begin", "parse", "split", "index", "finish")

IMPORTS: dict[str, dict[str, list[Any]]] = {
    "all goes well": {},
    "index takes three slices": {"index": [NOT_YET, NOT_YET, DONE]},
    "finish says not done once": {"finish": [NOT_YET, DONE]},
    **{f"{step} rejects the file": {step: [Raises("Rejected", "No “text”.")]} for step in STEPS},
    **{f"{step} is away twice": {step: [DOWN, DOWN, {"chunks": 7, "done": True}]} for step in STEPS},
    **{f"{step} is away for ever": {step: [DOWN]} for step in STEPS},
    **{f"{step} is cancelled": {step: [Raises("Cancelled", "It was stopped.")]} for step in STEPS},
    **{f"{step} has a bug": {step: [Raises("ZeroDivisionError", "division by zero")]} for step in STEPS},
    "the model is away once": {"index": [Raises("ModelUnavailable"), DONE]},
    "two reasons to try again share their attempts": {"index": [DOWN, Raises("ModelUnavailable")] * 3 + [DOWN, DONE]},
    "a lost lease is not tried again": {"index": [Raises("LostLease")]},
    "Lambda is busy, then away": {"begin": [BUSY, Raises("Lambda.ServiceException"), {}]},
    "Lambda is busy for ever": {"split": [BUSY]},
    "a refusal of another name is not cancelled": {"begin": [Raises("Conflict", "It is being deleted.")]},
    "failing is away twice": {"parse": [Raises("Rejected")], "fail": [DOWN, DOWN, {}]},
    "failing is away for ever": {"parse": [Raises("Rejected")], "fail": [DOWN]},
    "failing is cancelled": {"parse": [Raises("Rejected")], "fail": [Raises("Cancelled")]},
    "failing has a bug": {"parse": [Raises("Rejected")], "fail": [Raises("ValueError", "no")]},
}
DELETIONS: dict[str, dict[str, list[Any]]] = {
    "all goes well": {"delete_workspace": [DONE]},
    "three slices": {"delete_workspace": [NOT_YET, NOT_YET, DONE]},
    "away twice": {"delete_workspace": [DOWN, DOWN, DONE]},
    "away for ever": {"delete_workspace": [DOWN]},
    "away between slices": {"delete_workspace": [DOWN, NOT_YET, *[DOWN] * 29, DONE]},
    "refused": {"delete_workspace": [Raises("Rejected")]},
    "a bug": {"delete_workspace": [Raises("RuntimeError", "x")], "fail_deletion": [DOWN, {}]},
    "a bug, and nobody to tell": {"delete_workspace": [Raises("TypeError")], "fail_deletion": [DOWN]},
}
REFUSED, THROTTLED = Raises("ClientException", "No such queue."), Raises("TooManyRequestsException", "Slower.")
ENDED = ("Sandbox.Timedout", "Runtime.ExitError", "Runtime.OutOfMemory", "Lambda.Unknown")
AT_ONCE: dict[str, dict[str, list[Any]]] = {
    "it is read at once": {},
    "after the world was at fault": {"parse_at_once": [DOWN, BUSY, DONE]},
    "it is rejected": {"parse_at_once": [Raises("Rejected", "No text.")]},
    "it is cancelled": {"parse_at_once": [Raises("Cancelled")]},
    "the reader has a bug": {"parse_at_once": [Raises("ZeroDivisionError")]},
    "the world stays at fault": {"parse_at_once": [DOWN]},
}
JOBS: dict[str, dict[str, list[Any]]] = {
    "all goes well": {},
    **{f"Lambda ends the function: {name}": {"parse_at_once": [Raises(name, "It ended.")]} for name in ENDED},
    "the job rejects the file": {"parse_outcome": [Raises("Rejected", "No text.")]},
    "the job finds the world at fault": {"job": [Raises(JOB_FAILED)], "parse_outcome": [DOWN]},
    "the job fails after it wrote down that all is well": {"job": [Raises(JOB_FAILED)]},
    "the job is cancelled": {"parse_outcome": [Raises("Cancelled")]},
    "Batch is throttled twice": {"job": [THROTTLED, THROTTLED, {}]},
    "Batch is throttled for ever": {"job": [THROTTLED], "parse_outcome": [DOWN]},
    "Batch refuses the job": {"job": [REFUSED], "parse_outcome": [DOWN]},
    "the outcome cannot be read twice": {"parse_outcome": [DOWN, DOWN, {}]},
}
CRAWLED: dict[str, list[Any]] = {
    "begin_crawl": [{"at": "2026-11-20T12:00:00.000Z"}],
    "crawl": [{"done": True, "waitSeconds": 0}],
    "finish_crawl": [{"done": True, "waitSeconds": 0}],
}
AGAIN, LATER, OVER = ({"done": done, "waitSeconds": seconds} for done, seconds in ((False, 0), (False, 3), (True, 0)))
CRAWLS: dict[str, dict[str, list[Any]]] = {
    "all goes well": {},
    "three slices": {"crawl": [AGAIN, AGAIN, OVER]},
    "the server wants to be let be": {"crawl": [LATER, AGAIN, LATER, OVER]},
    "pages are still being imported": {"finish_crawl": [LATER, AGAIN, OVER]},
    "nothing was found": {"finish_crawl": [Raises("Rejected", "Nothing was kept.")]},
    "the database is away twice": {"crawl": [DOWN, DOWN, OVER]},
    "the database is away for ever": {"crawl": [DOWN]},
    "it is cancelled": {"crawl": [AGAIN, Raises("Cancelled")]},
    "a bug, and nobody to tell": {"begin_crawl": [Raises("TypeError")], "fail": [DOWN]},
}
CASES = [("file_import", IMPORT, case, {**WORK, **table}) for case, table in IMPORTS.items()]
CASES += [("workspace_delete", {"workspaceId": "w"}, case, table) for case, table in DELETIONS.items()]
CASES += [("website_crawl", IMPORT, case, {**CRAWLED, **table}) for case, table in CRAWLS.items()]
IDS = [f"{machine}: {case}" for machine, _, case, _ in CASES]


@pytest.fixture(scope="module", params=["moto", "emulated"])
def other(request: pytest.FixtureRequest) -> AnyRunner:
    """A runner that is not ours."""
    runner: AnyRunner = request.getfixturevalue(request.param)
    return runner


@pytest.mark.parametrize(("machine", "data", "case", "table"), CASES, ids=IDS)
def test_a_machine_does_the_same_on_every_runner(
    other: AnyRunner, machine: str, data: Any, case: str, table: dict[str, list[Any]]
) -> None:
    definition = definition_of(machine)
    assert other.run(definition, data, Script(table)) == Local().run(definition, data, Script(table))


def _imported(runner: AnyRunner, table: dict[str, list[Any]]) -> Ran:
    return runner.run(parsed_in_a_job(definition_of("file_import")), IMPORT, Script({**WORK, **table}))


@pytest.mark.parametrize("case", AT_ONCE)
def test_what_is_read_at_once_needs_no_job_on_both_runners(moto: StepFunctions, case: str) -> None:
    table = {"parse_at_once": [DONE], **AT_ONCE[case]}
    ran = _imported(Local(), table)
    assert _imported(moto, table) == ran
    assert "ParseInJob" not in [state for state, _ in ran.entered]


@pytest.mark.parametrize("case", JOBS)
def test_an_import_that_is_parsed_in_a_job_does_the_same_on_both_runners(moto: StepFunctions, case: str) -> None:
    table = {"parse_at_once": [NOT_YET], **JOBS[case]}
    ran = _imported(Local(), table)
    assert _imported(moto, table) == ran
    states = [state for state, _ in ran.entered]
    assert (states.count("Parse"), states.count("ParseInJob")) == (1, 1)
