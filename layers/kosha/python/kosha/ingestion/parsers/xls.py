"""Old Excel workbooks (.xls): each row of each sheet as a line with its column names."""

import struct
from collections.abc import Iterator
from io import StringIO
from typing import Any

import xlrd as _xlrd  # pyright: ignore[reportMissingTypeStubs] - it has none

from kosha.errors import Rejected, TooLarge
from kosha.ingestion.parsers.clean import one_line
from kosha.ingestion.parsers.source import Notes, Source
from kosha.ingestion.parsers.table import table_sections
from kosha.ingestion.parsers.xlsx import Cells, named_lines
from kosha.model.section import Section

xlrd: Any = _xlrd

# What xlrd raises for a damaged file, besides errors of its own.
_DAMAGE = (
    struct.error, IndexError, KeyError, ValueError, AssertionError, TypeError, AttributeError, OverflowError, OSError,
    LookupError,
)  # fmt: skip


def read(source: Source, notes: Notes) -> Iterator[Section]:
    """Sections of kind "table" by sheet, the sheet's name as heading."""
    book = _opened(source)
    counted = 0
    for index in range(book.nsheets):
        sheet = _sheet(source, book, index)
        name = one_line(sheet.name) or "Sheet"
        counted += sheet.nrows * sheet.ncols
        if counted > source.limits.cells:
            raise TooLarge(
                f"{source.file_name!r} has more than {source.limits.cells:,} cells. "
                "Split it and upload the parts, or upload a CSV of what is needed."
            )
        if sheet.visibility:
            notes.warn(f"The sheet {name!r} is hidden in the workbook; it was read too.")
        if any(row.hidden for row in sheet.rowinfo_map.values()) or any(
            column.hidden for column in sheet.colinfo_map.values()
        ):
            notes.warn(f"The sheet {name!r} has hidden rows or columns; they were read too.")
        yield from table_sections(_lines(book, sheet), heading=name)
        book.unload_sheet(index)


def _opened(source: Source) -> Any:
    with source.open() as file:
        content = file.read()
    try:
        return xlrd.open_workbook(file_contents=content, formatting_info=True, on_demand=True, logfile=StringIO())
    except (xlrd.XLRDError, xlrd.compdoc.CompDocError) as error:
        if "encrypted" in str(error).lower():
            raise Rejected(
                f"{source.file_name!r} is protected by a password. Remove the protection and upload it again."
            ) from error
        raise _damaged(source) from error
    except _DAMAGE as error:
        raise _damaged(source) from error


def _sheet(source: Source, book: Any, index: int) -> Any:
    try:
        return book.sheet_by_index(index)
    except (xlrd.XLRDError, *_DAMAGE) as error:
        raise _damaged(source) from error


def _damaged(source: Source) -> Rejected:
    return Rejected(
        f"{source.file_name!r} is damaged or cut off. Open it in a spreadsheet program, save it as .xlsx, and upload "
        "that."
    )


def _lines(book: Any, sheet: Any) -> Iterator[str]:
    """The rows, then the notes that hang on cells."""
    yield from named_lines(_rows(book, sheet))
    for (row, column), note in sorted(sheet.cell_note_map.items()):
        words = one_line(note.text)
        if words:
            yield f"[Comment on {_column(column)}{row + 1}: {words}]"


def _rows(book: Any, sheet: Any) -> Iterator[tuple[int, Cells]]:
    for number in range(sheet.nrows):
        cells: Cells = {}
        for column, cell in enumerate(sheet.row(number)):
            words = _shown(book, cell)
            if words:
                cells[column] = words
        if cells:
            yield number + 1, cells


def _shown(book: Any, cell: Any) -> str:
    """ "2024-03-01", "12.5%", "1234.5", "TRUE"; "" for an empty cell."""
    if cell.ctype == xlrd.XL_CELL_DATE:
        return _date(book, cell.value)
    if cell.ctype == xlrd.XL_CELL_NUMBER:
        code = book.format_map[book.xf_list[cell.xf_index].format_key].format_str if book.xf_list else ""
        return f"{cell.value * 100:.10g}%" if "%" in code else f"{cell.value:.15g}"
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return "TRUE" if cell.value else "FALSE"
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return xlrd.error_text_from_code.get(cell.value, "#ERROR")
    return one_line(str(cell.value))


def _date(book: Any, value: float) -> str:
    try:
        moment = xlrd.xldate.xldate_as_datetime(value, book.datemode)
    except (xlrd.xldate.XLDateError, ValueError, OverflowError):
        return f"{value:.15g}"
    if value < 1:
        return moment.strftime("%H:%M:%S")
    midnight = moment.hour == moment.minute == moment.second == 0
    return moment.date().isoformat() if midnight else moment.strftime("%Y-%m-%d %H:%M:%S")


def _column(number: int) -> str:
    letters = ""
    while number >= 0:
        letters = chr(65 + number % 26) + letters
        number = number // 26 - 1
    return letters
