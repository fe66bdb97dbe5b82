"""Cutting sections into chunks."""

import re
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kosha.errors import Invalid
from kosha.ingestion.semantic import Subjects
from kosha.ingestion.split import STRATEGIES, SplitOptions, split
from kosha.model.section import Chunk, Section
from kosha.ports import Vectors

SENTENCE = "Every employee has twenty-five days of paid leave a year. "


def chunks(sections: Sequence[Section], **options: object) -> list[Chunk]:
    subjects = Subjects(letters, percentile=90)
    return list(split(sections, SplitOptions(**options), lambda text: len(text.split()), subjects))  # type: ignore[arg-type]


def letters(texts: Sequence[str]) -> Vectors:
    """Vectors by the letters that texts hold."""
    counts = np.array([[text.count(letter) + 0.01 for letter in "abcXY漢字กา"] for text in texts], np.float32)
    return counts / np.linalg.norm(counts, axis=1, keepdims=True)


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


TEXTS = st.text(st.sampled_from("abc XY.!?。,; \n\n漢字กา\u0301😀\u200d1")) | st.text(max_size=300)
SECTIONS = st.lists(
    st.builds(
        Section,
        text=TEXTS,
        page=st.sampled_from([None, 1, 2]),
        heading=st.sampled_from([None, "A", "A > B", "C"]),
        kind=st.sampled_from(["text", "table", "code"]),
    ),
    max_size=6,
)


@settings(max_examples=150, deadline=None)
@given(SECTIONS, st.sampled_from(STRATEGIES), st.integers(5, 60), st.integers(0, 4))
def test_no_letter_is_lost_and_order_is_kept(sections: list[Section], strategy: str, size: int, overlap: int) -> None:
    found = chunks(sections, strategy=strategy, chunk_size=size, chunk_overlap=overlap, child_size=size, parent_size=99)
    whole = squeezed("".join(section.text for section in sections))
    covered = 0
    for chunk in found:
        content = squeezed(chunk.content)
        start = max(whole.rfind(content, 0, covered + len(content)), -1)
        assert content
        assert 0 <= start <= covered
        covered = max(covered, start + len(content))
    assert covered == len(whole)


@settings(max_examples=100, deadline=None)
@given(SECTIONS, st.sampled_from(["recursive", "heading", "sentence", "semantic", "parent-child"]), st.integers(5, 60))
def test_no_chunk_is_longer_than_its_size(sections: list[Section], strategy: str, size: int) -> None:
    found = chunks(sections, strategy=strategy, chunk_size=size, chunk_overlap=3, child_size=size, parent_size=99)
    assert [chunk.index for chunk in found] == list(range(len(found)))
    assert all(len(chunk.content) <= size for chunk in found)


@settings(max_examples=50, deadline=None)
@given(SECTIONS)
def test_no_chunk_mixes_pages(sections: list[Section]) -> None:
    for chunk in chunks(sections, chunk_size=40, chunk_overlap=5):
        assert any(
            squeezed(chunk.content)[:1] in squeezed(section.text) for section in sections if section.page == chunk.page
        )


def test_a_long_text_is_cut_between_sentences_into_even_chunks() -> None:
    found = chunks([Section(SENTENCE * 50)], chunk_overlap=0)
    assert all(chunk.content.endswith("year.") and chunk.content.startswith("Every") for chunk in found)
    lengths = [len(chunk.content) for chunk in found]
    assert max(lengths) - min(lengths) <= 2 * len(SENTENCE)


def test_a_chunk_ends_at_a_paragraph_rather_than_in_one() -> None:
    paragraphs = "\n\n".join(SENTENCE.strip() + f" Paragraph {number}." + " More of it." * 20 for number in range(12))
    assert all(chunk.content.startswith("Every") for chunk in chunks([Section(paragraphs)], chunk_overlap=0))


def test_the_overlap_is_whole_sentences() -> None:
    first, second = chunks([Section(" ".join(f"Sentence number {n} is here." for n in range(60)))])[:2]
    shared = second.content.split(". ")[0]
    assert shared in first.content
    assert second.content.startswith("Sentence")
    assert 100 < sum(len(sentence) for sentence in second.content.split(". ") if sentence in first.content) <= 150


