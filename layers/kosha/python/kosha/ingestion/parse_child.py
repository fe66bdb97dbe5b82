"""The process that reads files nobody has vouched for: one at a time, within limits, with nothing to write to.

It is started by an adapter and never imported by the rest of the house. Protocol: one JSON object a line comes in,
`{"path", "fileName", "seconds"}`; frames go out: one byte of kind, four bytes of length (big-endian), JSON.
Kinds: R ready; S a section `[text, page, heading, kind]`; E the end `{"warnings", "pages", "language", "rssBytes"}`;
X refused `{"family", "message", "rssBytes"}`, B our own bug `{"traceback"}`. Where text has to be recognised in
pictures, O asks for the room that takes, and one line has to come in before it begins; P `{"seconds"}` begins a page.
"""

import json
import os
import resource
import struct
import sys
import threading
import time
import traceback
from dataclasses import fields
from pathlib import Path
from typing import Any, BinaryIO

from kosha.errors import Rejected, TooLarge, UnsupportedType
from kosha.ingestion.metered_ocr import MeteredOcr
from kosha.ingestion.parse import read
from kosha.ingestion.parsers.ocr import Ocr, is_installed
from kosha.ingestion.parsers.source import Notes
from kosha.model.section import ParseLimits

_SPARE_CPU_SECONDS = 5
_NICENESS = 10
_MOST_OPEN_FILES = 64
_OUT_OF_MEMORY = 75  # the same number stands in adapters/local/parser_process.py


def main(arguments: list[str]) -> None:
    """arguments: one JSON object `{"memoryBytes", "ocrMemoryBytes", "limits": {...}}`. Serves until its input ends."""
    settings = json.loads(arguments[0])
    out = os.fdopen(os.dup(1), "wb", buffering=2**16)
    os.dup2(2, 1)  # what a library prints must not fall into the frames
    _die_with_parent(os.getppid())
    memory_bytes = settings["memoryBytes"]
    _limit(memory_bytes, max(memory_bytes, settings["ocrMemoryBytes"]) if is_installed() else memory_bytes)
    limits = ParseLimits(**{field.name: settings["limits"][field.name] for field in fields(ParseLimits)})
    _send(out, b"R", {})
    for line in sys.stdin.buffer:
        _serve(json.loads(line), limits, out)


def _die_with_parent(parent: int) -> None:
    """Watch for the parent's death from a thread.

    Not PR_SET_PDEATHSIG: that fires when the thread that started us ends, and workers' threads come and go.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, name="watch-parent", daemon=True).start()


def _limit(memory_bytes: int, ocr_memory_bytes: int) -> None:
    """Bound what a hostile file can make us take: memory, files, core dumps; no writing, no further processes.

    ocr_memory_bytes: what text recognition may raise the first to.
    """
    os.nice(_NICENESS)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, ocr_memory_bytes))
    for what, most in (
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, _MOST_OPEN_FILES),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(what, (most, most))


def _serve(request: dict[str, Any], limits: ParseLimits, out: BinaryIO) -> None:
    _allow_cpu(request["seconds"])
    notes = Notes(limit=limits.warnings)
    ocr = _metered_ocr(request["seconds"], limits, out) if is_installed() else None
    try:
        for section in read(Path(request["path"]), request["fileName"], notes, limits, ocr):
            _send(out, b"S", [section.text, section.page, section.heading, section.kind], flush=False)
    except Rejected as error:
        _send(out, b"X", {"family": _family(error), "message": str(error), "rssBytes": _rss_bytes()})
    except MemoryError:
        os._exit(_OUT_OF_MEMORY)  # nothing can be relied on any more; the parent knows what the number means
    except BaseException:
        _send(out, b"B", {"traceback": traceback.format_exc()})
        raise
    else:
        ending = {
            "warnings": notes.warnings,
            "pages": notes.pages,
            "language": notes.language,
            "rssBytes": _rss_bytes(),
        }
        _send(out, b"E", ending)


def _allow_cpu(seconds: float) -> None:
    """So many more than were used until now."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu_seconds = int(used.ru_utime + used.ru_stime + seconds) + _SPARE_CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, resource.RLIM_INFINITY))


def _metered_ocr(file_seconds: float, limits: ParseLimits, out: BinaryIO) -> MeteredOcr:
    """file_seconds: what reading the file may take besides."""

    def ready() -> Ocr:
        _send(out, b"O", {})
        sys.stdin.buffer.readline()
        most = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        from kosha.ingestion.parsers.rapid_ocr import RapidOcr  # half a second, and a library that may not be there

        return RapidOcr()

    def begin(page_seconds: float) -> None:
        _allow_cpu(file_seconds + page_seconds)
        _send(out, b"P", {"seconds": page_seconds})

    return MeteredOcr(ready, begin, page_seconds=limits.ocr_page_seconds, file_seconds=limits.ocr_seconds)


def _family(error: Rejected) -> str:
    return next((kind.__name__ for kind in (TooLarge, UnsupportedType) if isinstance(error, kind)), "Rejected")


def _send(out: BinaryIO, kind: bytes, value: object, *, flush: bool = True) -> None:
    payload = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    out.write(kind + struct.pack(">I", len(payload)) + payload)
    if flush:
        out.flush()


def _rss_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1]) if sys.platform == "linux" else 0
    return pages * resource.getpagesize()


if __name__ == "__main__":
    main(sys.argv[1:])
