"""PowerPoint presentations."""

import io
import zipfile
from pathlib import Path

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches
from tests.unit.ingestion.parsers.files import parsed, refusal, text_of


def shown() -> bytes:
    show = Presentation()
    first = show.slides.add_slide(show.slide_layouts[1])
    first.shapes.title.text = "Leave"
    first.placeholders[1].text = "25 days\nmore for parents"
    first.notes_slide.notes_text_frame.text = "Mention the new law"
    second = show.slides.add_slide(show.slide_layouts[5])
    second.shapes.title.text = "Figures"
    table = second.shapes.add_table(2, 2, Inches(1), Inches(1), Inches(4), Inches(1)).table
    for (row, column), value in {(0, 0): "Who", (0, 1): "Days", (1, 0): "Mother", (1, 1): "90"}.items():
        table.cell(row, column).text = value
    chart = CategoryChartData()
    chart.categories = ["2023", "2024"]
    chart.add_series("Sales", (12, 15))
    second.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Inches(1), Inches(3), Inches(4), Inches(3), chart)
    show.slides.add_slide(show.slide_layouts[6])
    out = io.BytesIO()
    show.save(out)
    return out.getvalue()


def test_a_slide_is_a_page_under_its_title(tmp_path: Path) -> None:
    found = parsed(tmp_path, "a.pptx", shown())
    assert [(section.page, section.heading) for section in found.sections] == [
        (1, "Leave"),
        (1, "Leave"),
        (2, "Figures"),
        (2, "Figures"),
    ]
    assert next(iter(found.sections)).text == "Leave\n\n25 days\nmore for parents"


def test_tables_charts_and_notes_are_read(tmp_path: Path) -> None:
    text = text_of(parsed(tmp_path, "a.pptx", shown()))
    assert "Who: Mother; Days: 90" in text
    assert "Sales: 2023: 12; 2024: 15" in text
    assert "Speaker notes:\nMention the new law" in text


def test_slides_without_text_are_named(tmp_path: Path) -> None:
    assert parsed(tmp_path, "a.pptx", shown()).warnings[0].startswith("Slide 3 has no text")


def _with_broken(content: bytes, *names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, b"<broken" if name in names else old.read(name))
    return out.getvalue()


def test_a_broken_slide_is_told_and_the_others_read(tmp_path: Path) -> None:
    found = parsed(tmp_path, "a.pptx", _with_broken(shown(), "ppt/slides/slide1.xml"))
    assert "Figures" in text_of(found)
    assert "Slide 1 could not be read" in found.warnings[0]


def test_a_presentation_of_broken_slides_ends_in_an_error(tmp_path: Path) -> None:
    broken = _with_broken(shown(), *(f"ppt/slides/slide{number}.xml" for number in (1, 2, 3)))
    assert "none of its slides" in refusal(tmp_path, "a.pptx", broken)


def test_a_truncated_presentation_ends_in_an_error(tmp_path: Path) -> None:
    assert "damaged or cut off" in refusal(tmp_path, "a.pptx", shown()[:20_000])
