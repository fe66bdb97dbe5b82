"""What is made of elements that unstructured 0.27.32 found in small files of each kind (see elements.json).

They were found with a blank language model in the place of the one in the image, which tells titles from text better.
"""

import json
from pathlib import Path
from typing import Any

from kosha.ingestion.parsers.elements import parsed
from kosha.model.section import Section

FOUND = json.loads((Path(__file__).parents[2] / "adapters" / "parsing" / "elements.json").read_text())


def _element(kind: str, text: str, **metadata: Any) -> dict[str, Any]:
    return {"type": kind, "text": text, "metadata": metadata}


def test_a_word_file_is_read_by_headings_and_its_tables_by_rows() -> None:
    assert parsed(FOUND["a.docx"]).sections == [
        Section("Leave\n\nLeave is 25 days a year.", heading="Leave"),
        Section("Sick\n\nCall your lead.\n\n- one", heading="Leave > Sick"),
        Section("Role: Staff; Days: 25", heading="Leave > Sick", kind="table"),
        Section("After the page.", heading="Leave > Sick"),
    ]


def test_slides_are_pages() -> None:
    found = parsed(FOUND["a.pptx"])
    assert found.pages == 2
    assert {(section.page, section.text) for section in found.sections} >= {(1, "Title one"), (2, "Second slide.")}


def test_code_keeps_its_lines() -> None:
    assert Section("code  x\n  y", heading="Leave > Sick", kind="code") in parsed(FOUND["a.html"]).sections


def test_a_scan_has_text_and_a_page() -> None:
    found = parsed(FOUND["scan.pdf"])
    assert [(section.text, section.page) for section in found.sections] == [("Leave is 25 days a year.", 1)]


def test_what_stands_on_every_page_is_left_out_and_a_page_ends_a_section() -> None:
    found = parsed(
        [
            _element("Header", "Kosha Ltd.", page_number=1),
            _element("NarrativeText", "One.", page_number=1),
            _element("PageNumber", "1", page_number=1),
            _element("NarrativeText", "Two.", page_number=2),
            _element("Footer", "Confidential", page_number=2),
        ]
    )
    assert found.sections == [Section("One.", 1), Section("Two.", 2)]


def test_items_of_a_list_stand_below_each_other() -> None:
    items = [_element("ListItem", text) for text in ("one", "two")]
    found = parsed([_element("NarrativeText", "Bring:"), *items, _element("NarrativeText", "That is all.")])
    assert [section.text for section in found.sections] == ["Bring:\n\n- one\n- two\n\nThat is all."]


def test_the_language_is_told_of_the_text() -> None:
    assert (
        parsed([_element("NarrativeText", "The leave of the staff is 25 days, and it is to be taken by you.")]).language
        == "en"
    )


def test_a_table_without_cells_is_text() -> None:
    assert parsed([_element("Table", "Role Days Staff 25")]).sections == [Section("Role Days Staff 25")]
