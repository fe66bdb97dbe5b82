"""Paragraphs and rows gathered to sections under their headings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from kosha.ingestion.parsers.clean import clean
from kosha.ingestion.parsers.headings import Headings
from kosha.ingestion.parsers.parts import SECTION_CHARACTERS
from kosha.ingestion.parsers.table import row_lines
from kosha.model.section import Section


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or with `cells` a row of a table. level: of a heading, 0 the title."""

    text: str = ""
    level: int | None = None
    is_item: bool = False
    cells: list[str] | None = None


@dataclass(slots=True)
class Gathered:
    """Gathers blocks to sections. `rows` are of the table that is open."""

    headings: Headings = field(default_factory=Headings)
    paragraphs: list[str] = field(default_factory=list[str])
    rows: list[list[str]] = field(default_factory=list[list[str]])
    size: int = 0

    def take(self, block: Block) -> Iterator[Section]:
        """Read one more; give what it completes."""
        if block.cells is not None:
            yield from self._flush()
            self.rows.append([clean(cell).strip() for cell in block.cells])
            return
        yield from self._end_table()
        words = clean(block.text).strip()
        if not words:
            return
        if block.level is not None:
            yield from self._flush()
            self.headings.enter(block.level, words)
        elif self.size > SECTION_CHARACTERS:
            yield from self._flush()
        self.paragraphs.append(f"- {words}" if block.is_item else words)
        self.size += len(words) + 2

    def end(self) -> Iterator[Section]:
        """Give what was gathered."""
        yield from self._end_table()
        yield from self._flush()

    def _end_table(self) -> Iterator[Section]:
        rows, self.rows = [row for row in self.rows if any(row)], []
        if rows and max(map(len, rows)) > 1:
            yield Section("\n".join(row_lines(rows)), heading=self.headings.path, kind="table")
        elif rows:
            yield Section("\n\n".join(cell for row in rows for cell in row), heading=self.headings.path)

    def _flush(self) -> Iterator[Section]:
        gathered, self.paragraphs, self.size = self.paragraphs, [], 0
        if gathered:
            yield Section(joined(gathered), heading=self.headings.path)


def joined(paragraphs: Sequence[str]) -> str:
    """Paragraphs (one at least) as a text; items of a list stand close together."""
    text = [paragraphs[0]]
    for before, words in pairwise(paragraphs):
        text += ["\n" if before.startswith("- ") and words.startswith("- ") else "\n\n", words]
    return "".join(text)
