"""A table of a web page: rows of its cells, whether it holds figures or only places text."""

from dataclasses import dataclass, field

from kosha.ingestion.parsers.clean import clean, one_line
from kosha.ingestion.parsers.numbers import whole
from kosha.ingestion.parsers.table import is_number, row_lines
from kosha.model.section import Kind

_LONGEST_CELL = 2000
_WIDEST_SPAN = 50
_CURRENCIES = frozenset({"$", "€", "£", "(", "$("})
_CLOSINGS = frozenset({")", "%", ")%"})


@dataclass(slots=True)
class HtmlTable:
    """A table that is open. `cell` gathers the words of the open cell, None between cells."""

    cell: list[str] | None = None
    _rows: list[list[str]] = field(default_factory=list[list[str]])
    _first_row_is_heads: bool = False
    _span: int = 1
    _is_head: bool = False

    def open_row(self) -> None:
        self.close_cell()
        self._rows.append([])

    def open_cell(self, colspan: str, *, is_head: bool) -> None:
        """A td or th begins; one that was left open ends."""
        self.close_cell()
        if not self._rows:
            self._rows.append([])
        if len(self._rows) == 1:
            self._first_row_is_heads = is_head and (self._first_row_is_heads or not self._rows[0])
        self._span = min(max(1, whole(colspan, 1)), _WIDEST_SPAN)
        self._is_head = is_head
        self.cell = []

    def close_cell(self) -> None:
        """End the open cell. A head over several columns names each of them."""
        if self.cell is None:
            return
        text = "".join(self.cell)
        self._rows[-1].extend([text, *[text if self._is_head else ""] * (self._span - 1)])
        self.cell = None

    def text(self) -> tuple[str, Kind]:
        """Rows as lines, or paragraphs where the table only served to place text."""
        self.close_cell()
        rows = [row for row in self._rows if any(one_line(cell) for cell in row)]
        widest = max((sum(1 for cell in row if cell.strip()) for row in rows), default=0)
        if widest < 2 or any(len(cell) > _LONGEST_CELL for row in rows for cell in row):
            return "\n\n".join(clean(cell).strip() for row in rows for cell in row if cell.strip()), "text"
        tidy = [_joined_figures([one_line(cell) for cell in row]) for row in rows]
        return "\n".join(row_lines(tidy, has_header=self._first_row_is_heads)), "table"


def _joined_figures(row: list[str]) -> list[str]:
    """Filings put "$", "(", ")" and "%" of a figure into cells of their own; here they join their figure."""
    joined: list[str] = []
    for cell in row:
        before = joined[-1] if joined else ""
        closes = cell in _CLOSINGS and is_number(before.lstrip("("))
        if cell and (before in _CURRENCIES or closes):
            joined[-1] = before + cell
        else:
            joined.append(cell)
    return joined
