"""Lines of a PDF page as paragraphs: words parted at line ends joined, forced line breaks undone."""

import re
from collections import deque

from kosha.ingestion.parsers.paragraphs import is_list_item, join_lines

# pdfium writes this where a line ends in a hyphen, and leaves out the line end.
_BROKEN_WORD = re.compile("([^\\W\\d_]*)[\ufffe\x02](?:\r?\n)?([^\\W_]*)")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_ENDS_SENTENCE = re.compile(r"[.!?:;。！？][\"'”’»)\]]*\d*$")
_STARTS_LOWER = re.compile(r"[(\"'“‘«]?[a-zß-öø-ÿа-яё]")
_FIGURES = re.compile(r"\d")
_MOST_WORDS = 100_000
_SHORTEST_FULL_LINE = 30


class Words:
    """The words met so far in a document: they tell whether a hyphen at a line end belongs to the word."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def learn(self, text: str) -> None:
        if len(self._seen) < _MOST_WORDS:
            self._seen.update(word.lower() for word in _WORD.findall(text))

    def join(self, first: str, second: str) -> str:
        """ "rea" + "sonable" is "reasonable"; "high" + "dimensional" is "high-dimensional" where that was met."""
        hyphenated = f"{first}-{second}"
        if not first or not second or not second[0].islower() or first[-1].isdigit():
            return hyphenated
        if (first + second).lower() in self._seen:
            return first + second
        both_are_words = len(first) > 2 and first.lower() in self._seen and second.lower() in self._seen
        return hyphenated if hyphenated.lower() in self._seen or both_are_words else first + second


def paragraphs(text: str, words: Words) -> list[str]:
    """Paragraphs of a page's raw text, in its order. Titles, list items and rows of figures stay lines of their own."""
    words.learn(text)
    text = _BROKEN_WORD.sub(lambda found: words.join(found[1], found[2]), text)
    lines = deque(" ".join(line.split()) for line in text.splitlines())
    full = _full_length([len(line) for line in lines])
    joined: list[str] = []
    before = ""
    for line in lines:
        if joined and before and _goes_on(before, line, full):
            joined[-1] = join_lines(joined[-1], line)
        elif line:
            joined.append(line)
        before = line
    return joined


def _full_length(lengths: list[int]) -> float:
    """What counts as a line that reached the margin: three quarters of the long lines' length."""
    longest = sorted(lengths)[-max(1, len(lengths) // 10) :] if lengths else [0]
    return max(_SHORTEST_FULL_LINE, 0.75 * longest[0])


def _goes_on(before: str, line: str, full: float) -> bool:
    if not line or is_list_item(line):
        return False
    if _is_row(before) or _is_row(line):
        return False
    if _STARTS_LOWER.match(line) and not _ENDS_SENTENCE.search(before) and len(before) >= _SHORTEST_FULL_LINE:
        return True
    return len(before) >= full


def _is_row(line: str) -> bool:
    """A row of a table: mostly figures."""
    parts = line.split()
    return len(parts) > 2 and sum(1 for part in parts if _FIGURES.search(part)) * 2 >= len(parts)
