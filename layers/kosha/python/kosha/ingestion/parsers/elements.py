"""Sections of what unstructured finds in a file: its elements as JSON (docs.unstructured.io, document elements)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from kosha.ingestion.languages import language_of
from kosha.ingestion.parsers.clean import clean, one_line
from kosha.ingestion.parsers.headings import Headings
from kosha.ingestion.parsers.parts import SECTION_CHARACTERS
from kosha.ingestion.parsers.seen import Inspection
from kosha.ingestion.parsers.source import Notes
from kosha.ingestion.parsers.table import row_lines, table_sections
from kosha.ingestion.parsers.untyped_xml import etree
from kosha.model.section import Parsed, Section

Element = dict[str, Any]

_REPEATED = frozenset({"Header", "Footer", "PageNumber", "PageBreak"})  # what stands on every page is no text of it
_APART = frozenset({"Title", "Table", "CodeSnippet"})  # what stands before them ends its section
_SAMPLE_SECTIONS = 20


def parsed(elements: Iterable[Element]) -> Parsed:
    """Sections, pages and language of a file's elements, in their order."""
    kept = list(elements)
    notes = Notes()
    inspection = Inspection(notes)
    sections = list(inspection.over(_sections(kept)))
    inspection.tell()
    pages = max((element["metadata"].get("page_number") or 0 for element in kept), default=0) or None
    return Parsed(
        sections, notes.warnings, pages, language_of("\n".join(section.text for section in sections[:_SAMPLE_SECTIONS]))
    )


def _sections(elements: Iterable[Element]) -> Iterator[Section]:
    headings, open_text = Headings(), _OpenText()
    for element in elements:
        kind, metadata = element["type"], element["metadata"]
        text = clean(element["text"]).strip()
        page = metadata.get("page_number")
        if kind in _REPEATED or not text:
            continue
        if kind in _APART or page != open_text.page or open_text.size > SECTION_CHARACTERS:
            yield from open_text.closed(headings.path)
            open_text = _OpenText(page)
        if kind == "Title":
            headings.enter((metadata.get("category_depth") or 0) + 1, text)
        if kind in _APART - {"Title"}:
            of_one = [Section(text, page, headings.path, "code")]
            yield from _table(element, text, headings.path, page) if kind == "Table" else of_one
        else:
            open_text.add(one_line(text) if kind == "Title" else text, is_item=kind == "ListItem")
    yield from open_text.closed(headings.path)


def _table(element: Element, text: str, heading: str | None, page: int | None) -> Iterator[Section]:
    html = element["metadata"].get("text_as_html")
    if not html:
        yield Section(text, page, heading)
        return
    rows = [row.xpath("./td|./th") for row in etree.HTML(html).iter("tr")]
    has_header = bool(rows) and bool(rows[0]) and all(cell.tag == "th" for cell in rows[0])
    lines = row_lines([["".join(cell.itertext()) for cell in row] for row in rows], has_header=has_header)
    for section in table_sections(lines, heading=heading):
        yield Section(section.text, page, heading, "table")


@dataclass(slots=True)
class _OpenText:
    """Paragraphs that lie on one page under one heading."""

    page: int | None = None
    size: int = 0
    _text: list[str] = field(default_factory=list[str])
    _after_item: bool = False

    def add(self, text: str, *, is_item: bool) -> None:
        """One more paragraph, or an item of a list, which stands on the line below the one before."""
        if self._text:
            self._text.append("\n" if is_item and self._after_item else "\n\n")
        self._text.append(f"- {text}" if is_item else text)
        self._after_item = is_item
        self.size += len(text)

    def closed(self, heading: str | None) -> Iterator[Section]:
        """As a section, where there is any text."""
        if self._text:
            yield Section("".join(self._text), self.page, heading)
