"""Text recognition (OCR): what is found in a picture, who finds it, and what to say where nobody can."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Protocol

Picture = Any
"""numpy uint8 array (height, width, 3), blue first, as both pdfium and OpenCV have it."""

LIBRARY = "rapidocr"
HOW_TO_INSTALL = "`pip install 'kosha[ocr]'`, or `make ocr` in a checkout, adds it"
MISSING = (
    f"Text recognition (OCR) is not installed on this server; {HOW_TO_INSTALL}. "
    "Or run text recognition over the file elsewhere and upload the result."
)


def is_installed() -> bool:
    """Whether pictures can be read here. Looks the library up without loading it."""
    return find_spec(LIBRARY) is not None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text: its box in pixels from the upper left corner of the upright page, and confidence 0..1."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    confidence: float = 1.0

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def width(self) -> float:
        return self.right - self.left


class Ocr(Protocol):
    """Reads the text in pictures, one page at a time, within limits of time."""

    def lines(self, draw: Callable[[], Picture]) -> list[Line]:
        """In no order, as they lie on the page when it is turned upright. draw: makes the picture of the page.

        Raises PageTookTooLong, and FileTookTooLong for every page after the file's time is over.
        """
        ...


class TookTooLong(Exception):
    """A limit of time: the page is left out and told, and the file goes on."""


class PageTookTooLong(TookTooLong):
    """This page alone took longer than one may."""


class FileTookTooLong(TookTooLong):
    """The pages before took all the time that one file may have."""
