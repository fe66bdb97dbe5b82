"""The sandbox while text is recognised in pictures; a double stands where the library would be."""

import io
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from tests.house.ocr import places_without_ocr

from kosha.adapters.local.parser_process import ParserProcess
from kosha.errors import Cancelled, Rejected
from kosha.model.section import Parsed, ParseLimits

# One line a page. It says which limits hold, and takes as long as a file `busy` lies beside this module.
RAPIDOCR = """
import resource, time
from pathlib import Path
import numpy as np

class RapidOCRError(Exception):
    pass

class Found:
    boxes = np.array([[[0, 0], [400, 0], [400, 20], [0, 20]]], dtype=float)
    cls_res = [("0", 1.0)]
    scores = [0.99]
    def __init__(self, text=""):
        self.txts = [text]

class RapidOCR:
    def __init__(self, params):
        pass
    def preprocess_img(self, picture):
        return picture, {}
    def detect_and_crop(self, picture, record):
        while (Path(__file__).parents[1] / "busy").exists():
            time.sleep(0.01)
        return [picture], Found()
    def cls_and_rotate(self, crops):
        return crops, Found()
    def recognize_txt(self, crops):
        memory = resource.getrlimit(resource.RLIMIT_AS)[0] // 2**20
        return Found(f"A page of {crops[0].shape[1]} by {crops[0].shape[0]} within {memory} MB")
"""


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A folder with a double of rapidocr."""
    folder = tmp_path / "library"
    (folder / "rapidocr").mkdir(parents=True)
    (folder / "rapidocr" / "__init__.py").write_text(RAPIDOCR)
    (folder / "rapidocr" / "main.py").write_text("from rapidocr import RapidOCRError")
    (folder / "cv2.py").write_text("def setNumThreads(number): pass")
    return folder


Make = Callable[..., ParserProcess]


@pytest.fixture
def make(library: Path) -> Iterator[Make]:
    """Makes parsers that recognise, and closes them."""
    made: list[ParserProcess] = []

    def parser(**options: object) -> ParserProcess:
        made.append(ParserProcess(places=[str(library), *places_without_ocr()], **options))  # pyright: ignore
        return made[-1]

    yield parser
    for parser_made in made:
        parser_made.close()


def never() -> bool:
    return False


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """A PDF of two pages that are pictures."""
    out = io.BytesIO()
    canvas = Canvas(out, (300, 150))
    for _ in range(2):
        canvas.drawImage(ImageReader(Image.new("RGB", (50, 50), "gray")), 0, 0, 300, 150)
        canvas.showPage()
    canvas.save()
    path = tmp_path / "scan.pdf"
    path.write_bytes(out.getvalue())
    return path


@pytest.fixture
def note(tmp_path: Path) -> Path:
    path = tmp_path / "note.md"
    path.write_text("You have 25 days.")
    return path


def test_a_scan_is_read_within_a_limit_of_memory_of_its_own(make: Make, scan: Path, note: Path) -> None:
    parser = make(ocr_memory_bytes=2 * 2**30)
    found = parser.parse(scan, "scan.pdf", cancelled=never)
    assert [(section.page, section.text) for section in found.sections] == [
        (1, "A page of 1250 by 625 within 2048 MB"), (2, "A page of 1250 by 625 within 2048 MB"),
    ]  # fmt: skip
    parser.parse(note, "note.md", cancelled=never)
    assert psutil.Process(parser.process_id).rlimit(psutil.RLIMIT_AS)[0] == 2**30


def test_other_files_are_read_while_one_is_recognised(make: Make, library: Path, scan: Path, note: Path) -> None:
    parser = make()
    busy = library / "busy"
    busy.touch()
    found: list[Parsed] = []
    recognising = threading.Event()

    def cancelled() -> bool:
        if parser.process_id is None:  # the child has left the queue of the others
            recognising.set()
        return False

    thread = threading.Thread(target=lambda: found.append(parser.parse(scan, "scan.pdf", cancelled=cancelled)))
    thread.start()
    assert recognising.wait(60)
    assert len(parser.parse(note, "note.md", cancelled=never).sections) == 1
    assert found == []
    busy.unlink()
    thread.join(60)
    assert len(found[0].sections) == 2


def test_recognition_is_stopped_on_a_persons_wish(make: Make, library: Path, scan: Path, note: Path) -> None:
    (library / "busy").touch()
    parser = make()
    with pytest.raises(Cancelled):
        parser.parse(scan, "scan.pdf", cancelled=lambda: parser.process_id is None)
    assert len(parser.parse(note, "note.md", cancelled=never).sections) == 1


def test_a_page_that_takes_too_long_is_left_out_and_a_file_of_such_pages_refused(
    make: Make, library: Path, scan: Path
) -> None:
    (library / "busy").touch()
    parser = make(limits=ParseLimits(ocr_page_seconds=1))
    with pytest.raises(Rejected, match="took too long"):
        parser.parse(scan, "scan.pdf", cancelled=never)


def test_the_time_for_a_page_is_added_to_the_time_for_the_file(make: Make, library: Path, scan: Path) -> None:
    (library / "busy").touch()
    parser = make(timeout_seconds=2.0, limits=ParseLimits(ocr_page_seconds=3, ocr_seconds=4))
    with pytest.raises(Rejected, match="Recognising the text"):  # and not "took longer than 2 seconds to read"
        parser.parse(scan, "scan.pdf", cancelled=never)
