"""The moves of a document's life, and what a person may do to an import."""

from itertools import product
from typing import NoReturn, get_args

import pytest
from tests.unit.ingestion.house import ADA, House

from kosha.adapters.local.folder import FolderBlobs
from kosha.adapters.local.links import SignedLinks
from kosha.errors import Cancelled, Conflict, Forbidden, NotFound
from kosha.ingestion import importing, lifecycle, read
from kosha.model.document import Document, DocumentStatus
from kosha.model.user import Caller, User

EVE = Caller(user=User(id="22222222-2222-4222-8222-222222222222", name="eve"))
STATUSES: tuple[DocumentStatus, ...] = get_args(DocumentStatus)


def _in_status(house: House, status: DocumentStatus) -> Document:
    document = house.awaits()
    there = document.model_copy(update={"status": status})
    assert house.documents.replace(document, there)
    return there


@pytest.mark.parametrize(("before", "after"), list(product(STATUSES, STATUSES)))
def test_only_the_moves_of_the_table_are_made(house: House, before: DocumentStatus, after: DocumentStatus) -> None:
    document = _in_status(house, before)
    if after in lifecycle.MOVES[before]:
        assert lifecycle.advance(document, after, house).status == after
    else:
        with pytest.raises(Cancelled):
            lifecycle.advance(document, after, house)
        assert house.again(document).status == before


def test_an_older_import_may_write_nothing(house: House) -> None:
    old = house.has_file()
    lifecycle.cancel(ADA, house.workspace.id, old.id, house)
    new = lifecycle.retry(ADA, house.workspace.id, old.id, house)
    with pytest.raises(Cancelled):
        lifecycle.advance(old, "processing", house, progress=0.5)
    assert house.again(new) == new


def test_a_title_changed_meanwhile_is_kept(house: House) -> None:
    document = house.has_file()
    house.documents.replace(document, document.model_copy(update={"title": "Leave rules"}))
    assert lifecycle.advance(document, "processing", house).title == "Leave rules"


def test_a_retry_serves_the_old_version_until_the_new_one_is_there(house: House) -> None:
    document = house.has_file()
    house.work()
    house.blobs.write(f"{house.workspace.id}/{document.id}/original", [b"Leave is 30 days a year."])
    lifecycle.retry(ADA, house.workspace.id, document.id, house)
    assert house.texts(document) == ["Leave is 25 days a year."]
    house.work()
    assert house.texts(document) == ["Leave is 30 days a year."]
    assert (house.again(document).run, house.again(document).vectors) == (2, 1)


def test_a_retry_that_fails_leaves_the_old_version_serving(house: House) -> None:
    document = house.has_file()
    house.work()
    house.blobs.write(f"{house.workspace.id}/{document.id}/original", [b"  "])
    lifecycle.retry(ADA, house.workspace.id, document.id, house)
    house.work()
    assert house.again(document).status == "error"
    assert house.texts(document) == ["Leave is 25 days a year."]


def test_the_same_text_keeps_its_chunk_ids_when_it_is_imported_again(house: House) -> None:
    document = house.has_long_file(5)
    house.work()
    before = house.chunk_ids(document)
    lifecycle.retry(ADA, house.workspace.id, document.id, house)
    house.work()
    assert house.chunk_ids(document) == before
    assert len(set(before)) == 5


def test_of_an_older_import_no_blob_is_left(house: House) -> None:
    document = house.has_file()
    house.work()
    lifecycle.retry(ADA, house.workspace.id, document.id, house)
    house.work()
    kept = {path.name for path in (house.folder / house.workspace.id / document.id).rglob("*")}
    assert kept == {"original", "run-2", "sections.jsonl"}


def test_whether_bytes_are_there_is_asked_without_a_copy_of_them(house: House) -> None:
    class NoCopies(FolderBlobs):
        def file(self, key: str) -> NoReturn:
            raise AssertionError(f"{key} is copied")

    document = house.has_file()
    house.work()
    house.blobs = NoCopies(house.folder, SignedLinks(b"secret" * 6))
    assert lifecycle.retry(ADA, house.workspace.id, document.id, house).status == "submitted"


def test_a_document_that_is_being_imported_is_not_tried_again(house: House) -> None:
    document = house.has_file()
    with pytest.raises(Conflict, match="submitted"):
        lifecycle.retry(ADA, house.workspace.id, document.id, house)


def test_a_document_without_bytes_is_not_tried_again(house: House) -> None:
    document = house.awaits()
    lifecycle.cancel(ADA, house.workspace.id, document.id, house)
    with pytest.raises(Conflict, match="never arrived"):
        lifecycle.retry(ADA, house.workspace.id, document.id, house)


def test_a_cancelled_import_leaves_nothing_but_the_original(house: House) -> None:
    document = house.has_long_file()
    house.model.before_batch = lambda _: lifecycle.cancel(ADA, house.workspace.id, document.id, house)
    house.work()
    assert house.again(document).status == "cancelled"
    assert list(house.left_of(document)) == [
        "documents",
        str(house.folder / f"{house.workspace.id}/{document.id}/original"),
    ]


def test_a_stop_is_heard_while_a_document_is_cut(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "LOOK_SECONDS", 0.0)
    document = house.has_long_file()
    house.after_state("parse", lambda: lifecycle.cancel(ADA, house.workspace.id, document.id, house))
    house.work()
    assert house.again(document).status == "cancelled"
    assert house.model.embedded == []


def test_what_is_not_being_imported_cannot_be_cancelled(house: House) -> None:
    document = house.has_file()
    house.work()
    with pytest.raises(Conflict, match="processed"):
        lifecycle.cancel(ADA, house.workspace.id, document.id, house)


@pytest.mark.parametrize("verb", [lifecycle.retry, lifecycle.cancel])
def test_only_editors_retry_and_cancel(house: House, verb) -> None:
    document = house.has_file()
    with pytest.raises(NotFound):
        verb(EVE, house.workspace.id, document.id, house)
    house.workspaces.set_grant(house.workspace.id, EVE.user.id, "viewer")
    with pytest.raises(Forbidden):
        verb(EVE, house.workspace.id, document.id, house)
    assert read.get(EVE, house.workspace.id, document.id, house).status == "submitted"
