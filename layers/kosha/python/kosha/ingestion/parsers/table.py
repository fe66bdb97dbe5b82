"""Rows of a table as lines that can be found and understood one by one."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from kosha.ingestion.parsers.clean import one_line
from kosha.ingestion.parsers.parts import SECTION_CHARACTERS
from kosha.model.section import Section

Row = Sequence[str]

_NUMBER = re.compile(r"(?=\D*\d)[\s$€£¥%()+\-–−.,'/:\d]*+[A-Za-z]{0,3}")
_YEAR = re.compile(r"(?:19|20)\d\d")
_LONGEST_COLUMN_NAME = 80
_MOST_TITLES = 6
HEAD_ROWS = 20  # so many of a table's first rows are looked at to find its header


def row_lines(rows: Iterable[Row], *, has_header: bool = False) -> Iterator[str]:
    """One line a row: "Name: Ada; Role: Engineer" under a header row, "Ada | Engineer" without one.

    Empty cells are left out, and rows without any. A row longer than its header keeps the rest as "Column 4: ...".
    has_header: the first row is known to be one; else it is looked for. Rows above it are titles. A table of a header
    alone is one line of its cells.
    """
    tidy = (row for row in ([one_line(cell) for cell in row] for row in rows) if any(row))
    head = list(islice(tidy, HEAD_ROWS))
    at = 0 if has_header and len(head) > 1 and len(set(filter(None, head[0]))) > 1 else header_index(head)
    if at is None:
        yield from (bare_row(row) for row in chain(head, tidy))
        return
    names = head[at]
    yield from (bare_row(row) for row in head[:at])
    yield from (named_row(names, row) for row in chain(head[at + 1 :], tidy))


def table_sections(lines: Iterable[str], *, heading: str | None = None) -> Iterator[Section]:
    """Sections of kind "table", each of whole lines and about SECTION_CHARACTERS long; one at a time is held."""
    gathered: list[str] = []
    size = 0
    for line in lines:
        gathered.append(line)
        size += len(line) + 1
        if size > SECTION_CHARACTERS:
            yield Section("\n".join(gathered), heading=heading, kind="table")
            gathered, size = [], 0
    if gathered:
        yield Section("\n".join(gathered), heading=heading, kind="table")


def may_be_heading(rows: Sequence[Row]) -> bool:
    """Whether these rows, with an empty one below them, may be the titles and header of the table that follows."""
    return len(rows) <= _MOST_TITLES and not any(_is_figure(cell) for row in rows for cell in row)


def bare_row(row: Row) -> str:
    """ "Ada | Engineer"; a cell that spans the whole row is said once."""
    cells = [cell for cell in row if cell]
    return " | ".join(cells[:1] if len(set(cells)) == 1 else cells)


def named_row(names: Row, row: Row) -> str:
    """ "name: value; name: value" of the cells that are not empty."""
    cells: list[str] = []
    for position, value in enumerate(row):
        if not value:
            continue
        name = names[position] if position < len(names) else f"Column {position + 1}"
        cells.append(f"{name.rstrip(':')}: {value}" if name and name != value else value)
    return "; ".join(cells)


def header_index(rows: Sequence[Row]) -> int | None:
    """Which of a table's first rows names the columns; those above it are titles. None where none does."""
    for index in range(min(_MOST_TITLES + 1, len(rows) - 1)):
        filled = _filled(rows[index])
        if all(2 * len(set(_filled(row))) <= len(filled) for row in rows[:index]) and _names_columns(rows[index:]):
            return index
    return None


def _names_columns(rows: Sequence[Row]) -> bool:
    """Whether the first of these rows is short, distinct, without figures, two cells at least, as wide as the rest."""
    first = _filled(rows[0])
    widest = max(len(_filled(row)) for row in rows)
    if len(first) < 2 or len(set(first)) < len(first) or len(first) < widest - 1:
        return False
    if sum(1 for cell in first if cell.endswith(":")) * 2 >= len(first):  # "Name: | Ada" is itself a pair
        return False
    return not any(len(cell) > _LONGEST_COLUMN_NAME or _is_figure(cell) for cell in first)


def _is_figure(cell: str) -> bool:
    """A number that is no year: years do name columns."""
    return is_number(cell) and not _YEAR.fullmatch(cell)


def _filled(row: Row) -> list[str]:
    return [cell for cell in row if cell]


def is_number(cell: str) -> bool:
    """A figure, a sum of money, a percentage, a date in figures."""
    return _NUMBER.fullmatch(cell) is not None
