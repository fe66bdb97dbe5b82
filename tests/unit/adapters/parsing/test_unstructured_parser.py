"""The parser around unstructured, with a module in its place that finds the elements of elements.json."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.adapters.parsing.doubles import Unasked

from kosha.adapters.parsing.unstructured_parser import KINDS, UnstructuredParser
from kosha.errors import Cancelled, Rejected, TooCostly, TooLarge
from kosha.ingestion.parsers import elements
from kosha.model.section import Parsed, ParseLimits, Section

FOUND = Path(__file__).with_name("elements.json")
FINDS = f"""
import json
def partition(*, file, metadata_filename, strategy):
    print("what a library says")
    assert (file.read(), strategy) == (b"bytes", "auto")
    found = json.load(open({str(FOUND)!r}))[metadata_filename]
    class Element:
        def __init__(self, told): self.told = told
        def to_dict(self): return self.told
    return [Element(told) for told in found]
"""
FAILS = "def partition(**_): raise ValueError('no such zip entry')"
HANGS = """
import pathlib, subprocess, sys, time
def partition(*, file, **_):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    pathlib.Path(file.name).with_name("child").write_text(str(child.pid))
    time.sleep(600)
"""

Reads = Callable[..., UnstructuredParser]


@pytest.fixture
def reads(tmp_path: Path) -> Reads:
    """A parser that has this code for unstructured's."""

    def make(code: str, **choices: float | ParseLimits) -> UnstructuredParser:
        folder = tmp_path / "code" / "unstructured" / "partition"
        folder.mkdir(parents=True)
        (folder / "auto.py").write_text(code)
        places = [str(tmp_path / "code"), *(place for place in sys.path if place)]
        return UnstructuredParser(
            Unasked(),
            check=lambda *_: None,
            make=elements.parsed,
            places=places,
            **choices,  # type: ignore[arg-type]
        )

    return make


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "blob"
    path.write_bytes(b"bytes")
    return path


def _never() -> bool:
    return False


def test_what_unstructured_finds_becomes_sections(reads: Reads, file: Path) -> None:
    found = reads(FINDS).parse(file, "scan.pdf", cancelled=_never)
    assert list(found.sections) == [Section("Leave is 25 days a year.", 1, "Leave is 25 days a year.")]


def test_other_kinds_are_left_to_the_other_parser(file: Path) -> None:
    other = Unasked(Parsed([Section("by the other")]))
    parser = UnstructuredParser(other, check=lambda *_: None, make=elements.parsed)
    for name in ("a.txt", "a.md", "a.csv", "a.xlsx", "a.json", "a.html", "none"):
        assert list(parser.parse(file, name, cancelled=_never).sections) == [Section("by the other")]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_its_own_kinds_are_not(kind: str, reads: Reads, file: Path) -> None:
    with pytest.raises(Rejected):
        reads(FAILS).parse(file, f"a.{kind.upper()}", cancelled=_never)


def test_a_damaged_file_is_refused_with_a_sentence_and_the_reason_is_logged(
    reads: Reads, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(Rejected, match=r"'a\.docx' could not be read"):
        reads(FAILS).parse(file, "a.docx", cancelled=_never)
    assert "no such zip entry" in str(caplog.records[-1].__dict__["fields"])


def test_a_file_that_is_not_what_its_name_says_is_not_read(file: Path) -> None:
    def refuse(_: Path, name: str) -> None:
        raise Rejected(f"{name!r} is something else.")

    with pytest.raises(Rejected, match="is something else"):
        UnstructuredParser(Unasked(), check=refuse, make=elements.parsed).parse(file, "a.pdf", cancelled=_never)


def test_a_file_with_more_text_than_the_limit_is_refused(reads: Reads, file: Path) -> None:
    with pytest.raises(TooLarge, match="more than 10 characters"):
        reads(FINDS, limits=ParseLimits(characters=10)).parse(file, "a.docx", cancelled=_never)


def test_a_file_that_takes_too_long_is_refused(reads: Reads, file: Path) -> None:
    with pytest.raises(TooCostly, match=r"took longer than 0\.1 seconds"):
        reads(HANGS, timeout_seconds=0.1).parse(file, "a.pdf", cancelled=_never)


def test_who_is_told_to_stop_ends_every_process(reads: Reads, file: Path) -> None:
    child = file.with_name("child")
    with pytest.raises(Cancelled):
        reads(HANGS).parse(file, "a.pdf", cancelled=lambda: child.exists() and bool(child.read_text()))
    state = Path(f"/proc/{child.read_text()}/stat")
    assert not state.exists() or state.read_text().split()[2] == "Z"
