"""Text recognition within limits of time, in the process that reads files."""

import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager
from time import monotonic
from types import FrameType

from kosha.ingestion.parsers.ocr import FileTookTooLong, Line, Ocr, PageTookTooLong, Picture


class MeteredOcr:
    """Fits Ocr for one file.

    ready: called before the file's first page; returns the recogniser when there is room for it. begin: told how many
    seconds the next page may take. Works in the main thread alone: a signal ends a page whose time is over.
    """

    def __init__(
        self, ready: Callable[[], Ocr], begin: Callable[[float], None], *, page_seconds: float, file_seconds: float
    ) -> None:
        self._ready = ready
        self._begin = begin
        self._page_seconds = page_seconds
        self._file_seconds = file_seconds
        self._ocr: Ocr | None = None
        self._until = 0.0

    def lines(self, draw: Callable[[], Picture]) -> list[Line]:
        """Raises PageTookTooLong, and FileTookTooLong for every page after the file's time is over."""
        if self._ocr is None:
            self._ocr = self._ready()
            self._until = monotonic() + self._file_seconds
        left = self._until - monotonic()
        if left <= 0:
            raise FileTookTooLong
        seconds = min(left, self._page_seconds)
        self._begin(seconds)
        try:
            with _at_most(seconds):
                return self._ocr.lines(draw)
        except _TimeIsOver:
            raise (PageTookTooLong if seconds == self._page_seconds else FileTookTooLong) from None


class _TimeIsOver(BaseException):
    """Not an Exception: a library that catches everything must not catch this."""


@contextmanager
def _at_most(seconds: float) -> Generator[None]:
    """Raise _TimeIsOver in the block when it takes longer; a call into a library is let come back first."""

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise _TimeIsOver

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
