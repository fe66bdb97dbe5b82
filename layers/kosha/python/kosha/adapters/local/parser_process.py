"""A parser that reads each file in a child process, within limits of memory and time."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any, Self

from kosha.adapters.local.frames import FrameReader
from kosha.adapters.local.section_spool import SectionSpool
from kosha.errors import Cancelled, Rejected, TooCostly, TooLarge, Unavailable, UnsupportedType
from kosha.model.section import Parsed, ParseLimits
from kosha.observe import log

# Run by name: an adapter imports no use case. -I ignores the caller's environment and current folder, so the child is
# told where to find the code; -B because it may not write.
_MODULE = "kosha.ingestion.parse_child"
_BOOT = f"import json, sys; sys.path[:] = json.loads(sys.argv.pop(1)); from {_MODULE} import main; main(sys.argv[1:])"
_ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "MALLOC_ARENA_MAX": "1",
    "OMP_NUM_THREADS": "1",  # the child may start no threads
    "OPENBLAS_NUM_THREADS": "1",
}

_POLL_SECONDS = 0.5
_START_SECONDS = 30.0
_OUT_OF_MEMORY = 75  # the same number stands in ingestion/parse_child.py
_FAMILIES: dict[str, type[Rejected]] = {kind.__name__: kind for kind in (Rejected, TooLarge, UnsupportedType)}


class ParserProcess:
    """Fits the port Parser. The child is started with the first file and serves many; one that ends is replaced.

    One file at a time: further callers wait. memory_bytes bounds the child's address space, timeout_seconds the time
    for one file. The child is replaced after max_files, and when it keeps more than rss_limit_bytes resident.

    Where text has to be recognised in pictures, and that is installed, a child may take ocr_memory_bytes and the time
    that `limits` give it. Files that need it wait for one another; others go on in a child of their own.
    places: where children find code; sys.path where it is not given.
    """

    def __init__(
        self,
        *,
        timeout_seconds: float = 110.0,
        memory_bytes: int = 2**30,
        ocr_memory_bytes: int = 3 * 2**30,
        rss_limit_bytes: int = 400 * 2**20,
        max_files: int = 500,
        limits: ParseLimits | None = None,
        spool_folder: Path | None = None,
        places: Sequence[str] | None = None,
    ) -> None:
        self._timeout_seconds = timeout_seconds
        self._memory_bytes = memory_bytes
        self._ocr_memory_bytes = ocr_memory_bytes
        self._rss_limit_bytes = rss_limit_bytes
        self._max_files = max_files
        self._limits = limits or ParseLimits()
        self._spool_folder = spool_folder
        self._places = list(places) if places is not None else [place for place in sys.path if place]
        self._lock = threading.Lock()
        self._ocr_lock = threading.Lock()
        self._child: _Child | None = None

    def parse(self, path: Path, file_name: str, *, cancelled: Callable[[], bool]) -> Parsed:
        """The whole file's sections, kept on disk until the result is forgotten.

        Raises Rejected for a file that cannot be read, TooCostly for one that cannot be read within the limits,
        Cancelled, and Unavailable where no child can be started.
        """
        with ExitStack() as turn:
            turn.enter_context(self._lock)
            child = self._ready_child()
            spool = SectionSpool(self._spool_folder)

            def leave_the_queue() -> None:
                """Pages are recognised for minutes: other files get another child, and this one waits for its like."""
                self._child = None
                turn.close()
                turn.callback(child.end)
                while not self._ocr_lock.acquire(timeout=_POLL_SECONDS):
                    _check(cancelled, file_name)
                turn.callback(self._ocr_lock.release)

            try:
                ending = child.read(path, file_name, spool, self._timeout_seconds, cancelled, leave_the_queue)
            except BaseException:
                spool.close()
                if child is self._child:
                    self._stop()
                raise
            is_worn = child.files >= self._max_files or ending.get("rssBytes", 0) > self._rss_limit_bytes
            if is_worn and child is self._child:
                self._stop()
        if "message" in ending:
            spool.close()
            raise _FAMILIES.get(ending["family"], Rejected)(ending["message"])
        return Parsed(spool, tuple(ending["warnings"]), ending["pages"], ending["language"])

    @property
    def process_id(self) -> int | None:
        """Of the child that is running; None before the first file and between two children."""
        return self._child.process.pid if self._child and self._child.process.poll() is None else None

    def close(self) -> None:
        """End the child; the next file starts another."""
        with self._lock:
            self._stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _ready_child(self) -> "_Child":
        if self._child is not None and self._child.process.poll() is not None:
            self._stop()
        if self._child is None:
            self._child = _Child(self._memory_bytes, self._ocr_memory_bytes, self._limits, self._places)
        return self._child

    def _stop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.end()


class _Child:
    """One child process and the frames it sends."""

    def __init__(self, memory_bytes: int, ocr_memory_bytes: int, limits: ParseLimits, places: list[str]) -> None:
        settings = {"memoryBytes": memory_bytes, "ocrMemoryBytes": ocr_memory_bytes, "limits": asdict(limits)}
        self.files = 0
        self._ocr_seconds = limits.ocr_seconds
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-B", "-c", _BOOT, json.dumps(places), json.dumps(settings)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_ENVIRONMENT,
            cwd="/",
            start_new_session=True,  # a Ctrl-C at the terminal is ours to handle, not the child's
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._requests = self.process.stdin
        self._frames = FrameReader(self.process.stdout)
        first = self._frames.next(_START_SECONDS)
        if first is None or first.kind != b"R":
            self.end()
            raise Unavailable("The process that reads files cannot be started; the log tells why.")

    def read(
        self,
        path: Path,
        file_name: str,
        spool: SectionSpool,
        seconds: float,
        cancelled: Callable[[], bool],
        await_ocr: Callable[[], None],
    ) -> dict[str, Any]:
        """The last frame's values, "message" among them where the file was refused. Raises Rejected and Cancelled.

        await_ocr: returns when text may be recognised in pictures, where the file needs that.
        """
        self.files += 1
        deadline = latest = monotonic() + seconds
        self._ask({"path": str(path.absolute()), "fileName": file_name, "seconds": int(seconds) + 1}, file_name)
        while True:
            frame = self._frames.next(min(_POLL_SECONDS, max(0.0, deadline - monotonic())))
            if frame is not None and frame.kind == b"S":
                spool.add(frame.payload)
            elif frame is not None and frame.kind == b"B":
                log.error("a reader failed", extra={"fields": {"fileName": file_name, **json.loads(frame.payload)}})
                raise Rejected(_unreadable(file_name))
            elif frame is not None and frame.kind == b"O":
                await_ocr()
                deadline, latest = monotonic() + seconds, monotonic() + seconds + self._ocr_seconds
                self._ask({}, file_name)
            elif frame is not None and frame.kind == b"P":
                deadline = min(latest, monotonic() + seconds + json.loads(frame.payload)["seconds"])
            elif frame is not None:
                return json.loads(frame.payload)
            elif self._frames.ended:
                raise self._why_it_died(file_name, seconds)
            if monotonic() >= deadline:
                raise _too_slow(file_name, seconds)
            _check(cancelled, file_name)

    def _ask(self, request: dict[str, Any], file_name: str) -> None:
        try:
            self._requests.write(json.dumps(request).encode() + b"\n")
            self._requests.flush()
        except BrokenPipeError as error:
            raise Unavailable(f"The process that was to read {file_name!r} has ended; it is started again.") from error

    def _why_it_died(self, file_name: str, seconds: float) -> TooCostly:
        status = self.process.wait()
        if status == -signal.SIGXCPU:
            return _too_slow(file_name, seconds)
        if status in (_OUT_OF_MEMORY, -signal.SIGKILL):
            return TooCostly(
                f"{file_name!r} needs more memory to read than one file may have. Split it and upload the parts."
            )
        log.error("a reader died", extra={"fields": {"fileName": file_name, "status": status}})
        return TooCostly(_unreadable(file_name))  # a library may crash where it is given no memory

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue  # a request that was never read


def _check(cancelled: Callable[[], bool], file_name: str) -> None:
    if cancelled():
        raise Cancelled(f"Reading {file_name!r} was stopped.")


def _too_slow(file_name: str, seconds: float) -> TooCostly:
    return TooCostly(f"{file_name!r} took longer than {seconds:g} seconds to read. Split it and upload the parts.")


def _unreadable(file_name: str) -> str:
    return (
        f"{file_name!r} could not be read: it is damaged, or needs more memory than one file may have. "
        "Open it in its program, save it anew or split it, and upload that."
    )
