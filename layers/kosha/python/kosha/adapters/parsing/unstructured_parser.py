"""A parser that reads layouts and scans with unstructured, each file in a process of its own, and leaves the rest."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path, PurePath
from tempfile import TemporaryFile
from time import monotonic
from typing import IO, Any

from kosha.errors import Cancelled, Rejected, TooCostly, TooLarge
from kosha.model.section import Parsed, ParseLimits
from kosha.observe import log
from kosha.ports import Parser

Element = dict[str, Any]

# Layouts and scans. Text, web pages, tables of figures and JSON need no guessing: the other parser reads those.
KINDS = frozenset({"pdf", "docx", "pptx"})

_MODULE = "kosha.adapters.parsing.unstructured_child"
_BOOT = f"import json, sys; sys.path[:] = json.loads(sys.argv.pop(1)); from {_MODULE} import main; main(*sys.argv[1:])"
_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",  # tesseract, pdftoppm
    "LANG": "C.UTF-8",
    "HOME": "/tmp",  # noqa: S108  the job's user has none
    "OMP_THREAD_LIMIT": "1",  # tesseract is slower with more
    "DO_NOT_TRACK": "1",
    "SCARF_NO_ANALYTICS": "1",
    "UNSTRUCTURED_DISABLE_NOTICE": "1",
}
_POLL_SECONDS = 0.5
_LOGGED_CHARACTERS = 4000


class UnstructuredParser:
    """Fits the port Parser; `other` reads all other kinds.

    check: raises Rejected for a file that is not what its name says. make: what was parsed, of unstructured's elements.
    """

    def __init__(
        self,
        other: Parser,
        *,
        check: Callable[[Path, str], None],
        make: Callable[[Iterable[Element]], Parsed],
        timeout_seconds: float = 3000.0,
        limits: ParseLimits | None = None,
        places: Sequence[str] | None = None,
    ) -> None:
        """timeout_seconds: for one file; a scan takes some ten seconds a page. places: where the child finds code."""
        self._other = other
        self._check = check
        self._make = make
        self._timeout_seconds = timeout_seconds
        self._limits = limits or ParseLimits()
        self._places = list(places) if places is not None else [place for place in sys.path if place]

    def parse(self, path: Path, file_name: str, *, cancelled: Callable[[], bool]) -> Parsed:
        """Raises Rejected with a reason for the person who brought the file; Cancelled when told so."""
        if PurePath(file_name).suffix.removeprefix(".").lower() not in KINDS:
            return self._other.parse(path, file_name, cancelled=cancelled)
        self._check(path, file_name)
        with TemporaryFile() as found, TemporaryFile() as said:
            self._read(path, file_name, cancelled, found, said)
            return self._make(self._elements(found, file_name))

    def _read(
        self, path: Path, file_name: str, cancelled: Callable[[], bool], found: IO[bytes], said: IO[bytes]
    ) -> None:
        """Have a child write the file's elements into `found`. Raises Rejected and Cancelled."""
        child = subprocess.Popen(
            [sys.executable, "-I", "-B", "-c", _BOOT, json.dumps(self._places), str(path.absolute()), file_name],
            stdin=subprocess.DEVNULL,
            stdout=found,
            stderr=said,
            env=_ENVIRONMENT,
            cwd="/",
            start_new_session=True,  # it starts programs of its own, which have to end with it
        )
        try:
            self._wait(child, file_name, cancelled)
        finally:
            _end(child)
        if child.returncode:
            said.seek(0)
            reason = said.read().decode(errors="replace")[-_LOGGED_CHARACTERS:]
            fields = {"fileName": file_name, "status": child.returncode, "reason": reason}
            log.error("unstructured could not read a file", extra={"fields": fields})
            raise _unreadable(file_name)

    def _wait(self, child: "subprocess.Popen[bytes]", file_name: str, cancelled: Callable[[], bool]) -> None:
        deadline = monotonic() + self._timeout_seconds
        while monotonic() < deadline:
            try:
                child.wait(_POLL_SECONDS)
            except subprocess.TimeoutExpired:
                if cancelled():
                    raise Cancelled(f"Reading {file_name!r} was stopped.") from None
            else:
                return
        raise TooCostly(
            f"{file_name!r} took longer than {self._timeout_seconds:g} seconds to read. Split it and upload the parts."
        )

    def _elements(self, found: IO[bytes], file_name: str) -> Iterator[Element]:
        """What the child wrote. Raises TooLarge."""
        found.seek(0)
        characters = 0
        for line in found:
            element: Element = json.loads(line)
            characters += len(element["text"])
            if characters > self._limits.characters:
                raise TooLarge(
                    f"{file_name!r} holds more than {self._limits.characters:,} characters of text. "
                    "Split it and upload the parts."
                )
            yield element


def _end(child: "subprocess.Popen[bytes]") -> None:
    """End the child, and whatever it started."""
    with suppress(ProcessLookupError):  # all of them have ended
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _unreadable(file_name: str) -> Rejected:
    return Rejected(
        f"{file_name!r} could not be read: it is damaged, or needs more memory than one file may have. "
        "Open it in its program, save it anew or split it, and upload that."
    )
