"""The order in which a person reads the lines of a page: columns one after the other, the cells of a row together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from kosha.ingestion.parsers.ocr import Line
from kosha.ingestion.parsers.paragraphs import unwrap
from kosha.ingestion.parsers.pdf_lines import Words, lines_of
from kosha.ingestion.parsers.writing import is_written_downwards

_FEWEST_LINES = 3  # of a column
_LONG = 6.0  # width by height of a line of running text; cells of tables are shorter
_MOST_ACROSS = 0.5  # of the lines may run over both columns: titles, pictures' captions
_SAME_ROW = 0.5  # of the smaller height
_BOX_MARGIN = 0.8  # of a line's height: boxes are drawn somewhat larger than what they hold
_PARAGRAPH_GAP = 0.8  # of a line's height
_FULL_COLUMN = 0.9
_CELL_GAP = 1.5  # of a line's height
_CELL_END = "\u241f"  # stands for white space that lines_of would take away
_TALL = 1.5
_LINE_END_HYPHEN = "\ufffe\n"  # as pdfium marks it; lines_of joins the word


@dataclass(frozen=True, slots=True)
class _Row:
    """Lines beside one another. starts_block: the row before stands in another column."""

    text: str
    top: float
    bottom: float
    starts_block: bool = False


def text_of(lines: Sequence[Line], words: Words) -> str:
    """Paragraphs of the page, parted by line ends; rows of a table stay lines.

    words: those met so far in the file; they tell whether a hyphen at a line's end belongs to the word.
    """
    if _runs_down(lines):
        return _downwards(lines)
    rows = [row for block in _blocks(list(lines)) for row in _rows(block)]
    whole = [line.replace(_CELL_END, "\t") for line in lines_of(_joined(rows), words)]
    return "\n".join(paragraph.replace("\t", " ") for paragraph in unwrap(whole))


def _runs_down(lines: Iterable[Line]) -> bool:
    down = "".join(line.text for line in lines if line.height > _TALL * line.width)
    across = sum(len(line.text) for line in lines if line.height <= _TALL * line.width)
    return len(down) > across and is_written_downwards(down)


def _downwards(lines: Sequence[Line]) -> str:
    """Columns of one line each, from right to left; one that ends early ends a paragraph."""
    end = max(line.bottom for line in lines)
    text = ""
    for line in sorted(lines, key=lambda line: (-line.right, line.top)):
        text += line.text if line.bottom > _FULL_COLUMN * end else line.text + "\n"
    return text.strip()


def _blocks(lines: list[Line]) -> list[list[Line]]:
    """Stretches of the page in reading order, none of which has columns of its own."""
    gutter = _gutter(lines)
    if gutter is None:
        return [lines]
    blocks: list[list[Line]] = []
    band: list[Line] = []
    across: list[Line] = []
    for line in sorted(lines, key=lambda line: line.top):
        is_across = line.left < gutter < line.right
        if is_across and band:
            blocks += _beside(band, gutter)
            band = []
        if not is_across and across:
            blocks.append(across)
            across = []
        (across if is_across else band).append(line)
    return [*blocks, *([across] if across else []), *(_beside(band, gutter) if band else [])]


def _beside(band: list[Line], gutter: float) -> list[list[Line]]:
    left = [line for line in band if line.right <= gutter]
    right = [line for line in band if line.right > gutter]
    return [block for side in (left, right) if side for block in _blocks(side)]


def _gutter(lines: Sequence[Line]) -> float | None:
    """Where white space parts two columns of running text; None where there is one column, or a table.

    The place that the fewest lines run over, and of those the one with most space around it.
    """
    best: tuple[int, float] | None = None
    place: float | None = None
    for candidate in sorted({line.right for line in lines}):
        left = [line for line in lines if line.right <= candidate]
        right = [line for line in lines if line.left > candidate]
        if not (_is_column(left) and _is_column(right)):
            continue
        crossing = len(lines) - len(left) - len(right)
        if crossing > _MOST_ACROSS * len(lines):
            continue
        space = min(line.left for line in right) - candidate
        if best is None or (crossing, -space) < best:
            best, place = (crossing, -space), candidate + space / 2
    return place


def _is_column(lines: Sequence[Line]) -> bool:
    return len(lines) >= _FEWEST_LINES and median(line.width / max(line.height, 1.0) for line in lines) >= _LONG


def _rows(block: Sequence[Line]) -> list[_Row]:
    """From top to bottom; what stands side by side is one row, from left to right."""
    rows: list[list[Line]] = []
    for line in sorted(block, key=lambda line: line.top + line.bottom):
        if rows and _is_beside(rows[-1], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [
        _Row(
            _beside_one_another(sorted(row, key=lambda line: line.left)),
            min(line.top for line in row),
            max(line.bottom for line in row),
            starts_block=number == 0,
        )
        for number, row in enumerate(rows)
    ]


def _beside_one_another(row: Sequence[Line]) -> str:
    text = row[0].text
    for before, line in pairwise(row):
        text += (_CELL_END if line.left - before.right > _CELL_GAP * line.height else " ") + line.text
    return text


def _is_beside(row: Sequence[Line], line: Line) -> bool:
    last = row[-1]
    overlap = min(last.bottom, line.bottom) - max(last.top, line.top)
    margin = _BOX_MARGIN * line.height
    is_clear = all(line.left > other.right - margin or line.right < other.left + margin for other in row)
    return is_clear and overlap > _SAME_ROW * min(last.height, line.height)


def _joined(rows: Sequence[_Row]) -> str:
    """Rows as lines of text, with an empty line where a paragraph seems to end."""
    if not rows:
        return ""
    height = median(row.bottom - row.top for row in rows)
    text = rows[0].text
    for before, row in pairwise(rows):
        if row.text[:1].islower() and _ends_in_hyphen(text):
            text = text[:-1] + _LINE_END_HYPHEN + row.text
        elif not row.starts_block and row.top - before.bottom > _PARAGRAPH_GAP * height:
            text += "\n\n" + row.text
        else:
            text += "\n" + row.text
    return text


def _ends_in_hyphen(text: str) -> bool:
    return text.endswith("-") and text[-2:-1].isalpha()
