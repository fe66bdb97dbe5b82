"""OpenDocument texts (.odt): paragraphs under their headings, lists, tables, notes, comments, headers and footers."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from kosha.errors import Rejected
from kosha.ingestion.parsers.clean import clean, one_line
from kosha.ingestion.parsers.gathered import joined
from kosha.ingestion.parsers.headings import Headings
from kosha.ingestion.parsers.numbers import whole
from kosha.ingestion.parsers.odt_text import OdtText
from kosha.ingestion.parsers.ooxml import Package, attribute, forget, local, opened
from kosha.ingestion.parsers.parts import SECTION_CHARACTERS
from kosha.ingestion.parsers.source import Notes, Source
from kosha.ingestion.parsers.table import row_lines
from kosha.ingestion.parsers.untyped_xml import Element
from kosha.model.section import Section

_BLOCKS = ("h", "p", "list", "table")
_WHOLE = frozenset({"h", "p", "list", "table", "tracked-changes", "master-styles", "forms"})
_MOST_REPEATED = 200


def read(source: Source, notes: Notes) -> Iterator[Section]:
    """Sections by heading. Footnotes and comments follow the paragraph they belong to."""
    with opened(source, "odt") as package:
        manifest = package.optional_xml("META-INF/manifest.xml")
        if manifest is not None and any(True for _ in manifest.iter("{*}encryption-data")):
            raise Rejected(
                f"{source.file_name!r} is protected by a password. Remove the protection and upload it again."
            )
        document = _Document(OdtText.of(package, notes.hidden))
        for block in package.stream("content.xml", *_BLOCKS):
            if not any(local(parent) in _WHOLE for parent in block.iterancestors()):
                yield from document.take(block)
                forget(block)
        yield from document.end()
        yield from _around(package, document.text)
        if package.names("Pictures/"):
            count = len(package.names("Pictures/"))
            notes.warn(f"Text inside pictures is not searchable; the file holds {count if count > 1 else 'one'}.")
        if package.damaged:
            notes.warn(f"Damaged parts of the file were left out: {', '.join(package.damaged[:10])}.")


@dataclass(slots=True)
class _Document:
    text: OdtText
    headings: Headings = field(default_factory=Headings)
    paragraphs: list[str] = field(default_factory=list[str])
    size: int = 0

    def take(self, block: Element) -> Iterator[Section]:
        name = local(block)
        if name == "table":
            yield from self.end()
            yield from self._table(block)
        elif name == "list":
            self._list(block)
        else:
            words, asides = self.text.paragraph(block)
            words = clean(words).strip()
            if name == "h" and words:
                yield from self.end()
                self.headings.enter(whole(attribute(block, "outline-level"), 1), words)
            elif self.size > SECTION_CHARACTERS:
                yield from self.end()
            self._add(words, *asides)

    def _add(self, *texts: str) -> None:
        for words in filter(None, texts):
            self.paragraphs.append(words)
            self.size += len(words) + 2

    def _list(self, block: Element) -> None:
        for item in block.iterchildren("{*}list-item", "{*}list-header"):
            for inner in item:
                if local(inner) == "list":
                    self._list(inner)
                elif local(inner) in ("p", "h"):
                    words, asides = self.text.paragraph(inner)
                    self._add(f"- {clean(words).strip()}" if words.strip() else "", *asides)

    def _table(self, table: Element) -> Iterator[Section]:
        asides: list[str] = []
        rows = [row for row in self._rows(table, asides) if any(row)]
        if max((sum(map(bool, row)) for row in rows), default=0) < 2:
            text = "\n\n".join(cell for row in rows for cell in row if cell)
            if text:
                yield Section(text, heading=self.headings.path)
        else:
            yield Section("\n".join(row_lines(rows)), heading=self.headings.path, kind="table")
        if asides:
            yield Section("\n\n".join(asides), heading=self.headings.path)

    def _rows(self, table: Element, asides: list[str]) -> Iterator[list[str]]:
        for row in table.iter("{*}table-row"):
            if next(parent for parent in row.iterancestors() if local(parent) == "table") is not table:
                continue
            cells: list[str] = []
            for cell in row.iterchildren("{*}table-cell", "{*}covered-table-cell"):
                times = whole(attribute(cell, "number-columns-repeated"), 1)
                cells.extend([self._cell(cell, asides)] * min(times, _MOST_REPEATED))
            yield cells

    def _cell(self, cell: Element, asides: list[str]) -> str:
        texts: list[str] = []
        for paragraph in cell.iter("{*}p", "{*}h"):
            words, more = self.text.paragraph(paragraph)
            texts.append(clean(words).strip())
            asides.extend(more)
        return "\n".join(filter(None, texts))

    def end(self) -> Iterator[Section]:
        """Give the paragraphs gathered under the present heading."""
        gathered, self.paragraphs, self.size = self.paragraphs, [], 0
        if gathered:
            yield Section(joined(gathered), heading=self.headings.path)


def _around(package: Package, text: OdtText) -> Iterator[Section]:
    """Headers and footers, each text once."""
    styles = package.optional_xml("styles.xml")
    seen: dict[str, None] = {}
    for part in styles.iter("{*}header", "{*}footer", "{*}header-left", "{*}footer-left") if styles is not None else ():
        for paragraph in part.iter("{*}p"):
            words = one_line(text.paragraph(paragraph)[0])
            if words and not words.isdecimal():
                seen[words] = None
    if seen:
        yield Section("\n".join(seen), heading="Header and footer")
