"""The smallest parts that a chunk is made of: sentences, rows, lines of code, and parts of those that are too long."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from kosha.ingestion.parsers.headings import SEPARATOR
from kosha.model.section import Kind, Section
from kosha.sentences import Span, sentence_spans

Measure = Callable[[str], float]
"""How much of a chunk a text fills: 1.0 is a whole one."""

INSIDE, SENTENCE, PARAGRAPH, SECTION = range(4)  # how good a place to cut is, before a piece

_LINE = re.compile(r"[^\n]*\S[^\n]*")
_GOOD_CUTS = (
    re.compile(r"(?<=[;；])\s"),
    re.compile(r"(?<=[,:،，、：)\]])\s?|\s(?=[–—(\[])"),
    re.compile(r"\s|(?<=\u200b)"),
)
_JOINERS = frozenset({"\u200d", "\u200c"})


@dataclass(frozen=True, slots=True)
class Piece:
    """text: verbatim. gap: the white space that parts it from the piece before. cut: how good a cut before it is."""

    text: str
    gap: str
    cut: int
    fill: float
    page: int | None
    heading: str | None
    kind: Kind

    @property
    def is_its_heading(self) -> bool:
        """Whether it only says the heading that it stands under."""
        return self.heading is not None and self.heading.rpartition(SEPARATOR)[2] == self.text


def text_of(pieces: Sequence[Piece]) -> str:
    """The pieces as they stood; white space before the first is dropped."""
    return pieces[0].text + "".join(piece.gap + piece.text for piece in pieces[1:])


def pieces_of(section: Section, measure: Measure) -> Iterator[Piece]:
    """A section's pieces in order, none fuller than one chunk. Together they hold all but white space."""
    spans = sentence_spans(section.text) if section.kind == "text" else _line_spans(section)
    before = 0
    gap, cut = ("\n" if section.kind == "table" else "\n\n"), SECTION
    for start, end in spans:
        if before:
            gap = section.text[before:start]
            cut = _cut_at(gap, section.kind)
        whole = section.text[start:end]
        fill = measure(gap + whole)
        if fill <= 1:
            yield Piece(whole, gap, cut, fill, section.page, section.heading, section.kind)
            before = end
            continue
        for inner_start, inner_end in _fitting(section.text, start, end, measure):
            if inner_start > start:
                gap, cut = section.text[before:inner_start], INSIDE
            text = section.text[inner_start:inner_end]
            yield Piece(text, gap, cut, measure(gap + text), section.page, section.heading, section.kind)
            before = inner_end


def _cut_at(gap: str, kind: Kind) -> int:
    if kind == "code":
        return PARAGRAPH if gap.count("\n") > 1 else SENTENCE
    return PARAGRAPH if "\n" in gap else SENTENCE


def _line_spans(section: Section) -> Iterator[Span]:
    for line in _LINE.finditer(section.text):
        yield line.start(), line.end()


def _fitting(text: str, start: int, end: int, measure: Measure) -> Iterator[Span]:
    """The stretch itself, or where it is fuller than a chunk, parts of it that are not."""
    while start < end:
        fill = measure(text[start:end])
        if fill <= 1:
            yield start, end
            return
        cut = start + max(1, int((end - start) / fill * 0.95))
        while True:
            stop = _cut_before(text, start, cut)
            if stop - start <= 1 or measure(text[start:stop]) <= 1:
                break
            cut = start + max(1, (cut - start) * 3 // 4)
        yield start, _without_space(text, start, stop)
        start = stop
        while start < end and text[start].isspace():
            start += 1


def _cut_before(text: str, start: int, latest: int) -> int:
    """The best place to cut a long sentence in (start, latest]: after a pause, between words, between letters."""
    for share, mark in zip((0.6, 0.6, 0.3), _GOOD_CUTS, strict=True):
        earliest = start + int((latest - start) * share)
        places = [found.end() for found in mark.finditer(text, max(start + 1, earliest), latest)]
        if places and places[-1] > start:
            return places[-1]
    cut = latest
    while cut > start + 1 and _sticks_to_the_letter_before(text, cut):
        cut -= 1
    return cut


def _sticks_to_the_letter_before(text: str, position: int) -> bool:
    """Accents, vowel signs, joined emoji: what would change a letter by standing alone."""
    if position >= len(text):
        return False
    letter = text[position]
    return letter in _JOINERS or text[position - 1] in _JOINERS or unicodedata.category(letter) in ("Mn", "Mc", "Me")


def _without_space(text: str, start: int, end: int) -> int:
    while end > start + 1 and text[end - 1].isspace():
        end -= 1
    return end
