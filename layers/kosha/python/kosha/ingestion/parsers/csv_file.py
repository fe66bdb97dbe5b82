"""Comma-, semicolon-, tab- or pipe-separated values: one line a row, with its column names."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from kosha.ingestion.parsers.clean import one_line
from kosha.ingestion.parsers.decode import text_blocks
from kosha.ingestion.parsers.source import Notes, Source, agree, numbered
from kosha.ingestion.parsers.table import HEAD_ROWS, Row, bare_row, header_index, named_row, table_sections
from kosha.model.section import Section

_DELIMITERS = ",;\t|"
_SAMPLE_ROWS = 50
_LONGEST_FIELD = 2**20
_RAGGED_ROWS_NAMED = 20


def read(source: Source, notes: Notes) -> Iterator[Section]:
    """Sections of kind "table". Rows longer or shorter than the header are kept and told of."""
    csv.field_size_limit(_LONGEST_FIELD)
    lines = _lines(text_blocks(source, notes))
    sample = list(islice(lines, _SAMPLE_ROWS))
    rows = _rows(chain(sample, lines), _delimiter(sample), notes)
    yield from table_sections(_named(rows, notes))


def _lines(blocks: Iterable[str]) -> Iterator[str]:
    """Lines with their ends; one without end is let out in pieces, so that it cannot fill the memory."""
    rest = ""
    for block in blocks:
        *whole, rest = (rest + block).splitlines(keepends=True) or [""]
        if rest.endswith("\n"):
            whole, rest = [*whole, rest], ""
        yield from (line.replace("\0", "") for line in whole)
        if len(rest) > 4 * _LONGEST_FIELD:
            yield rest
            rest = ""
    if rest:
        yield rest.replace("\0", "")


def _delimiter(sample: Sequence[str]) -> str:
    """The mark that parts the sample's rows into the steadiest number of columns, the more the better."""

    def steadiness(mark: str) -> tuple[float, int]:
        widths = Counter(len(row) for row in _rows(sample, mark, Notes()) if row)
        width, rows = max(widths.items(), key=lambda item: (item[0] > 1, item[1], item[0]), default=(1, 0))
        return (rows / max(1, widths.total()) if width > 1 else 0.0, width)

    return max(_DELIMITERS, key=steadiness)


def _rows(lines: Iterable[str], delimiter: str, notes: Notes) -> Iterator[Row]:
    """Rows by the csv module; from a quote that never closes on, plain lines."""
    lines = iter(lines)
    try:
        yield from csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    except csv.Error:
        notes.warn(
            "A cell is longer than a million characters or a quotation mark is never closed; "
            "the rows from there on may be parted wrongly, and that cell is not searchable."
        )
        yield from (line.rstrip("\r\n").split(delimiter) for line in lines)


def _named(rows: Iterable[Row], notes: Notes) -> Iterator[str]:
    tidy = (row for row in ([one_line(cell) for cell in row] for row in rows) if any(row))
    head = list(islice(tidy, HEAD_ROWS))
    at = header_index(head)
    names = head[at] if at is not None else []
    width = len(names or next(iter(head), ()))
    ragged: list[int] = []
    count = 0
    for number, row in enumerate(chain(head, tidy)):
        if at is not None and number <= at:
            if number < at:
                yield bare_row(row)
            continue
        if len(row) != width:
            count += 1
            if len(ragged) < _RAGGED_ROWS_NAMED:
                ragged.append(number + 1)
        yield named_row(names, row) if names else bare_row(row)
    if ragged:
        more = f" and {count - len(ragged)} more" if count > len(ragged) else ""
        notes.warn(
            f"{numbered('Row', ragged)}{more} {agree(count, 'has', 'have')} another number of cells than "
            f"the first ({width}); all cells were kept, but they may stand under the wrong column."
        )
