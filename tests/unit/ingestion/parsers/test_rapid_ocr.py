"""Text recognition by the library itself, in the sandbox where it runs."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont
from tests.house.ocr import places_with_ocr

from kosha.adapters.local.parser_process import ParserProcess
from kosha.errors import Rejected, TooLarge
from kosha.model.section import Parsed, ParseLimits

pytestmark = pytest.mark.slow
LINES = ("Invoice 4711 of 20 November", "Twelve ripe pineapples", "Total amount 36.50 EUR")


@pytest.fixture(scope="module")
def parser() -> Iterator[ParserProcess]:
    with ParserProcess(places=places_with_ocr(), limits=ParseLimits(pixels=2_000_000)) as parser:
        yield parser


def printed(*lines: str, ground: str = "white", ink: str = "black", mode: str = "RGB") -> Image.Image:
    """A small page with these lines."""
    page = Image.new(mode, (420, 40 * len(lines) + 20), ground)
    for number, line in enumerate(lines):
        ImageDraw.Draw(page).text((15, 15 + 40 * number), line, font=ImageFont.load_default(24), fill=ink)
    return page


def read(parser: ParserProcess, folder: Path, kind: str, page: Image.Image, **options: object) -> Parsed:
    out = io.BytesIO()
    page.save(out, kind, **options)
    path = folder / "upload"
    path.write_bytes(out.getvalue())
    return parser.parse(path, f"a.{kind}", cancelled=lambda: False)


def words(found: Parsed) -> str:
    return "\n".join(section.text for section in found.sections)


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_page_is_read_whichever_way_it_was_scanned(parser: ParserProcess, tmp_path: Path, degrees: int) -> None:
    found = read(parser, tmp_path, "png", printed(*LINES).rotate(degrees, expand=True))
    assert words(found).splitlines() == list(LINES)
    assert found.warnings == ()


def test_the_turn_that_a_camera_notes_is_made(parser: ParserProcess, tmp_path: Path) -> None:
    turned_by_90 = Image.Exif()
    turned_by_90[0x0112] = 6
    found = read(parser, tmp_path, "jpeg", printed(*LINES).rotate(90, expand=True), exif=turned_by_90, quality=90)
    assert words(found).splitlines() == list(LINES)


def test_each_picture_of_a_tiff_is_a_page(parser: ParserProcess, tmp_path: Path) -> None:
    pages = [printed("First page"), printed("Second page").convert("1", dither=Image.Dither.NONE)]
    found = read(parser, tmp_path, "tiff", pages[0], save_all=True, append_images=pages[1:])
    assert [(section.page, section.text) for section in found.sections] == [(1, "First page"), (2, "Second page")]
    assert found.pages == 2


def test_white_letters_on_a_transparent_ground_are_read(parser: ParserProcess, tmp_path: Path) -> None:
    page = printed("White letters", ground="#00000000", ink="#ffffffff", mode="RGBA")
    assert words(read(parser, tmp_path, "png", page)) == "White letters"


def test_a_picture_without_words_is_refused_with_a_reason(parser: ParserProcess, tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="No text could be recognised"):
        read(parser, tmp_path, "png", Image.new("RGB", (100, 100), "white"))


def test_too_many_pixels_are_refused_with_both_figures(parser: ParserProcess, tmp_path: Path) -> None:
    with pytest.raises(TooLarge, match="has 9 million pixels; the limit is 2 million"):
        read(parser, tmp_path, "png", Image.new("1", (3000, 3000)))


def test_a_picture_that_is_cut_off_is_refused_with_a_reason(parser: ParserProcess, tmp_path: Path) -> None:
    out = io.BytesIO()
    printed(*LINES).save(out, "png")
    path = tmp_path / "upload"
    path.write_bytes(out.getvalue()[:1500])
    with pytest.raises(Rejected, match="damaged or cut off"):
        parser.parse(path, "a.png", cancelled=lambda: False)
