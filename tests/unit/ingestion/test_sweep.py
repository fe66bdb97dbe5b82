"""No document stays half way."""

import pytest
from tests.unit.ingestion.house import ADA, House

from kosha.errors import Unavailable
from kosha.ingestion import lifecycle, register, remove, sweep
from kosha.model.page import PageOf


def test_a_document_that_was_recorded_and_never_started_is_started(house: House) -> None:
    document = house.awaits()
    house.blobs.write(f"{house.workspace.id}/{document.id}/original", [b"Leave is 25 days a year."])
    lifecycle.advance(document, "submitted", house, run=1)  # and the server was killed here
    sweep.imports(house)
    house.work()
    assert house.again(document).status == "processed"


def test_an_import_that_ended_without_a_word_ends_in_an_error(house: House) -> None:
    document = house.has_file()
    house.workflows.stop(f"{document.id}-1")
    sweep.imports(house)
    error = house.again(document).error
    assert error is not None
    assert error.retryable
    lifecycle.retry(ADA, house.workspace.id, document.id, house)
    house.work()
    assert house.again(document).status == "processed"


def test_a_document_that_kills_every_worker_ends_in_an_error(house: House) -> None:
    document = house.has_file()
    while house.executions.claim() is not None:
        house.is_restarted()  # without a word from the one that held it
    sweep.imports(house)
    assert house.again(document).status == "error"


def test_what_is_under_way_is_left_alone(house: House) -> None:
    document = house.has_file()
    sweep.imports(house)
    assert house.again(document).status == "submitted"


def test_a_document_whose_bytes_never_came_is_forgotten(house: House) -> None:
    document, young = house.awaits(), house.has_file()
    house.pass_time(hours=5)
    sweep.uploads(house)
    assert house.again(document).status == "awaiting"
    house.pass_time(hours=2)
    sweep.uploads(house)
    assert [kept.id for kept in house.documents.of(house.workspace.id, PageOf()).items] == [young.id]


def test_a_deletion_that_was_recorded_and_never_started_is_started(house: House) -> None:
    house.workspaces.put(house.workspace.model_copy(update={"status": "deleting"}))
    sweep.deletions(house)
    house.work()
    assert not house.workspaces.all(PageOf()).items


def test_a_deletion_that_ended_half_way_is_told(house: House) -> None:
    house.has_file()
    remove.workspace(ADA, house.workspace.id, house)
    while house.executions.claim() is not None:
        house.is_restarted()
    sweep.deletions(house)
    assert house.workspaces.get(house.workspace.id).status == "error"


def test_the_arrival_of_bytes_is_safe_beside_the_sweep(house: House) -> None:
    document = house.has_file()
    sweep.imports(house)
    register.arrived(house.workspace.id, document.id, house)
    house.work()
    assert house.texts(document) == ["Leave is 25 days a year."]


def test_the_indexes_of_all_workspaces_are_seen_to(house: House) -> None:
    sweep.indexes(house)  # none is large enough to need one
    house.workspaces.put(house.workspace.model_copy(update={"status": "deleting"}))
    sweep.indexes(house)


def test_a_change_that_cannot_be_finished_holds_up_nothing_else(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    stuck = house.has_file()
    house.work()
    kept = house.again(stuck)
    house.documents.replace(kept, kept.model_copy(update={"change_pending": True}))
    lost = house.has_file("other.txt")
    house.workflows.stop(f"{lost.id}-1")

    def away(*_: object) -> None:
        raise Unavailable("The engine does not answer.")

    with monkeypatch.context() as broken:
        broken.setattr(house.pgvector, "describe", away)
        sweep.imports(house)
    assert house.again(lost).status == "error"
    assert house.again(stuck).change_pending
    sweep.imports(house)
    assert not house.again(stuck).change_pending
