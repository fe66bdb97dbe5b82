"""Rows of a table as lines that can be found and understood one by one."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from kosha.ingestion.parsers.clean import one_line

Row = Sequence[str]

_NUMBER = re.compile(r"[\s$€£¥%()+\-–−.,'/:\d]*\d[\s$€£¥%()+\-–−.,'/:\d]*[A-Za-z]{0,3}")
_LONGEST_COLUMN_NAME = 80


def row_lines(rows: Iterable[Row], *, has_header: bool | None = None) -> Iterator[str]:
    """One line a row: "Name: Ada; Role: Engineer" under a header row, "Ada | Engineer" without one.

    Empty cells are left out, and rows without any. A row longer than its header keeps the rest as "Column 4: ...".
    has_header: None looks at the first rows. A table of a header alone is one line of its cells.
    """
    tidy = (row for row in ([one_line(cell) for cell in row] for row in rows) if any(row))
    head = list(islice(tidy, 20))
    if has_header is None:
        has_header = looks_like_header(head)
    if not has_header or len(head) < 2:
        yield from (" | ".join(filter(None, row)) for row in chain(head, tidy))
        return
    names = head[0]
    yield from (named_row(names, row) for row in chain(head[1:], tidy))


def named_row(names: Row, row: Row) -> str:
    """ "name: value; name: value" of the cells that are not empty."""
    cells: list[str] = []
    for position, value in enumerate(row):
        if not value:
            continue
        name = names[position] if position < len(names) else f"Column {position + 1}"
        cells.append(f"{name.rstrip(':')}: {value}" if name and name != value else value)
    return "; ".join(cells)


def looks_like_header(rows: Sequence[Row]) -> bool:
    """Whether the first of these rows names the columns: short, distinct, no numbers, at least two, and as wide."""
    if len(rows) < 2:
        return False
    first = [cell for cell in rows[0] if cell]
    widest = max(sum(1 for cell in row if cell) for row in rows)
    if len(first) < 2 or len(set(first)) < len(first) or len(first) < widest - 1:
        return False
    return not any(is_number(cell) or len(cell) > _LONGEST_COLUMN_NAME for cell in first)


def is_number(cell: str) -> bool:
    """A figure, a sum of money, a percentage, a date in figures."""
    return _NUMBER.fullmatch(cell) is not None
