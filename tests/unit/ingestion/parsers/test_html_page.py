"""Web pages."""

from pathlib import Path

import pytest
from tests.unit.ingestion.parsers.files import parsed, text_of

PAGE = """<!DOCTYPE html><html lang="de-CH"><head><title>Regeln</title><script>var x = "geheim";</script>
<style>p {color: red}</style></head><body>
<nav><a href="/">Start</a> <a href="/x">Menü mit vielen Einträgen</a></nav>
<main><h1>Urlaub</h1><p>Sie haben <b>25</b> Tage&nbsp;Urlaub.</p>
<h2>Eltern</h2><ul><li>Mütter</li><li>Väter</li></ul>
<table><tr><th>Wer</th><th>Tage</th></tr><tr><td>Mutter</td><td>90</td></tr></table>
<pre>a  =  1
b = 2</pre>
<p style="display: none">unsichtbar</p></main><footer>Impressum</footer></body></html>"""


def test_text_stands_under_its_headings(tmp_path: Path) -> None:
    found = parsed(tmp_path, "a.html", PAGE)
    assert [s.heading for s in found.sections if "Mütter" in s.text] == ["Urlaub > Eltern"]
    assert "Sie haben 25 Tage Urlaub." in text_of(found)
    assert found.language == "de"


def test_scripts_styles_and_menus_are_left_out(tmp_path: Path) -> None:
    text = text_of(parsed(tmp_path, "a.html", PAGE))
    for word in ("geheim", "color", "Menü", "Impressum", "unsichtbar"):
        assert word not in text


def test_hidden_text_and_long_menus_are_told(tmp_path: Path) -> None:
    found = parsed(tmp_path, "a.html", PAGE.replace("Impressum", "Impressum " * 40))
    assert any("Hidden text (10 characters, display: none)" in warning for warning in found.warnings)
    assert any("Menus" in warning for warning in found.warnings)


def test_rows_of_a_table_carry_its_heads_and_lists_are_lines(tmp_path: Path) -> None:
    text = text_of(parsed(tmp_path, "a.html", PAGE))
    assert "Wer: Mutter; Tage: 90" in text
    assert "- Mütter\n- Väter" in text
    assert "a  =  1\nb = 2" in text


def test_a_table_that_only_places_text_gives_paragraphs(tmp_path: Path) -> None:
    found = parsed(tmp_path, "a.html", "<table><tr><td><p>One.</p></td></tr><tr><td><p>Two.</p></td></tr></table>")
    assert text_of(found) == "One.\n\nTwo."


def test_figures_split_over_cells_are_whole_again(tmp_path: Path) -> None:
    page = "<table><tr><td>Sales</td><td>$</td><td>1,234</td><td>(5</td><td>)</td></tr></table>"
    assert text_of(parsed(tmp_path, "a.html", page)) == "Sales | $1,234 | (5)"


def test_a_page_nested_a_hundred_thousand_deep_is_read(tmp_path: Path) -> None:
    assert "deep words" in text_of(parsed(tmp_path, "a.html", "<div>" * 100_000 + "deep words"))


def test_broken_markup_is_read(tmp_path: Path) -> None:
    assert "one two" in text_of(parsed(tmp_path, "a.html", "<p>one <b>two</i></p></div><td>three"))


@pytest.mark.parametrize(
    "box",
    [
        '<div class="cookie-banner">{}</div>',
        '<div id="onetrust-banner-sdk">{}</div>',
        '<div class="sidebar">{}</div>',
        '<ul class="breadcrumb">{}</ul>',
        '<div role="navigation">{}</div>',
        '<a class="skip-link" href="#x">{}</a>',
        '<div class="site-footer">{}</div>',
    ],
)
def test_furniture_around_an_article_is_left_out(tmp_path: Path, box: str) -> None:
    page = f"<html><body>{box.format('furniture')}<article><p>The article.</p></article></body></html>"
    assert text_of(parsed(tmp_path, "a.html", page)) == "The article."


@pytest.mark.parametrize("name", ["has-sidebar", "layout--sidebar-right", "menu-of-the-day", "cookie-recipes"])
def test_a_box_is_no_furniture_for_a_word_in_its_name(tmp_path: Path, name: str) -> None:
    page = f'<html><body><div class="{name}"><p>The article.</p></div></body></html>'
    assert text_of(parsed(tmp_path, "a.html", page)) == "The article."


def test_inside_an_article_a_menu_may_be_what_is_eaten(tmp_path: Path) -> None:
    page = '<html><body><main><div class="menu"><p>Soup and bread.</p></div></main></body></html>'
    assert text_of(parsed(tmp_path, "a.html", page)) == "Soup and bread."


def test_labels_side_by_side_are_words_of_their_own(tmp_path: Path) -> None:
    page = "<html><body><label>Python</label><label>PHP</label></body></html>"
    assert text_of(parsed(tmp_path, "a.html", page)).split() == ["Python", "PHP"]


def test_a_cell_as_wide_as_no_number_is_one_cell(tmp_path: Path) -> None:
    row = f"<tr><td colspan='{'9' * 5000}'>Ada</td><td>36</td></tr>"
    assert text_of(parsed(tmp_path, "a.html", f"<table>{row}</table>")) == "Ada | 36"


def test_tables_in_tables_without_end_lose_no_word(tmp_path: Path) -> None:
    text = text_of(parsed(tmp_path, "a.html", "<table><tr><td>word " * 5000 + "</table>" * 5000 + "<p>after</p>"))
    assert text.count("word") == 5000
    assert text.endswith("after")


@pytest.mark.parametrize("line", [" ", "- \n", "\u3000\n", " \n"])
def test_a_page_of_nothing_but_space_is_gone_over_once(tmp_path: Path, line: str) -> None:
    page = f"<pre>a{line * 300_000}b</pre><p>Words.</p>"
    assert text_of(parsed(tmp_path, "a.html", page)).endswith("Words.")


def test_a_character_set_that_is_none_is_passed_over(tmp_path: Path) -> None:
    page = "<meta charset=zlib><p>Grüße aus München, schöne Größe.</p>".encode("latin-1")
    assert "Grüße aus München" in text_of(parsed(tmp_path, "a.html", page))
