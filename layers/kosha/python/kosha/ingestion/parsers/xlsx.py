"""Excel workbooks: each row of each sheet as a line with its column names."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from kosha.errors import TooLarge
from kosha.ingestion.parsers.charts import chart_lines, diagram_lines
from kosha.ingestion.parsers.clean import one_line
from kosha.ingestion.parsers.numbers import whole
from kosha.ingestion.parsers.ooxml import Package, attribute, damaged, forget, local, opened, tell_properties
from kosha.ingestion.parsers.source import Notes, Source
from kosha.ingestion.parsers.table import HEAD_ROWS, header_index, may_be_heading, table_sections
from kosha.ingestion.parsers.untyped_xml import Element
from kosha.ingestion.parsers.xlsx_values import Formats, column_number, rich_text, shared_strings
from kosha.model.section import Section

_NARROW_GAP = 2  # empty rows that may part a table from its header

Cells = dict[int, str]  # what a row shows, by column from 0; empty cells are not in it


def read(source: Source, notes: Notes) -> Iterator[Section]:
    """Sections of kind "table" by sheet, the sheet's name as heading."""
    with opened(source, "xlsx") as package:
        main = package.main_part("xl/workbook.xml")
        workbook = package.xml(main)
        relations = package.relations(main)
        book = _Book(source, package, workbook)
        for sheet in workbook.iter("{*}sheet"):
            name = one_line(attribute(sheet, "name") or "") or "Sheet"
            part = next((relations[value].target for value in sheet.attrib.values() if value in relations), None)
            if part is None or not package.has(part):
                raise damaged(source, f"its sheet {name!r} is missing")
            if (attribute(sheet, "state") or "visible") != "visible":
                notes.warn(f"The sheet {name!r} is hidden in the workbook; it was read too.")
            yield from table_sections(_lines(book, part), heading=name)
        book.tell(notes)


def _lines(book: "_Book", part: str) -> Iterator[str]:
    """A sheet's rows, then what lies on it: comments, charts, text boxes."""
    yield from named_lines(book.rows(part))
    yield from book.drawn(part)


class _Book:
    """A workbook open for reading, with what its cells refer to."""

    def __init__(self, source: Source, package: Package, workbook: Element) -> None:
        self._source = source
        self._package = package
        dates = next((attribute(mark, "date1904") for mark in workbook.iter("{*}workbookPr")), None)
        self._formats = Formats(package.optional_xml("xl/styles.xml"), dates_from_1904=dates in ("1", "true"))
        self._strings = shared_strings(package, "xl/sharedStrings.xml")
        self._cells = 0
        self._without_result = 0
        self._hides_rows = False

    def rows(self, part: str) -> Iterator[tuple[int, Cells]]:
        """(row number from 1, cells) of the rows that show something. Raises TooLarge beyond the limit of cells."""
        number = 0
        for row in self._package.stream(part, "row"):
            number = whole(attribute(row, "r"), number + 1)
            self._hides_rows = self._hides_rows or row.get("hidden") in ("1", "true")
            cells: Cells = {}
            column = -1
            for cell in row.iterchildren("{*}c"):
                column = column_number(cell.get("r"), column + 1)
                value = self._value(cell)
                if value:
                    cells[column] = value
            forget(row)
            self._cells += len(cells)
            if self._cells > self._source.limits.cells:
                raise TooLarge(
                    f"{self._source.file_name!r} has more than {self._source.limits.cells:,} filled cells. "
                    "Split it and upload the parts, or upload a CSV of what is needed."
                )
            if cells:
                yield number, cells

    def _value(self, cell: Element) -> str:
        kind = cell.get("t", "n")
        text = formula = None
        for child in cell:
            name = local(child)
            if name == "v":
                text = child.text
            elif name == "is":
                return rich_text(child)
            elif name == "f":
                formula = child
        if text is None:
            self._without_result += formula is not None
            return ""
        if kind == "s":
            index = whole(text.strip(), len(self._strings))
            return self._strings[index] if index < len(self._strings) else ""
        if kind == "b":
            return "TRUE" if text == "1" else "FALSE"
        return self._formats.shown(text, cell.get("s")) if kind == "n" else one_line(text)

    def drawn(self, part: str) -> Iterator[str]:
        """Comments, charts and text boxes of a sheet."""
        for relation in self._package.relations(part).values():
            root = self._package.optional_xml(relation.target) if relation.kind in _DRAWN else None
            if root is None:
                continue
            if relation.kind == "drawing":
                yield from diagram_lines(root)
                for inner in self._package.relations(relation.target).values():
                    if inner.kind == "chart":
                        yield from chart_lines(self._package.optional_xml(inner.target))
                continue
            for comment in root.iter("{*}comment", "{*}threadedComment"):
                words = one_line("".join(text.text or "" for text in comment.iter("{*}t", "{*}text")))
                if words:
                    yield f"[Comment on {attribute(comment, 'ref')}: {words}]"

    def tell(self, notes: Notes) -> None:
        if self._without_result:
            notes.warn(
                f"Formulas without a stored result are not searchable ({self._without_result} of them). "
                "Open the workbook in a spreadsheet program, save it, and upload it again."
            )
        if self._hides_rows:
            notes.warn("Some rows of the workbook are hidden; they were read too.")
        if self._formats.hides:
            notes.warn(
                f"Some cells are formatted so that nothing of them shows ({self._formats.hides} of them); they were "
                "read too."
            )
        tell_properties(self._package, notes)
        if self._package.damaged:
            notes.warn(f"Damaged parts of the file were left out: {', '.join(self._package.damaged[:10])}.")
        if self._package.pictures:
            notes.warn(self._package.about_pictures)


_DRAWN = frozenset({"drawing", "comments", "threadedComment"})


@dataclass(slots=True)
class _Block:
    """Rows that follow each other without an empty one between."""

    names: Cells = field(default_factory=dict[int, str])
    head: list[Cells] | None = field(default_factory=list[Cells])


def named_lines(rows: Iterable[tuple[int, Cells]]) -> Iterator[str]:
    """One line a row. A block's own header names its columns, else that of the block before if it is as wide."""
    block = _Block()
    last = 0
    for number, cells in rows:
        if number > last + 1 and not (number <= last + 1 + _NARROW_GAP and _waits_for_its_table(block)):
            yield from _opened_block(block)
            block = _Block(names=block.names)
        last = number
        if block.head is None:
            yield _line(block.names, cells)
            continue
        block.head.append(cells)
        if len(block.head) == HEAD_ROWS:
            yield from _opened_block(block)
    yield from _opened_block(block)


def _waits_for_its_table(block: _Block) -> bool:
    head = [list(cells.values()) for cells in block.head or []]
    return bool(head) and header_index(head) is None and may_be_heading(head)


def _opened_block(block: _Block) -> Iterator[str]:
    """Decide by a block's first rows what names its columns, and let them out."""
    head, block.head = block.head or [], None
    at = header_index([list(cells.values()) for cells in head])
    if at is not None:
        yield from (_line({}, cells) for cells in head[:at])
        block.names = head[at]
        head = head[at + 1 :]
    elif not all(cells.keys() <= block.names.keys() for cells in head):
        block.names = {}
    yield from (_line(block.names, cells) for cells in head)


def _line(names: Cells, cells: Cells) -> str:
    if not names or len(cells) < 2:
        return " | ".join(cells.values())
    named = ((names.get(column, ""), value) for column, value in sorted(cells.items()))
    return "; ".join(f"{name.rstrip(':')}: {value}" if name and name != value else value for name, value in named)
