"""E-books."""

from pathlib import Path

from tests.unit.ingestion.parsers.files import parsed, refusal, text_of, zipped

CONTAINER = '<container><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
BOOK = """<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">
<metadata><dc:title>The Handbook</dc:title><dc:creator>Ada</dc:creator><dc:language>en-GB</dc:language></metadata>
<manifest>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="two" href="two.xhtml" media-type="application/xhtml+xml"/>
<item id="one" href="text/one%20a.xhtml" media-type="application/xhtml+xml"/>
</manifest><spine><itemref idref="nav"/><itemref idref="one"/><itemref idref="two"/></spine></package>"""
NAV = """<html xmlns="http://www.w3.org/1999/xhtml"><body><nav><a href="text/one%20a.xhtml">First things</a>
<a href="two.xhtml">Second</a></nav></body></html>"""


def book(**parts: str) -> bytes:
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": CONTAINER,
            "OEBPS/book.opf": BOOK,
            "OEBPS/nav.xhtml": NAV,
            "OEBPS/text/one a.xhtml": "<html><body><p>The first words.</p></body></html>",
            "OEBPS/two.xhtml": "<html><body><h1>Leave</h1><p>25 days.</p><h2>Parents</h2><p>90.</p></body></html>",
            **{name.replace("__", "/").replace("_dot_", "."): text for name, text in parts.items()},
        }
    )


def test_chapters_come_in_the_order_of_reading_without_the_menu(tmp_path: Path) -> None:
    found = parsed(tmp_path, "a.epub", book())
    assert [(section.heading, section.text) for section in found.sections] == [
        ("The Handbook", "The Handbook\nAda"),
        ("The Handbook > First things", "The first words."),
        ("The Handbook > Leave", "Leave\n\n25 days."),
        ("The Handbook > Leave > Parents", "Parents\n\n90."),
    ]
    assert found.language == "en"


def test_a_protected_book_is_refused(tmp_path: Path) -> None:
    rights = '<encryption><CipherReference URI="OEBPS/two.xhtml"/></encryption>'
    assert "protected against copying" in refusal(tmp_path, "a.epub", book(**{"META-INF__encryption_dot_xml": rights}))


def test_a_missing_chapter_is_told(tmp_path: Path) -> None:
    whole = BOOK.replace('href="two.xhtml"', 'href="gone.xhtml"')
    found = parsed(tmp_path, "a.epub", book(OEBPS__book_dot_opf=whole))
    assert "The first words." in text_of(found)
    assert "1 chapter of the book could not be read." in found.warnings


def test_a_book_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    assert "damaged or cut off" in refusal(tmp_path, "a.epub", book()[:-100])