def test_headings_are_kept_and_small_sections_share_a_chunk_under_what_they_share() -> None:
    sections = [
        Section("Leave", heading="Leave"),
        Section("Parents\n\nThirty days.", heading="Leave > Parents"),
        Section("Sickness\n\nSix weeks.", heading="Leave > Sickness"),
        Section("Travel\n\n" + SENTENCE * 10, heading="Travel"),
    ]
    found = chunks(sections)
    assert found[0].content.startswith("Leave\n\nParents")
    assert found[0].heading in ("Leave", "Leave > Parents")
    assert [chunk.heading for chunk in chunks(sections, strategy="heading")] == [
        "Leave > Parents",
        "Leave > Sickness",
        "Travel",
    ]


def test_a_page_is_kept_to_its_chunks() -> None:
    found = chunks([Section(SENTENCE * 3, page=page) for page in (1, 2, 3)])
    assert [chunk.page for chunk in found] == [1, 2, 3]


def test_rows_of_a_table_stay_whole_and_are_not_repeated() -> None:
    rows = [f"Name: Employee {number}; Role: Engineer; City: London" for number in range(100)]
    found = chunks([Section("\n".join(rows), kind="table")])
    assert [row for chunk in found for row in chunk.content.split("\n")] == rows


def test_languages_without_spaces_are_cut_too() -> None:
    text = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。" * 40
    assert all(chunk.content.endswith("。") for chunk in chunks([Section(text)], chunk_size=200, chunk_overlap=0))
    assert max(len(chunk.content) for chunk in chunks([Section("ภาษาไทยไม่มีช่องว่าง" * 200)])) <= 1000


def test_a_letter_keeps_its_accents() -> None:
    found = chunks([Section("e\u0301" * 500)], chunk_size=101, chunk_overlap=0)
    assert all(not chunk.content.startswith("\u0301") for chunk in found)


def test_the_token_strategy_counts_tokens() -> None:
    found = chunks([Section(SENTENCE * 40)], strategy="token", chunk_size=50, chunk_overlap=0)
    assert all(len(chunk.content.split()) <= 50 for chunk in found)
    assert len(found[0].content.split()) > 35


def test_no_chunk_is_longer_than_the_embedders_window() -> None:
    text = "漢字" * 1000
    found = list(split([Section(text)], SplitOptions(window_tokens=100), len))
    assert max(len(chunk.content) for chunk in found) <= 100


def test_a_child_carries_the_passage_around_it() -> None:
    found = chunks([Section(SENTENCE * 60)], strategy="parent-child", parent_size=1000, child_size=200)
    assert all(chunk.complement and chunk.content in chunk.complement for chunk in found)
    assert {chunk.parent_index for chunk in found} == {0, 1, 2, 3}
    assert all(len(chunk.content) <= 200 and len(chunk.complement or "") <= 1000 for chunk in found)


@pytest.mark.parametrize("options", [{"strategy": "by-luck"}, {"chunk_overlap": 1000}, {"chunk_size": 0}])
def test_options_that_cannot_be_kept_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(Invalid, match="Choose"):
        chunks([Section("text")], **options)


def test_each_strategy_cuts_the_same_document_in_its_own_way() -> None:
    def chapter(number: int) -> Section:
        sentences = [f"{'abcXY'[(place // 9 + number) % 5] * 9} has rule {place}." for place in range(40)]
        paragraphs = "\n\n".join(" ".join(sentences[start : start + 10]) for start in range(0, 40, 10))
        return Section(f"Chapter {number}\n\n{paragraphs}", heading=f"Book > Chapter {number}")

    short = [Section(f"Note {number}\n\nShort.", heading=f"Book > Note {number}") for number in range(6)]
    sections = [*(chapter(number) for number in range(5)), *short]
    sizes = {"chunk_size": 400, "chunk_overlap": 60, "parent_size": 900, "child_size": 150}
    counts = {strategy: len(chunks(sections, strategy=strategy, **sizes)) for strategy in STRATEGIES}
    assert len(set(counts.values())) == len(STRATEGIES), counts
