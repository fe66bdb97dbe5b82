"""Old PowerPoint presentations."""

import struct
from pathlib import Path

from tests.unit.ingestion.parsers.files import parsed, refusal, text_of
from tests.unit.ingestion.parsers.ole_files import container, presentation

from kosha.ingestion.parsers.ppt_file import PptFile
from kosha.model.section import ParseLimits

SLIDES = [("Leave", "25 days.\rMore for parents."), ("Größe", "Second slide.")]


def test_slides_are_pages_under_their_titles(tmp_path: Path) -> None:
    found = parsed(tmp_path, "a.ppt", presentation(SLIDES, notes="Say it slowly."))
    assert [(section.page, section.heading, section.text) for section in found.sections] == [
        (1, "Leave", "Leave\n\n25 days.\nMore for parents."),
        (1, "Leave", "Speaker notes:\nSay it slowly."),
        (2, "Größe", "Größe\n\nSecond slide."),
    ]
    assert found.pages == 2


def test_a_password_is_told(tmp_path: Path) -> None:
    assert "protected by a password" in refusal(tmp_path, "a.ppt", presentation(SLIDES, token=0xF3D1C4DF))


def test_too_many_slides_are_refused(tmp_path: Path) -> None:
    assert "2 slides; the limit is 1" in refusal(tmp_path, "a.ppt", presentation(SLIDES), ParseLimits(pages=1))


def test_records_that_point_to_nowhere_are_refused(tmp_path: Path) -> None:
    streams = {"PowerPoint Document": b"\0" * 5000, "Current User": b"\0" * 12 + b"\xff\xff\xff\x00" * 4}
    assert "damaged or cut off" in refusal(tmp_path, "a.ppt", container(streams))


def test_a_slide_without_words_is_told(tmp_path: Path) -> None:
    found = parsed(tmp_path, "a.ppt", presentation([*SLIDES, ("", "")]))
    assert text_of(found)
    assert "Slide 3 has no text" in found.warnings[0]


def test_a_text_that_is_cut_off_before_its_kind_is_no_reason_to_fail() -> None:
    def record(kind: int, content: bytes, *, is_container: bool = False) -> bytes:
        return struct.pack("<HHI", 0xF if is_container else 0, kind, len(content)) + content

    directory = record(0x1772, struct.pack("<II", 1 << 20 | 1, 0))
    edit = record(0x0FF5, struct.pack("<7I", 0, 0, 0, 0, 1, 0, 0))
    slide = record(0x03F3, struct.pack("<IIiII", 1, 0, 0, 1, 0)) + record(0x0F9F, b"\1")
    document = record(0x03E8, record(0x0FF0, slide, is_container=True), is_container=True)
    directory = record(0x1772, struct.pack("<II", 1 << 20 | 1, len(directory) + len(edit)))
    streams = {"PowerPoint Document": directory + edit + document}
    streams["Current User"] = b"\0" * 12 + struct.pack("<II", 0, len(directory))
    assert [entry.texts for entry in PptFile(streams).entries] == [[]]
