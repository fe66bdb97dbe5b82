"""Nouns of reading: the sections a parser finds in a file, and the chunks a splitter makes of them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "table", "code"]


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of a document that lies on one page under one heading.

    text: NFC, without control characters; "\\n" ends a line that stands for itself (a paragraph, a list item, a row),
        a blank line parts paragraphs. A heading's own words open the text of its section.
    page: PDF page or slide, from 1; None where the format has no pages.
    heading: the path of headings down to this one, joined by " > "; a sheet's name in a workbook.
    kind: in a "table" each line is one row that carries its column names; "code" keeps its indentation.
    """

    text: str
    page: int | None = None
    heading: str | None = None
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a parser found in one file.

    sections: in reading order; may be iterated several times, and may lie on disk.
    warnings: sentences for the person who uploaded the file, one per thing that is not searchable or was guessed.
    pages: pages or slides of the file; None where the format has none.
    language: ISO 639-1 code, None where it cannot be told.
    """

    sections: Collection[Section]
    warnings: tuple[str, ...] = ()
    pages: int | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class ParseLimits:
    """What one file may cost. Beyond a limit the file is refused with the figure, never cut in silence."""

    characters: int = 200_000_000
    pages: int = 20_000
    cells: int = 5_000_000
    unpacked_bytes: int = 1024 * 2**20
    unpack_ratio: int = 200  # deflate reaches about 1000; honest Office files stay under 60
    depth: int = 200
    warnings: int = 50
    pixels: int = 100_000_000  # of one picture; an A3 page at 600 dots an inch has 70 million
    ocr_page_seconds: int = 120  # a page takes some five on a processor of its own
    ocr_seconds: int = 3000


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage that is embedded, searched and cited.

    index: from 0 in the order of the document. content: what is embedded and quoted.
    complement: what a model is given besides: the parent passage, or the answer to a question.
    parent_index: from 0; children of one parent share it.
    """

    index: int
    content: str
    page: int | None = None
    heading: str | None = None
    complement: str | None = None
    parent_index: int | None = None
