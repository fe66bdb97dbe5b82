"""What the steps make of errors; what they do well is told in tests/unit/ingestion."""

import pytest
from tests.unit.ingestion.house import House

from kosha import steps
from kosha.errors import Cancelled, Rejected


def _arguments(house: House) -> dict[str, object]:
    document = house.has_file()
    return {"workspaceId": house.workspace.id, "documentId": document.id, "run": 1}


def test_a_file_that_cannot_be_read_ends_in_an_error_with_its_reason(house: House) -> None:
    document = house.has_file("empty.txt", b"  \n ")
    house.work()
    error = house.again(document).error
    assert error is not None
    assert (error.code, error.retryable) == ("bad_request", False)
    assert "contains no text" in error.message


def test_a_bug_ends_in_an_error_that_names_where_to_look_and_the_next_file_goes_through(
    house: House,
    caplog: pytest.LogCaptureFixture,
) -> None:
    document, good = house.has_file(), house.has_file()

    def break_once(_: object) -> None:
        house.model.before_batch = lambda _: None
        raise ZeroDivisionError("division by zero")

    house.model.before_batch = break_once
    house.work()
    error = house.again(document).error
    assert error is not None
    reference = f"{document.id[:8]}-1"
    assert error.message == f"Something went wrong on our side (reference {reference}). Try it again."
    assert error.retryable
    assert any(reference in record.getMessage() and record.exc_info for record in caplog.records)
    assert house.again(good).status == "processed"


@pytest.mark.parametrize("step", ["begin", "parse", "split", "index", "finish", "fail"])
def test_no_step_is_done_for_a_run_that_is_over(house: House, step: str) -> None:
    arguments = {**_arguments(house), "run": 0, "split": {"chunks": 1}, "error": {"Error": "X", "Cause": ""}}
    with pytest.raises(Cancelled):
        steps.run({"step": step, "arguments": arguments}, house)


@pytest.mark.parametrize("step", ["begin", "parse", "split", "index", "finish"])
def test_every_step_may_be_repeated(house: House, step: str) -> None:
    arguments = _arguments(house)
    repeated = house.task

    def twice(event: dict[str, object]) -> dict[str, object]:
        if event["step"] == step:
            repeated(event)
        return repeated(event)

    house.task = twice
    house.work()
    document = house.documents.get(house.workspace.id, str(arguments["documentId"]))
    assert (document.status, document.vectors) == ("processed", 1)
    assert house.texts(document) == ["Leave is 25 days a year."]


def test_an_unknown_rejection_is_still_told_as_a_bug(house: House) -> None:
    class OfAnotherHouse(Rejected):
        """A class that kosha.errors does not have."""

    document = house.has_file()

    def refuse(_: object) -> None:
        raise OfAnotherHouse("no")

    house.model.before_batch = refuse
    house.work()
    assert "Something went wrong" in (house.again(document).error or pytest.fail("no error")).message


def test_a_workspace_that_was_deleted_has_no_index_to_see_to(house: House) -> None:
    assert steps.STEPS["tend"]({"workspaceId": "00000000-0000-4000-8000-000000000000"}, house) == {"made": False}


def test_a_small_workspace_needs_no_index(house: House) -> None:
    assert steps.STEPS["tend"]({"workspaceId": house.workspace.id}, house) == {"made": False}
