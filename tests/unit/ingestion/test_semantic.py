"""Cutting where the subject changes."""

from collections.abc import Sequence

import numpy as np
import pytest
from tests.unit.ingestion.house import ADA, House

from kosha.errors import Cancelled, Unavailable
from kosha.ingestion import lifecycle, semantic
from kosha.ingestion.semantic import Subjects
from kosha.ingestion.split import SplitOptions, split
from kosha.ingestion.splitting import Cutter
from kosha.model.section import Chunk, Section
from kosha.model.workspace import ChunkOptions
from kosha.ports import Vectors

SUBJECTS = ("Cats sleep on the mat", "Stocks fall in the market", "Rain comes with the wind")


def by_subject(texts: Sequence[str]) -> Vectors:
    """A vector a subject, with a little of each sentence's own."""
    rows = [[float(subject in text) + len(text) * 1e-4 for subject in SUBJECTS] for text in texts]
    return (np.array(rows) / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def told(*subjects: int, sentences: int = 8) -> str:
    return " ".join(f"{SUBJECTS[subject]}, {number} times." for subject in subjects for number in range(sentences))


def cut(
    sections: Sequence[Section], *, percentile: int = 90, limit_sentences: int = 5000, **options: int
) -> list[Chunk]:
    subjects = Subjects(by_subject, percentile=percentile, limit_sentences=limit_sentences)
    chosen = SplitOptions(strategy="semantic", **{"chunk_size": 400, "chunk_overlap": 0, **options})
    return list(split(sections, chosen, subjects=subjects))


def test_a_text_is_cut_where_its_subject_changes() -> None:
    found = cut([Section(told(0, 1, 2))])
    assert [chunk.content for chunk in found] == [told(0), told(1), told(2)]


def test_the_lower_the_percentile_the_more_chunks() -> None:
    text = " ".join(f"{SUBJECTS[place % 3]}, {place}{'!' * (place % 5)} times." for place in range(90))
    counts = [len(cut([Section(text)], percentile=percentile, chunk_size=2000)) for percentile in (95, 80, 50)]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


def test_one_subject_that_is_longer_than_a_chunk_is_cut_by_its_size() -> None:
    found = cut([Section(told(0, sentences=60))])
    assert len(found) > 3
    assert max(len(chunk.content) for chunk in found) <= 400


def test_a_remark_in_between_is_no_chunk_of_its_own() -> None:
    text = f"{told(0)} {SUBJECTS[1]}. {told(0)}"
    assert all(len(chunk.content) >= 100 for chunk in cut([Section(text)]))


def test_pages_and_headings_part_as_with_every_strategy() -> None:
    found = cut([Section(told(0), page=1), Section(told(0), page=2), Section(told(0), page=2, heading="A")])
    assert [(chunk.page, chunk.heading) for chunk in found] == [(1, None), (2, None), (2, "A")]


@pytest.mark.parametrize("text", ["One sentence.", "Same. Same. Same. Same.", "", "  \n"])
def test_what_has_no_subjects_to_tell_apart_stays_together(text: str) -> None:
    assert [chunk.content for chunk in cut([Section(text)])] == ([text] if text.strip() else [])


def test_beyond_the_limit_a_document_is_cut_at_paragraphs() -> None:
    asked: list[str] = []

    def embed(texts: Sequence[str]) -> Vectors:
        asked.extend(texts)
        return by_subject(texts)

    subjects = Subjects(embed, percentile=90, limit_sentences=100)
    sections = [Section(told(0, 1), page=page) for page in range(400)]
    found = list(split(sections, SplitOptions(strategy="semantic"), subjects=subjects))
    assert subjects.is_over_limit
    assert len(asked) == 0  # the first stretch has more sentences than the limit
    assert {chunk.page for chunk in found} == set(range(400))


def test_a_long_document_is_read_a_stretch_at_a_time() -> None:
    taken = 0

    def sections() -> object:
        nonlocal taken
        for page in range(10_000):
            taken += 1
            yield Section(told(0, 1), page=page)

    subjects = Subjects(by_subject, percentile=90, limit_sentences=10**9)
    chunks = split(sections(), SplitOptions(strategy="semantic"), subjects=subjects)  # type: ignore[arg-type]
    next(chunks)
    assert taken < 300


def test_a_document_is_imported_by_meaning(house: House) -> None:
    house.workspace = house.has_workspace(chunking_strategy="semantic", chunk_size=1000)
    halves = "Aaa aa a. " * 8 + "Zz zzz z. " * 8
    document = house.has_file("halves.txt", halves.encode())
    house.work()
    assert house.again(document).status == "processed"
    assert [set(text.lower()) & set("az") for text in house.texts(document)] == [{"a"}, {"z"}]
    assert house.again(document).warnings == ()


def test_without_a_model_a_document_is_cut_between_sentences_and_says_so(house: House) -> None:
    house.workspace = house.has_workspace(chunking_strategy="semantic")
    house.embedders.model = None
    document = house.has_file("leave.txt", b"Leave is 25 days. " * 200)
    house.work()
    assert house.again(document).status == "processed"
    assert any("between sentences, not by meaning" in warning for warning in house.again(document).warnings)
    assert all(text.endswith("days.") for text in house.texts(document))


def test_without_a_model_tokens_are_not_counted_and_the_document_says_so(house: House) -> None:
    house.workspace = house.has_workspace(chunking_strategy="token")
    house.embedders.model = None
    document = house.has_file("leave.txt", b"Leave is 25 days. " * 200)
    house.work()
    assert any("by characters, not by tokens" in warning for warning in house.again(document).warnings)


def test_a_document_that_is_too_long_says_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Subjects.__init__, "__kwdefaults__", {"limit_sentences": 10})
    house.workspace = house.has_workspace(chunking_strategy="semantic")
    document = house.has_file("leave.txt", b"Leave is 25 days. " * 200)
    house.work()
    assert any("by meaning" in warning for warning in house.again(document).warnings)


def test_a_stop_is_heard_between_two_batches_of_sentences(house: House) -> None:
    calls = 0

    def check() -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise Cancelled("stopped")

    workspace = house.has_workspace(chunking_strategy="semantic", chunk_options=ChunkOptions(breakpoint_percentile=80))
    cutter = Cutter(workspace, house.model, check=check)
    with pytest.raises(Cancelled):
        list(cutter.chunks([Section("Leave is 25 days. " * 500)]))
    assert len(house.model.embedded) == 2 * semantic.BATCH


def test_a_model_that_is_away_while_sentences_are_compared_is_asked_again(house: House) -> None:
    house.workspace = house.has_workspace(chunking_strategy="semantic")
    document = house.has_file("leave.txt", b"Leave is 25 days. Travel is paid. " * 20)

    def fail_once(_: object) -> None:
        house.model.before_batch = lambda _: None
        raise Unavailable("The model does not answer.")

    house.model.before_batch = fail_once
    house.work()
    house.pass_time(seconds=3)
    house.work()
    assert house.again(document).status == "processed"


def test_a_stop_while_sentences_are_compared_ends_the_import(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kosha.ingestion.importing.LOOK_SECONDS", 0.0)
    house.workspace = house.has_workspace(chunking_strategy="semantic")
    document = house.has_file("leave.txt", b"Leave is 25 days. Travel is paid. " * 100)

    def stop_once(_: object) -> None:
        house.model.before_batch = lambda _: None
        lifecycle.cancel(ADA, house.workspace.id, document.id, house)

    house.model.before_batch = stop_once
    house.work()
    assert house.again(document).status == "cancelled"
    assert len(house.model.embedded) == semantic.BATCH
