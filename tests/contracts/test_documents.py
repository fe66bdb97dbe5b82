"""The contract of the port `Documents`."""

from datetime import datetime, timedelta

import pytest
from tests.contracts.examples import NOON, a_document, new_id
from tests.contracts.races import at_once

from kosha.errors import Conflict, Invalid, NotFound
from kosha.model.document import DocumentError
from kosha.model.page import PageOf
from kosha.ports import Documents


def test_a_document_comes_back_as_it_was_kept(documents: Documents) -> None:
    document = a_document(
        new_id(),
        title="Ünïcode 🙂",
        metadata={"year": 2026.0, "draft": True, "team": "hr"},
        error=DocumentError(code="broken", message="No.", retryable=False),
        warnings=("page 3 has no text",),
    )
    documents.add(document)
    assert documents.get(document.workspace_id, document.id) == document


@pytest.mark.parametrize("number", [0.1, -0.0, 1e-300, 1.7976931348623157e308, 123456789.123456789, 3.0])
def test_numbers_come_back_to_the_last_bit(documents: Documents, number: float) -> None:
    document = a_document(new_id(), metadata={"number": number}, progress=number, size_in_bytes=2**53)
    documents.add(document)
    kept = documents.get(document.workspace_id, document.id)
    assert (kept.progress, kept.metadata["number"]) == (number, number)
    assert kept.size_in_bytes == 2**53


def test_what_is_empty_or_absent_comes_back_as_that(documents: Documents) -> None:
    document = a_document(new_id(), title="", path="", metadata={"": "", "no": False}, error=None, warnings=("",))
    documents.add(document)
    assert documents.get(document.workspace_id, document.id) == document


def test_text_that_no_database_can_keep_is_kept_without_its_broken_characters(documents: Documents) -> None:
    document = a_document(new_id(), title="a\x00b\ud800c\\u0000", metadata={"k\x00": "v\x00"})
    documents.add(document)
    kept = documents.get(document.workspace_id, document.id)
    assert kept.title == "a\ufffdb\ufffdc\\u0000"
    assert kept.metadata == {"k\ufffd": "v\ufffd"}


def test_an_id_is_given_once(documents: Documents) -> None:
    document = a_document(new_id())
    documents.add(document)
    with pytest.raises(Conflict):
        documents.add(document.model_copy(update={"title": "Another"}))
    assert documents.get(document.workspace_id, document.id) == document


def test_a_document_of_another_workspace_is_not_found(documents: Documents) -> None:
    document = a_document(new_id())
    documents.add(document)
    with pytest.raises(NotFound):
        documents.get(new_id(), document.id)
    documents.remove(new_id(), document.id)
    assert documents.get(document.workspace_id, document.id) == document


def test_the_list_is_newest_first_without_sub_documents(documents: Documents) -> None:
    home = new_id()
    site = a_document(home, type="website", created_at=NOON)
    page = a_document(home, parent_id=site.id, created_at=NOON + timedelta(hours=1))
    newer = a_document(home, created_at=NOON + timedelta(hours=2))
    for document in (site, page, newer):
        documents.add(document)
    assert list(documents.of(home, PageOf()).items) == [newer, site]
    assert list(documents.of(home, PageOf(), parent_id=site.id).items) == [page]


def test_the_list_is_narrowed_by_type_and_status(documents: Documents) -> None:
    home = new_id()
    text = a_document(home, type="text", status="processed")
    failed = a_document(home, status="error")
    for document in (text, failed):
        documents.add(document)
    assert list(documents.of(home, PageOf(), type="text").items) == [text]
    assert list(documents.of(home, PageOf(), status="error").items) == [failed]
    assert list(documents.of(home, PageOf(), type="text", status="error").items) == []


def test_pages_hold_every_document_once_also_those_of_one_moment(documents: Documents) -> None:
    home = new_id()
    kept = [a_document(home) for _ in range(7)]
    for document in kept:
        documents.add(document)
    first = documents.of(home, PageOf(3))
    second = documents.of(home, PageOf(3, first.next_cursor))
    third = documents.of(home, PageOf(3, second.next_cursor))
    assert third.next_cursor is None
    seen = [document.id for page in (first, second, third) for document in page.items]
    assert sorted(seen) == sorted(document.id for document in kept)


