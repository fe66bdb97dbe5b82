"""Lines of a PDF page as paragraphs: words parted at line ends joined, forced line breaks undone."""

import re

from kosha.ingestion.parsers.paragraphs import is_list_item, join_lines

# pdfium writes this where a line ends in a hyphen, and leaves out the line end.
_BREAK = re.compile("[\ufffe\x02](?:\r?\n)?")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_ENDS_SENTENCE = re.compile(r"[.!?:;。！？][\"'”’»)\]]*\d*$")
_STARTS_LOWER = re.compile(r"[(\"'“‘«]?[a-zß-öø-ÿа-яё]")
_FIGURES = re.compile(r"\d")
_MOST_WORDS = 100_000
_SHORTEST_FULL_LINE = 30
_NEAR_LINES = 4
_FULL, _VERY_FULL = 0.8, 0.92  # of the width of the lines around


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
    """Paragraphs of a page's raw text, in its order. Titles, list items and rows of a table stay lines of their own."""
    text = _whole_words(text, words)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    joined: list[str] = []
    is_prose = False
    for position, line in enumerate(lines):
        before = lines[position - 1] if position else ""
        widest = max(map(len, lines[max(0, position - _NEAR_LINES) : position + _NEAR_LINES]))
        if joined and before and _goes_on(before, line, widest, is_prose=is_prose):
            joined[-1] = join_lines(joined[-1], line)
            is_prose = True
        elif line:
            joined.append(line)
            is_prose = False
    return joined


def _whole_words(text: str, words: Words) -> str:
    """Join the words that line ends have parted; the words that are whole teach how."""
    parts = _BREAK.split(text)
    if len(parts) == 1:
        return text
    last = len(parts) - 1
    starts = [_letters_after(part) if i else 0 for i, part in enumerate(parts)]
    ends = [max(starts[i], _letters_before(part)) if i < last else len(part) for i, part in enumerate(parts)]
    for part, start, end in zip(parts, starts, ends, strict=True):
        words.learn(part[start:end])
    whole = [parts[0][: ends[0]]]
    begun = parts[0][ends[0] :]
    for i in range(1, len(parts)):
        begun = words.join(begun, parts[i][: starts[i]])
        if i == last or starts[i] < len(parts[i]):  # else the word goes on over one more line end
            whole += [begun, parts[i][starts[i] : ends[i]]]
            begun = parts[i][ends[i] :]
    return "".join(whole)


def _letters_before(part: str) -> int:
    """Where the word begins that the part ends in."""
    start = len(part)
    while start and part[start - 1].isalpha():
        start -= 1
    return start


def _letters_after(part: str) -> int:
    """Where the word ends that the part begins with."""
    end = 0
    while end < len(part) and part[end].isalnum():
        end += 1
    return end


def _goes_on(before: str, line: str, widest: int, *, is_prose: bool) -> bool:
    """Whether a line continues the one before: only the width of the column had parted them.

    widest: of the lines around. is_prose: the paragraph so far has been joined from lines already; a row of a table
    that begins with a capital is never taken for its first continuation.
    """
    if not line or is_list_item(line) or _is_row(before) or _is_row(line) or len(before) < _SHORTEST_FULL_LINE:
        return False
    ended = _ENDS_SENTENCE.search(before) is not None
    if _STARTS_LOWER.match(line):
        return not ended or len(before) >= _FULL * widest
    if before.endswith((",", "-", "–", "(")) or not (line[0].isupper() or line[0].isdigit()):
        return len(before) >= _FULL * widest
    return is_prose and len(before) >= (_VERY_FULL if ended else _FULL) * widest


def _is_row(line: str) -> bool:
    """A row of a table: mostly figures."""
    if not _FIGURES.search(line):
        return False
    parts = line.split()
    return len(parts) > 2 and sum(1 for part in parts if _FIGURES.search(part)) * 2 >= len(parts)
