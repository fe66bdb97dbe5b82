"""The outline of a PDF as headings, where its titles really stand on the pages."""

import re
from collections.abc import Iterator

from kosha.ingestion.parsers.clean import one_line
from kosha.ingestion.parsers.headings import Headings
from kosha.ingestion.parsers.untyped_pdf import Document

_MOST_ENTRIES = 10_000
_DEEPEST = 8
_NOT_LETTERS = re.compile(r"[\W_]+")


class Outline:
    """Entries by page. One whose title is not found on its page is not believed: outlines are often wrong."""

    def __init__(self, document: Document) -> None:
        self._headings = Headings()
        self._entries: dict[int, list[tuple[int, str]]] = {}
        for count, entry in enumerate(document.get_toc(max_depth=_DEEPEST)):
            if count >= _MOST_ENTRIES:
                break
            target = entry.get_dest()
            page = target.get_index() if target else None
            title = one_line(entry.get_title())
            if page is not None and title:
                self._entries.setdefault(page + 1, []).append((entry.level + 1, title))

    def parts(self, page: int, text: str) -> Iterator[tuple[str | None, str]]:
        """(heading, text) of a page's parts; no letter is lost, parts of white space are left out."""
        start = 0
        for level, title in self._entries.get(page, ()):
            found = _find_line(text, title, start)
            if found < 0:
                continue
            if text[start:found].strip():
                yield self._headings.path, text[start:found].strip()
            self._headings.enter(level, title)
            start = found
        if text[start:].strip():
            yield self._headings.path, text[start:].strip()


def _find_line(text: str, title: str, start: int) -> int:
    """Where a line begins, from `start` on, that opens with the title, numbering aside; -1 if none."""
    wanted = _letters(title)
    if not wanted:
        return -1
    position = start
    for line in text[start:].split("\n"):
        letters = _letters(line)
        head = letters[: len(wanted) + 8]
        if head.startswith(wanted) or (
            head.lstrip("0123456789").startswith(wanted) and len(letters) < 2 * len(wanted) + 8
        ):
            return position
        position += len(line) + 1
    return -1


def _letters(text: str) -> str:
    return _NOT_LETTERS.sub("", text).lower()
