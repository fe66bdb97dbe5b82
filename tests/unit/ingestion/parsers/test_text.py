"""Plain text."""

from pathlib import Path

from tests.unit.ingestion.parsers.files import parsed, text_of


def test_lines_that_a_narrow_page_broke_become_paragraphs(tmp_path: Path) -> None:
    wrapped = "Employees are entitled to 25 days of leave in each\ncalendar year, to be taken whenever work allows\nit."
    whole = "Employees are entitled to 25 days of leave in each calendar year, to be taken whenever work allows it."
    assert text_of(parsed(tmp_path, "a.txt", f"{wrapped}\n\nNext.")).split("\n\n") == [whole, "Next."]


def test_addresses_verses_and_lists_keep_their_lines(tmp_path: Path) -> None:
    text = "Ada Lovelace\n12 St James's Square\nLondon\n\n- one\n- two\n- three"
    assert text_of(parsed(tmp_path, "a.txt", text)) == text


def test_broken_json_named_txt_is_read_with_a_warning(tmp_path: Path) -> None:
    found = parsed(tmp_path, "a.txt", '{"id": "Sample-1", "name": "Sam')
    assert "Sample-1" in text_of(found)
    assert "broken or cut off" in found.warnings[0]


def test_a_web_page_named_txt_is_read_with_a_warning(tmp_path: Path) -> None:
    assert "Rename it to .html" in parsed(tmp_path, "a.txt", "<!DOCTYPE html><p>Hello</p>").warnings[0]


def test_a_long_text_comes_in_sections_cut_at_paragraphs(tmp_path: Path) -> None:
    paragraph = "This is one paragraph of many. " * 10
    found = parsed(tmp_path, "a.txt", "\n\n".join([paragraph] * 500))
    assert len(found.sections) > 5
    assert all(section.text.endswith("many.") for section in found.sections)


def test_a_text_behind_thousands_of_empty_lines_is_read(tmp_path: Path) -> None:
    assert text_of(parsed(tmp_path, "a.txt", "\n" * 4000 + "Hello there!")) == "Hello there!"


def test_encoded_data_is_told(tmp_path: Path) -> None:
    assert "base64" in parsed(tmp_path, "a.txt", "\n" + "QUJDREVGR0hJSktMTU5P\n" * 3 + "UFE=\n\n").warnings[0]
