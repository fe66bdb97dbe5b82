"""A file that is read in a job of its own ends as one that is read anywhere else."""

import json
from typing import Any

import pytest
from tests.batch_jobs.conftest import Job
from tests.unit.ingestion.house import House

from kosha import steps
from kosha.adapters.local.parser_process import ParserProcess
from kosha.errors import Cancelled, KoshaError, NotFound, Rejected, TooLarge, Unavailable
from kosha.ingestion import outcomes
from kosha.model.document import Document

TRY_AGAIN = 75
LEAVE = b"Leave is 25 days a year."


def _arguments(document: Document, **more: Any) -> dict[str, Any]:
    return {"workspaceId": document.workspace_id, "documentId": document.id, "run": document.run, **more}


def _tell(house: House, document: Document) -> dict[str, Any]:
    return steps.run({"step": "parse_outcome", "arguments": _arguments(document)}, house)


def _begun(house: House, name: str = "leave.rst", content: bytes = LEAVE) -> Document:
    document = house.has_file(name, content)
    steps.run({"step": "begin", "arguments": _arguments(document)}, house)
    return document


def test_a_file_is_read_in_a_job_and_found(house: House, job: Job) -> None:
    document = house.has_file("leave.rst", LEAVE)
    house.work()
    assert (house.again(document).status, job.statuses) == ("processed", [0])
    assert house.texts(document) == ["Leave is 25 days a year."]


@pytest.mark.parametrize("name", ["leave.txt", "leave.md", "leave.html"])
def test_a_small_text_is_read_without_a_job(house: House, job: Job, name: str) -> None:
    document = house.has_file(name, LEAVE)
    house.work()
    assert (house.again(document).status, job.statuses) == ("processed", [])
    assert house.texts(document) == [LEAVE.decode()]


def test_a_small_text_that_takes_too_much_is_read_in_a_job(house: House, job: Job) -> None:
    with ParserProcess(timeout_seconds=0) as hurried:
        house.parser = hurried
        document = house.has_file("leave.txt", LEAVE)
        house.work()
    assert (house.again(document).status, job.statuses) == ("processed", [0])
    assert house.texts(document) == [LEAVE.decode()]


def test_a_text_that_takes_too_much_in_a_job_as_well_ends_in_its_reason(house: House, job: Job) -> None:
    job.parsers = ["is hurried"]
    with ParserProcess(timeout_seconds=0) as hurried:
        house.parser = hurried
        document = house.has_file("leave.txt", LEAVE)
        house.work()
    error = house.again(document).error
    assert error is not None
    assert (error.code, error.retryable, job.statuses) == ("bad_request", False, [0])
    assert "took longer than 0 seconds" in error.message


def test_a_file_that_cannot_be_read_ends_in_its_reason_after_one_attempt(house: House, job: Job) -> None:
    document = house.has_file("empty.rst", b"  \n ")
    house.work()
    error = house.again(document).error
    assert error is not None
    assert (error.code, error.retryable, job.statuses) == ("bad_request", False, [0])
    assert "contains no text" in error.message


def test_a_job_that_finds_the_world_at_fault_is_started_anew(house: House, job: Job) -> None:
    job.parsers = ["is away", "is away", "reads"]
    document = house.has_file("leave.rst", LEAVE)
    house.work()
    assert (house.again(document).status, job.statuses) == ("processed", [TRY_AGAIN, TRY_AGAIN, 0])


def test_a_world_that_stays_at_fault_ends_the_import_with_its_sentence(house: House, job: Job) -> None:
    job.parsers = ["is away"]
    document = house.has_file("leave.rst", LEAVE)
    for _ in range(4):  # the state that reads the outcome is tried three times more
        house.work()
        house.pass_time(minutes=1)
    error = house.again(document).error
    assert error is not None
    assert (error.message, error.retryable) == ("The reader is away.", True)
    assert job.statuses == [TRY_AGAIN] * 3


def test_a_bug_in_a_job_ends_with_its_traceback_and_tells_nothing(house: House, job: Job) -> None:
    job.parsers = ["has a bug"]
    document = _begun(house)
    assert job.run("run_step", "parse", json.dumps(_arguments(document))) == 1
    assert "ZeroDivisionError: division by zero" in job.said
    with pytest.raises(Unavailable, match="ended before it was done"):
        _tell(house, document)


def test_a_job_whose_import_was_stopped_keeps_no_outcome(house: House, job: Job) -> None:
    document = _begun(house)
    house.documents.remove(document.workspace_id, document.id)
    assert job.run("run_step", "parse", json.dumps(_arguments(document))) == 0
    assert [path for path in house.left_of(document) if "run-1" in path] == []
    with pytest.raises(Cancelled):
        _tell(house, document)


def test_an_outcome_of_an_earlier_run_is_not_told(house: House, job: Job) -> None:
    document = _begun(house, "empty.rst", b" ")
    assert job.run("run_step", "parse", json.dumps(_arguments(document))) == 0
    with pytest.raises(Rejected):
        _tell(house, document)
    with pytest.raises(Cancelled):
        steps.run({"step": "parse_outcome", "arguments": _arguments(document, run=0)}, house)


@pytest.mark.parametrize("error", [Rejected("No."), TooLarge("Too much."), NotFound("file", "7"), Unavailable("Away.")])
def test_an_error_is_told_by_its_very_name_and_sentence(house: House, error: KoshaError) -> None:
    document = _begun(house)
    outcomes.keep(f"{document.workspace_id}/{document.id}/run-1/outcome-parse.json", error, house.blobs)
    with pytest.raises(type(error)) as told:
        _tell(house, document)
    assert (type(told.value), str(told.value)) == (type(error), str(error))
