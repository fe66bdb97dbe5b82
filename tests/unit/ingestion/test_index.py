"""Embedding and staging: in slices, once, and onward from where a crash stopped it."""

import pytest
from tests.unit.ingestion.house import ADA, House

from kosha.errors import Unavailable
from kosha.ingestion import index, lifecycle, register
from kosha.model.page import PageOf


class Killed(BaseException):
    """Stands for kill -9: nothing of ours may catch it."""


def _kill_at(house: House, call: int) -> None:
    calls = 0

    def before_batch(_: object) -> None:
        nonlocal calls
        calls += 1
        if calls == call:
            raise Killed

    house.model.before_batch = before_batch


def test_an_import_that_was_killed_goes_on_where_it_stopped(house: House) -> None:
    document = house.has_long_file(70)
    _kill_at(house, 2)
    with pytest.raises(Killed):
        house.work()
    house.is_restarted()
    house.work()
    assert (house.again(document).status, house.again(document).vectors) == ("processed", 70)
    assert len(house.model.embedded) == 70  # none twice


def test_a_document_is_embedded_in_slices(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "SLICE_SECONDS", 0.0)
    document = house.has_long_file(70)
    house.work()
    assert len(house.texts(document)) == 70


def test_progress_is_told_while_it_is_made(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "PROGRESS_SECONDS", 0.0)
    document = house.has_long_file(70)
    seen: list[tuple[str | None, float]] = []
    house.model.before_batch = lambda _: seen.append((house.again(document).stage, house.again(document).progress))
    house.work()
    assert {stage for stage, _ in seen} == {"embed"}
    assert [progress for _, progress in seen] == sorted({progress for _, progress in seen})


def test_a_model_that_does_not_answer_is_asked_again(house: House) -> None:
    document = house.has_file()

    def fail_once(_: object) -> None:
        house.model.before_batch = lambda _: None
        raise Unavailable("The model does not answer.")

    house.model.before_batch = fail_once
    house.work()
    assert house.again(document).status == "processing"
    house.pass_time(seconds=3)
    house.work()
    assert house.again(document).status == "processed"


def test_a_model_that_never_answers_ends_in_an_error_that_can_be_retried(house: House) -> None:
    document = house.has_file()

    def fail(_: object) -> None:
        raise Unavailable("The model does not answer.")

    house.model.before_batch = fail
    for _ in range(7):
        house.work()
        house.pass_time(minutes=2)
    error = house.again(document).error
    assert error is not None
    assert (error.message, error.retryable) == ("The model does not answer.", True)
    assert house.staged_runs(document) == []


def test_what_the_model_reads_in_parts_is_told(house: House) -> None:
    pair = register.QnaUpload(question="How much leave " + "really " * 50 + "?", answer="25 days.")
    document = register.qna(ADA, house.workspace.id, pair, house)
    house.work()
    assert house.again(document).warnings == (
        "1 passage is longer than the model reads at once; it was embedded in parts.",
    )


def test_without_a_model_a_document_is_found_by_its_words_and_says_so(house: House) -> None:
    house.embedders.model = None
    document = house.has_file()
    house.work()
    kept = house.again(document)
    assert (kept.status, kept.vectors) == ("processed", 1)
    assert kept.warnings == ("Found by its words only, not by meaning: No weights were found.",)


def test_chunks_that_a_late_writer_of_an_older_run_staged_are_not_served(house: House) -> None:
    document = house.has_file()
    house.work()
    retried = lifecycle.retry(ADA, house.workspace.id, document.id, house)
    [chunk] = house.pgvector.chunks(house.workspace.id, document.id, PageOf()).items
    house.pgvector.stage(document, [chunk.model_copy(update={"index": 9, "content": "stale"})], None)
    house.work()
    assert house.again(retried).status == "processed"
    assert house.texts(document) == ["Leave is 25 days a year."]
    assert house.staged_runs(document) == []


def test_chunks_that_got_lost_before_they_were_served_are_staged_again(house: House) -> None:
    document = house.has_long_file(40)
    house.after_state("index", lambda: house.pgvector.discard(document.id))
    house.work()
    assert len(house.texts(document)) == 40
