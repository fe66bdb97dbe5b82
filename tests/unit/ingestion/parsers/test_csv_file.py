"""Separated values."""

from pathlib import Path

import pytest
from tests.unit.ingestion.parsers.files import parsed, text_of


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_separator_is_found(tmp_path: Path, mark: str) -> None:
    rows = [["Name", "City, country", "Age"], ["Ada", "London; UK", "36"], ["Bob", "Paris", "41"]]
    content = "\n".join(mark.join(f'"{cell}"' for cell in row) for row in rows)
    assert text_of(parsed(tmp_path, "a.csv", content)).split("\n")[0] == "Name: Ada; City, country: London; UK; Age: 36"


def test_a_cell_may_have_lines_and_quotation_marks(tmp_path: Path) -> None:
    text = text_of(parsed(tmp_path, "a.csv", 'Name,Note\nAda,"first ""line""\nsecond"\n'))
    assert text == 'Name: Ada; Note: first "line" second'


def test_ragged_rows_are_kept_and_told(tmp_path: Path) -> None:
    found = parsed(tmp_path, "a.csv", "Name,City\nAda,London,extra\nBob\nEve,Rome\n")
    assert "Column 3: extra" in text_of(found)
    assert "Bob" in text_of(found)
    assert "Rows 2 to 3 have another number of cells" in found.warnings[0]


def test_a_table_without_a_header_keeps_its_first_row(tmp_path: Path) -> None:
    assert text_of(parsed(tmp_path, "a.csv", "1,2,3\n4,5,6\n")) == "1 | 2 | 3\n4 | 5 | 6"


def test_a_title_above_the_header_is_no_header(tmp_path: Path) -> None:
    text = text_of(parsed(tmp_path, "a.csv", "Stanley Cups,,\nTeam,Location,Cups\nBlues,STL,1\n"))
    assert text == "Stanley Cups\nTeam: Blues; Location: STL; Cups: 1"


def test_years_may_name_columns(tmp_path: Path) -> None:
    assert text_of(parsed(tmp_path, "a.csv", "Item,2022,2023\nSales,5,7\n")) == "Item: Sales; 2022: 5; 2023: 7"


def test_a_quotation_mark_that_never_closes_is_told_and_the_rest_read(tmp_path: Path) -> None:
    found = parsed(tmp_path, "a.csv", 'a,b\n1,"open ' + "x,y\n" * 400_000 + "last,row\n")
    assert "never closed" in found.warnings[0]
    assert text_of(found).endswith("b: row") or "last" in text_of(found)
