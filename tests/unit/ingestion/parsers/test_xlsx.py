"""Excel workbooks."""

import io
from datetime import UTC, date, datetime
from pathlib import Path

from openpyxl import Workbook
from openpyxl.comments import Comment
from tests.unit.ingestion.parsers.files import package, parsed, refusal, text_of

from kosha.model.section import ParseLimits

SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def book(fill: object) -> bytes:
    workbook = Workbook()
    fill(workbook)  # type: ignore[operator]
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def raw(rows: str) -> bytes:
    """A workbook whose only sheet has this XML for rows."""
    relation = '<Relationship Id="r1" Type="x/worksheet" Target="worksheets/sheet1.xml"/>'
    return package(
        {
            "xl/workbook.xml": f'<workbook xmlns="{SHEET}"><sheets><sheet name="S" id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="x">{relation}</Relationships>',
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{SHEET}"><sheetData>{rows}</sheetData></worksheet>',
        }
    )


def test_each_row_carries_its_column_names_under_its_sheet(tmp_path: Path) -> None:
    def fill(workbook: Workbook) -> None:
        workbook.active.title = "Staff"
        for row in (["Name", "Age"], ["Ada", 36], ["Bob", 41.5]):
            workbook.active.append(row)
        workbook.create_sheet("Costs").append(["rent", "heat"])

    found = list(parsed(tmp_path, "a.xlsx", book(fill)).sections)
    assert [(section.heading, section.kind) for section in found] == [("Staff", "table"), ("Costs", "table")]
    assert found[0].text == "Name: Ada; Age: 36\nName: Bob; Age: 41.5"


def test_titles_above_a_header_and_a_gap_below_it_do_not_hide_it(tmp_path: Path) -> None:
    def fill(workbook: Workbook) -> None:
        for row in (
            ["Report"],
            [],
            [None, "Sales", "Profit"],
            [],
            ["North", 5, 1],
            ["South", 6, 2],
            [],
            ["a note"],
        ):
            workbook.active.append(row)

    lines = text_of(parsed(tmp_path, "a.xlsx", book(fill))).split("\n")
    assert lines == ["Report", "North; Sales: 5; Profit: 1", "South; Sales: 6; Profit: 2", "a note"]


def test_dates_percentages_and_truth_are_shown_as_a_person_sees_them(tmp_path: Path) -> None:
    def fill(workbook: Workbook) -> None:
        sheet = workbook.active
        sheet.append(["Day", "Moment", "Share", "True", "Long"])
        sheet.append(
            [date(2024, 3, 1), datetime(2024, 3, 1, 13, 30, tzinfo=UTC).replace(tzinfo=None), 0.125, True, 0.1 + 0.2]
        )
        sheet["C2"].number_format = "0.0%"

    assert text_of(parsed(tmp_path, "a.xlsx", book(fill))) == (
        "Day: 2024-03-01; Moment: 2024-03-01 13:30:00; Share: 12.5%; True: TRUE; Long: 0.3"
    )


def test_formulas_without_a_stored_result_are_told(tmp_path: Path) -> None:
    def fill(workbook: Workbook) -> None:
        workbook.active.append(["total", "=SUM(1,2)"])

    assert (
        "Formulas without a stored result are not searchable (1 of them)"
        in parsed(tmp_path, "a.xlsx", book(fill)).warnings[0]
    )


def test_comments_and_hidden_sheets_are_read_and_told(tmp_path: Path) -> None:
    def fill(workbook: Workbook) -> None:
        workbook.active["A1"] = "visible"
        workbook.active["A1"].comment = Comment("check this", "Ada")
        hidden = workbook.create_sheet("Secret")
        hidden["A1"] = "concealed"
        hidden.sheet_state = "hidden"

    found = parsed(tmp_path, "a.xlsx", book(fill))
    assert "[Comment on A1: " in text_of(found)
    assert "concealed" in text_of(found)
    assert "'Secret' is hidden" in found.warnings[0]


def test_an_empty_workbook_ends_in_an_error(tmp_path: Path) -> None:
    assert "no text" in refusal(tmp_path, "a.xlsx", book(lambda _: None))


def test_a_used_range_inflated_by_empty_cells_costs_nothing(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1" t="inlineStr"><is><t>word</t></is></c></row>' + '<row><c r="XFD1"/></row>' * 20_000
    assert text_of(parsed(tmp_path, "a.xlsx", raw(rows + '<row r="1048576"><c/></row>'))) == "word"


def test_more_cells_than_the_limit_are_refused_with_the_figure(tmp_path: Path) -> None:
    rows = "<row><c><v>1</v></c><c><v>2</v></c></row>" * 60
    assert "more than 100 filled cells" in refusal(tmp_path, "a.xlsx", raw(rows), ParseLimits(cells=100))


def test_a_truncated_workbook_ends_in_an_error(tmp_path: Path) -> None:
    content = book(lambda workbook: workbook.active.append(["a", "b"]))
    assert "damaged or cut off" in refusal(tmp_path, "a.xlsx", content[: len(content) // 2])


def test_a_sheet_cut_off_inside_ends_in_an_error(tmp_path: Path) -> None:
    assert "not well-formed" in refusal(tmp_path, "a.xlsx", raw("<row><c><v>1</v></c>"))
