"""Old Excel workbooks."""

import datetime as dt
import io
from pathlib import Path
from typing import Any

import xlwt  # pyright: ignore[reportMissingTypeStubs] - it has none
from tests.unit.ingestion.parsers.files import parsed, refusal, text_of

from kosha.model.section import ParseLimits


def workbook() -> bytes:
    book: Any = xlwt.Workbook()
    sheet = book.add_sheet("People")
    date = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    percent = xlwt.easyxf(num_format_str="0.0%")
    for column, name in enumerate(("Name", "Since", "Share", "Full time")):
        sheet.write(0, column, name)
    sheet.write(1, 0, "Ada")
    sheet.write(1, 1, dt.date(2024, 3, 1), date)
    sheet.write(1, 2, 0.125, percent)
    sheet.write(1, 3, True)
    hidden = book.add_sheet("Secrets")
    hidden.write(0, 0, "hidden words")
    hidden.visibility = 1
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_rows_carry_their_column_names_and_values_as_shown(tmp_path: Path) -> None:
    found = parsed(tmp_path, "a.xls", workbook())
    assert "Name: Ada; Since: 2024-03-01; Share: 12.5%; Full time: TRUE" in text_of(found)
    assert [section.heading for section in found.sections] == ["People", "Secrets"]


def test_a_hidden_sheet_is_read_and_told(tmp_path: Path) -> None:
    found = parsed(tmp_path, "a.xls", workbook())
    assert "hidden words" in text_of(found)
    assert "The sheet 'Secrets' is hidden" in found.warnings[0]


def test_more_cells_than_the_limit_are_refused(tmp_path: Path) -> None:
    assert "more than 5 cells" in refusal(tmp_path, "a.xls", workbook(), ParseLimits(cells=5))


def test_a_workbook_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    assert "damaged" in refusal(tmp_path, "a.xls", workbook()[:3000])


def test_a_workbook_named_doc_is_told_its_name(tmp_path: Path) -> None:
    assert "Rename it to .xls" in refusal(tmp_path, "a.doc", workbook())
