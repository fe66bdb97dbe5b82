"""The pages of one file that only text recognition can read, and what to tell of them."""

from collections.abc import Callable

from kosha.errors import Rejected
from kosha.ingestion.parsers.clean import clean
from kosha.ingestion.parsers.ocr import MISSING, FileTookTooLong, Line, PageTookTooLong, Picture
from kosha.ingestion.parsers.pdf_lines import Words
from kosha.ingestion.parsers.reading_order import text_of
from kosha.ingestion.parsers.source import Notes, Source, agree, numbered

_UNREADABLE = 0.5  # below, letters are guesses
_HARD_TO_READ = 0.85


class Recognition:
    """Reads pages in turn, numbered from 1; `tell` comes after the last."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._words = Words()
        self._unread: list[int] = []
        self._slow: list[int] = []
        self._late: list[int] = []
        self._wordless: list[int] = []
        self._doubtful: list[int] = []

    def text(self, number: int, draw: Callable[[], Picture]) -> str:
        """The page's text; "" where there is none, or it could not be recognised."""
        if self._source.ocr is None:
            self._unread.append(number)
            return ""
        try:
            lines = self._source.ocr.lines(draw)
        except PageTookTooLong:
            self._slow.append(number)
            return ""
        except FileTookTooLong:
            self._late.append(number)
            return ""
        kept = [line for line in lines if line.confidence >= _UNREADABLE]
        text = clean(text_of(kept, self._words))
        if not any(map(str.isalnum, text)):
            self._wordless.append(number)
        elif len(kept) < len(lines) or _confidence(kept) < _HARD_TO_READ:
            self._doubtful.append(number)
        return text

    @property
    def skipped(self) -> int:
        """How many pages gave no text."""
        return len(self._unread) + len(self._slow) + len(self._late) + len(self._wordless)

    def reject(self) -> None:
        """Raise Rejected with the reason why no page gave any text; nothing else in the file did, either."""
        name = repr(self._source.file_name)
        if self._unread:
            raise Rejected(f"{name} is a picture or a scan: it contains no text, only pictures of it. {MISSING}")
        if self._slow or self._late:
            raise Rejected(
                f"Recognising the text of {name} took too long ({self._source.limits.ocr_page_seconds} seconds a page "
                f"and {self._source.limits.ocr_seconds // 60} minutes a file are the limits). "
                "Scale its pictures down, or split it, and upload that."
            )
        raise Rejected(
            f"No text could be recognised in {name}. Choose a sharper or larger picture; Chinese, Japanese, Latin and "
            "Greek letters are read."
        )

    def tell(self, notes: Notes) -> None:
        """Note what was not read, and what was hard to read."""
        limits = self._source.limits
        if self._unread:
            verb = agree(len(self._unread), "has no text layer (a scan?) and is", "have no text layer (scans?) and are")
            notes.warn(f"{numbered('Page', self._unread)} {verb} not searchable. {MISSING}")
        if self._slow:
            verb = agree(len(self._slow), "is", "are")
            notes.warn(
                f"{numbered('Page', self._slow)} took longer than {limits.ocr_page_seconds} seconds to recognise and "
                f"{verb} not searchable."
            )
        if self._late:
            verb = agree(len(self._late), "was not recognised and is", "were not recognised and are")
            notes.warn(
                f"{numbered('Page', self._late)} {verb} not searchable: text recognition may take "
                f"{limits.ocr_seconds // 60} minutes a file. Split it and upload the parts."
            )
        if self._wordless:
            verb = agree(len(self._wordless), "shows", "show")
            notes.warn(f"{numbered('Page', self._wordless)} {verb} pictures in which no text could be recognised.")
        if self._doubtful:
            notes.warn(f"{numbered('Page', self._doubtful)}: hard to read; some words may be wrong or missing.")


def _confidence(lines: list[Line]) -> float:
    """The mean over letters."""
    letters = sum(len(line.text) for line in lines)
    return sum(line.confidence * len(line.text) for line in lines) / letters
