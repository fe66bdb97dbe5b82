"""Lines that were recognised on a page, in the order of reading."""

from kosha.ingestion.parsers.ocr import Line
from kosha.ingestion.parsers.pdf_lines import Words
from kosha.ingestion.parsers.reading_order import text_of

HEIGHT = 20.0


def across(text: str, left: float, row: int, width: float = 400.0) -> Line:
    """A line of print in the row of that number, from 0."""
    return Line(text, left, row * 30.0, left + width, row * 30.0 + HEIGHT)


def read(*lines: Line) -> list[str]:
    return text_of(lines, Words()).splitlines()


def test_columns_are_read_one_after_the_other() -> None:
    left = [across(f"Left {row}.", 50, row) for row in range(4)]
    right = [across(f"Right {row}.", 500, row) for row in range(4)]
    mixed = [line for pair in zip(right, left, strict=True) for line in pair]
    assert read(*mixed) == [f"Left {row}." for row in range(4)] + [f"Right {row}." for row in range(4)]


def test_a_title_over_both_columns_comes_first_and_one_below_parts_them() -> None:
    rows = [*range(1, 4), *range(5, 8)]
    columns = [across(f"{side} {row}.", x, row) for row in rows for side, x in (("L", 50), ("R", 500))]
    found = read(across("Title.", 50, 0, 850), *columns, across("Between.", 50, 4, 850))
    assert found == [
        "Title.", "L 1.", "L 2.", "L 3.", "R 1.", "R 2.", "R 3.",
        "Between.", "L 5.", "L 6.", "L 7.", "R 5.", "R 6.", "R 7.",
    ]  # fmt: skip


def test_three_columns_are_read_from_left_to_right() -> None:
    lines = [across(f"{x}-{row}", x, row, 250) for row in range(3) for x in (600, 0, 300)]
    assert read(*lines) == [f"{x}-{row}" for x in (0, 300, 600) for row in range(3)]


def test_the_cells_of_a_row_stay_together() -> None:
    cells = [across(f"{name}{row}", x, row, 60) for row in range(4) for name, x in (("Price", 400), ("Item", 50))]
    assert read(*cells) == [f"Item{row} Price{row}" for row in range(4)]


def test_boxes_that_overlap_a_little_are_one_row() -> None:
    assert read(Line("Second", 7, 12, 107, 50), Line("page", 88, 15, 169, 53)) == ["Second page"]


def test_a_row_of_a_table_is_never_joined_with_the_next() -> None:
    rows = [("Total Cholesterol in the morning", "higher than usual"), ("and then again", "in the evening")]
    lines = [
        across(cell, 600.0 * column, row, 300) for row, cells in enumerate(rows) for column, cell in enumerate(cells)
    ]
    assert read(*lines) == ["Total Cholesterol in the morning higher than usual", "and then again in the evening"]


def test_a_paragraph_is_joined_and_a_word_parted_at_a_line_end_is_whole_again() -> None:
    [paragraph] = read(
        across("The contract ends when one of the parties gives a reason-", 0, 0, 800),
        across("able notice in writing, and not before the end of a month.", 0, 1, 800),
    )
    assert paragraph.startswith("The contract ends when one of the parties gives a reasonable notice in writing")


def test_japanese_that_runs_down_is_read_from_right_to_left() -> None:
    columns = ["元来日本語は漢文に倣い", "文字を上から下へ", "進めて表記を行う"]
    lines = [Line(text, 300.0 - 40 * n, 0, 320.0 - 40 * n, 330) for n, text in enumerate(columns)]
    assert read(*reversed(lines)) == ["".join(columns)]


def test_a_page_without_lines_has_no_text() -> None:
    assert read() == []