def test_pages_of_a_narrowed_list_hold_every_document_that_fits_once(documents: Documents) -> None:
    home = new_id()
    for minute in range(12):
        status = "error" if minute % 3 == 0 else "processed"
        documents.add(a_document(home, status=status, created_at=NOON + timedelta(minutes=minute)))
    seen: list[datetime] = []
    cursor = None
    while True:
        page = documents.of(home, PageOf(3, cursor), status="error")
        seen += [document.created_at for document in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert seen == [NOON + timedelta(minutes=minute) for minute in (9, 6, 3, 0)]


def test_a_cursor_of_another_workspace_shows_nothing_of_it(documents: Documents) -> None:
    home, other = new_id(), new_id()
    for hour in range(3):
        documents.add(a_document(home, created_at=NOON + timedelta(hours=hour)))
    own = a_document(other, created_at=NOON - timedelta(hours=1))
    documents.add(own)
    cursor = documents.of(home, PageOf(1)).next_cursor
    assert list(documents.of(other, PageOf(10, cursor)).items) == [own]


@pytest.mark.parametrize("cursor", ["garbage", "WyJub3QgYSB0aW1lIiwieCJd"])
def test_a_malformed_cursor_is_the_callers_mistake(documents: Documents, cursor: str) -> None:
    with pytest.raises(Invalid):
        documents.of(new_id(), PageOf(10, cursor))


def test_a_record_is_replaced_while_its_status_and_run_stand(documents: Documents) -> None:
    document = a_document(new_id())
    documents.add(document)
    processing = document.model_copy(update={"status": "processing", "run": 1, "vectors": 9})
    assert documents.replace(document, processing)
    assert documents.get(document.workspace_id, document.id) == processing
    assert not documents.replace(document, document.model_copy(update={"status": "cancelled"}))
    assert documents.get(document.workspace_id, document.id) == processing


def test_a_record_that_was_changed_meanwhile_is_not_written_over(documents: Documents) -> None:
    document = a_document(new_id())
    documents.add(document)
    renamed = document.model_copy(update={"title": "Almanac", "updated_at": NOON + timedelta(milliseconds=1)})
    assert documents.replace(document, renamed)
    assert not documents.replace(document, document.model_copy(update={"progress": 0.5}))
    assert documents.get(document.workspace_id, document.id) == renamed


def test_of_many_moves_at_once_one_is_made(documents: Documents) -> None:
    document = a_document(new_id())
    documents.add(document)
    moves = [document.model_copy(update={"status": "processing", "run": run}) for run in range(1, 7)]
    outcomes = at_once([lambda move=move: documents.replace(document, move) for move in moves])
    assert sorted(outcomes) == [False] * 5 + [True]
    assert documents.get(document.workspace_id, document.id) == moves[outcomes.index(True)]


def test_a_removed_document_is_gone(documents: Documents) -> None:
    document = a_document(new_id())
    documents.add(document)
    documents.remove(document.workspace_id, document.id)
    documents.remove(document.workspace_id, document.id)
    with pytest.raises(NotFound):
        documents.get(document.workspace_id, document.id)
    assert not documents.replace(document, document)


def test_unfinished_are_those_submitted_or_processing_of_every_workspace(documents: Documents) -> None:
    statuses = ("awaiting", "submitted", "processing", "processed", "error", "cancelled")
    for status in statuses:
        documents.add(a_document(new_id(), status=status))
    assert {document.status for document in documents.unfinished()} == {"submitted", "processing"}


def test_a_change_that_search_does_not_follow_yet_is_unfinished(documents: Documents) -> None:
    document = a_document(new_id(), status="processed", change_pending=True)
    documents.add(document)
    assert documents.unfinished() == [document]
    assert documents.replace(document, document.model_copy(update={"change_pending": False}))
    assert documents.unfinished() == []


def test_what_has_ended_is_no_longer_unfinished(documents: Documents) -> None:
    document = a_document(new_id())
    documents.add(document)
    documents.replace(document, document.model_copy(update={"status": "error"}))
    assert documents.unfinished() == []
