"""Scans and pictures: what is told with text recognition and without it."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from tests.unit.ingestion.parsers.files import refusal, text_of

from kosha.errors import Rejected
from kosha.ingestion.parse import accepts, parse
from kosha.ingestion.parsers.ocr import FileTookTooLong, Line, PageTookTooLong, Picture
from kosha.model.section import Parsed

SENTENCE = "This page has a text layer with more than a few letters."


class Told:
    """Fits Ocr: says of each page what it was told to, and looks at none."""

    def __init__(self, *pages: str | Line | type[Exception]) -> None:
        self._pages = list(pages)

    def lines(self, draw: Callable[[], Picture]) -> list[Line]:
        assert draw().ndim == 3
        page = self._pages.pop(0)
        if isinstance(page, type):
            raise page
        return [page if isinstance(page, Line) else Line(page, 0, 0, 500, 20)] if page else []


def scanned(*pages: str | None) -> bytes:
    """A PDF with these texts; None is a page that is a picture."""
    from PIL import Image

    out = io.BytesIO()
    canvas = Canvas(out, (300, 300))
    for page in pages:
        if page is None:
            canvas.drawImage(ImageReader(Image.new("RGB", (50, 50), "gray")), 0, 0, 300, 300)
        else:
            canvas.drawString(10, 150, page)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def recognised(folder: Path, content: bytes, ocr: Told, name: str = "a.pdf") -> Parsed:
    path = folder / "upload"
    path.write_bytes(content)
    return parse(path, name, ocr=ocr)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.JPEG", "a.tiff", "a.tif"])
def test_a_picture_is_taken_whether_it_can_be_read_or_not(name: str) -> None:
    accepts(name, 1)


@pytest.mark.parametrize(("name", "content"), [("a.png", b"\x89PNG\r\n"), ("a.pdf", None)])
def test_without_recognition_a_picture_and_a_scan_tell_what_is_missing(
    tmp_path: Path, name: str, content: bytes | None
) -> None:
    reason = refusal(tmp_path, name, content or scanned(None, None))
    assert "Text recognition (OCR) is not installed" in reason
    assert "pip install 'kosha[ocr]'" in reason


def test_without_recognition_the_scanned_pages_of_a_text_are_named(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(scanned(SENTENCE, None, SENTENCE, None, None))
    found = parse(path, "a.pdf")
    assert [section.page for section in found.sections] == [1, 3]
    [warning] = found.warnings
    assert warning.startswith("Pages 2, 4 to 5 have no text layer (scans?) and are not searchable. Text recognition")


def test_scanned_pages_are_recognised_and_keep_their_numbers(tmp_path: Path) -> None:
    found = recognised(tmp_path, scanned(SENTENCE, None, None), Told("Second page.", "Third page."))
    assert [(section.page, section.text) for section in found.sections] == [
        (1, SENTENCE), (2, "Second page."), (3, "Third page."),
    ]  # fmt: skip
    assert found.warnings == ()


def test_a_page_with_its_number_alone_as_text_is_still_a_scan(tmp_path: Path) -> None:
    from PIL import Image

    out = io.BytesIO()
    canvas = Canvas(out, (300, 300))
    canvas.drawImage(ImageReader(Image.new("RGB", (50, 50), "gray")), 0, 0, 300, 300)
    canvas.drawString(150, 10, "- 7 -")
    canvas.save()
    assert text_of(recognised(tmp_path, out.getvalue(), Told("What the picture says. - 7 -"))) == (
        "What the picture says. - 7 -"
    )


def test_what_is_hard_to_read_is_told(tmp_path: Path) -> None:
    found = recognised(tmp_path, scanned(None, None), Told(Line("Blury", 0, 0, 50, 20, confidence=0.6), "Sharp."))
    assert found.warnings == ("Page 1: hard to read; some words may be wrong or missing.",)


def test_letters_that_are_guesses_are_left_out_and_told(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="No text could be recognised"):
        recognised(tmp_path, scanned(None), Told(Line("x7#", 0, 0, 50, 20, confidence=0.3)))


def test_pages_that_took_too_long_are_told(tmp_path: Path) -> None:
    ocr = Told("First.", PageTookTooLong, "Third.", FileTookTooLong, FileTookTooLong)
    found = recognised(tmp_path, scanned(None, None, None, None, None), ocr)
    assert [section.page for section in found.sections] == [1, 3]
    slow, late = found.warnings
    assert slow == "Page 2 took longer than 120 seconds to recognise and is not searchable."
    assert late.startswith("Pages 4 to 5 were not recognised and are not searchable: ")


def test_a_file_all_of_whose_pages_took_too_long_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="took too long"):
        recognised(tmp_path, scanned(None), Told(PageTookTooLong))


def test_a_picture_without_words_among_pages_is_told(tmp_path: Path) -> None:
    found = recognised(tmp_path, scanned(SENTENCE, None), Told(""))
    assert found.warnings == ("Page 2 shows pictures in which no text could be recognised.",)


def test_an_empty_page_is_told_and_not_recognised(tmp_path: Path) -> None:
    found = recognised(tmp_path, scanned(SENTENCE, ""), Told())
    assert found.warnings == ("Page 2 is empty.",)
