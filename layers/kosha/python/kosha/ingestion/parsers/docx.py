"""Word documents: paragraphs under their headings, tables, text boxes, notes, comments, headers and charts."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from kosha.ingestion.parsers.charts import chart_lines, diagram_lines
from kosha.ingestion.parsers.clean import clean, one_line
from kosha.ingestion.parsers.docx_styles import Styles
from kosha.ingestion.parsers.docx_text import Notepad, ParagraphText, paragraph_text
from kosha.ingestion.parsers.gathered import joined
from kosha.ingestion.parsers.headings import Headings
from kosha.ingestion.parsers.numbers import whole
from kosha.ingestion.parsers.ooxml import Package, attribute, forget, local, opened, tell_properties
from kosha.ingestion.parsers.parts import SECTION_CHARACTERS
from kosha.ingestion.parsers.source import Notes, Source
from kosha.ingestion.parsers.table import row_lines
from kosha.ingestion.parsers.untyped_xml import Element
from kosha.model.section import Section

_DEEPEST_TABLE = 10
_WIDEST_SPAN = 100


def read(source: Source, notes: Notes) -> Iterator[Section]:
    """Sections by heading. Footnotes and comments follow the paragraph they belong to."""
    with opened(source, "docx") as package:
        main = package.main_part("word/document.xml")
        styles = Styles(package.optional_xml("word/styles.xml"))
        document = _Document(styles, Notepad.of(package, notes.hidden, styles.hidden))
        for block in package.stream(main, "p", "tbl"):
            if _is_top(block):
                yield from document.take(block)
                forget(block)
        yield from document.end()
        yield from _around(package, document.pad)
        tell_properties(package, notes)
        _tell(package, notes)


def _is_top(block: Element) -> bool:
    """Not inside a paragraph, a table or a text box, which are read as a whole."""
    return not any(local(parent) in ("p", "tbl", "txbxContent") for parent in block.iterancestors())


@dataclass(slots=True)
class _Document:
    styles: Styles
    pad: Notepad
    headings: Headings = field(default_factory=Headings)
    paragraphs: list[str] = field(default_factory=list[str])
    size: int = 0

    def take(self, block: Element) -> Iterator[Section]:
        if local(block) == "tbl":
            yield from self.end()
            yield from self._table(block)
            return
        paragraph = paragraph_text(block, self.pad)
        level = self.styles.level(block)
        title = one_line(paragraph.text)
        if level is not None and title:
            yield from self.end()
            self.headings.enter(level, title)
        elif self.size > SECTION_CHARACTERS:
            yield from self.end()
        self._add(paragraph, is_item=level is None and self.styles.is_item(block))

    def _add(self, paragraph: ParagraphText, *, is_item: bool) -> None:
        text = clean(paragraph.text).strip()
        for words in (f"- {text}" if is_item and text else text, *paragraph.asides):
            if words:
                self.paragraphs.append(words)
                self.size += len(words) + 2

    def _table(self, table: Element) -> Iterator[Section]:
        rows, asides = _rows(table, self.pad)
        is_box = max((len(row) for row in rows), default=0) < 2  # around paragraphs
        text = "\n\n".join(cell for row in rows for cell in row if cell) if is_box else "\n".join(row_lines(rows))
        if text:
            yield Section(text, heading=self.headings.path, kind="text" if is_box else "table")
        if asides:
            yield Section("\n\n".join(asides), heading=self.headings.path)

    def end(self) -> Iterator[Section]:
        """Give the paragraphs gathered under the present heading."""
        gathered, self.paragraphs, self.size = self.paragraphs, [], 0
        if gathered:
            yield Section(joined(gathered), heading=self.headings.path)


def _rows(table: Element, pad: Notepad, depth: int = 0) -> tuple[list[list[str]], list[str]]:
    """(rows of cells, asides). A cell that another one covers from above repeats its text."""
    rows: list[list[str]] = []
    asides: list[str] = []
    for row in table.iter("{*}tr"):
        if _owner(row, "tbl") is not table:
            continue
        cells: list[str] = []
        for cell in row.iter("{*}tc"):
            if _owner(cell, "tr") is not row:
                continue
            text = _cell_text(cell, pad, asides, depth)
            if _is_covered(cell) and rows and len(cells) < len(rows[-1]):
                text = rows[-1][len(cells)]
            cells.append(text)
            cells.extend([""] * (_span(cell) - 1))
        rows.append(cells)
    return rows, asides


def _owner(element: Element, name: str) -> Element | None:
    return next((parent for parent in element.iterancestors() if local(parent) == name), None)


def _cell_text(cell: Element, pad: Notepad, asides: list[str], depth: int) -> str:
    parts: list[str] = []
    for block in cell.iter("{*}p", "{*}tbl"):
        if _owner(block, "tc") is not cell or _owner(block, "txbxContent") is not None:
            continue
        if local(block) == "p":
            paragraph = paragraph_text(block, pad)
            parts.append(clean(paragraph.text).strip())
            asides.extend(paragraph.asides)
        elif depth < _DEEPEST_TABLE:
            inner, more = _rows(block, pad, depth + 1)
            parts.extend(row_lines(inner))
            asides.extend(more)
        else:
            parts.extend(paragraph_text(paragraph, pad).text for paragraph in block.iter("{*}p"))
    return "\n".join(filter(None, parts))


def _span(cell: Element) -> int:
    for span in cell.iterfind("{*}tcPr/{*}gridSpan"):
        return min(max(1, whole(attribute(span, "val"), 1)), _WIDEST_SPAN)
    return 1


def _is_covered(cell: Element) -> bool:
    return any(attribute(merge, "val") != "restart" for merge in cell.iterfind("{*}tcPr/{*}vMerge"))


def _around(package: Package, pad: Notepad) -> Iterator[Section]:
    """Headers and footers (each text once), charts and diagrams, after the text they surround."""
    seen: dict[str, None] = {}
    for name in (*package.names("word/header", ".xml"), *package.names("word/footer", ".xml")):
        root = package.optional_xml(name)
        if root is not None:
            for paragraph in root.iter("{*}p"):
                words = one_line(paragraph_text(paragraph, pad).text)
                if words and not words.isdecimal():
                    seen[words] = None
    if seen:
        yield Section("\n".join(seen), heading="Header and footer")
    for name in package.names("word/charts/chart", ".xml"):
        lines = chart_lines(package.optional_xml(name))
        if lines:
            yield Section("\n".join(lines), heading="Chart", kind="table")
    for name in package.names("word/diagrams/data", ".xml"):
        lines = diagram_lines(package.optional_xml(name))
        if lines:
            yield Section("\n".join(lines), heading="Diagram")


def _tell(package: Package, notes: Notes) -> None:
    if package.damaged:
        notes.warn(f"Damaged parts of the file were left out: {', '.join(package.damaged[:10])}.")
    if package.pictures:
        notes.warn(package.about_pictures)
    embedded = [name for name in package.names("word/embeddings/") if not name.endswith((".xlsx", ".xlsb"))]
    if embedded:
        notes.warn(f"Files embedded in the document were not read ({len(embedded)}); upload them on their own.")
