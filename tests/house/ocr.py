"""Where text recognition is: an extra, in an environment of its own."""

import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from kosha.ingestion.parsers.ocr import LIBRARY

_FOLDER = Path(__file__).parents[2] / ".venv-ocr"


def places_with_ocr() -> list[str]:
    """sys.path for a process that recognises text; fails the test where it is not installed, as `make test` does it."""
    places = [place for place in sys.path if place]
    if find_spec(LIBRARY):
        return places
    [*found] = _FOLDER.glob(f"lib/python*/site-packages/{LIBRARY}")
    if not found:
        pytest.fail("text recognition is not here: `make .venv-ocr/.ready` installs it")
    return [*places, str(found[0].parent)]


def places_without_ocr() -> list[str]:
    """sys.path for a process that recognises none; skips the test where it is installed beside the rest."""
    if find_spec(LIBRARY):
        pytest.skip("text recognition is installed in this environment")
    return [place for place in sys.path if place]
