"""Lines that a narrow page broke, joined to paragraphs again."""

import re
from collections.abc import Sequence
from itertools import pairwise

_LIST_ITEM = re.compile(r"\s*(?:[-*+•◦▪‣·–—○●■□➢✓]\s|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,4})[.)]\s)")
_COLUMNS = re.compile(r"\S(?: {3,}|\t)\S")
_NO_SPACE_SCRIPT = re.compile("[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
_ENDS_SENTENCE = re.compile(r"[.!?:;。！？][\"'”’»)\]]*\d*$")
_STARTS_LOWER = re.compile(r"[(\"'“‘«]?[a-zß-öø-ÿа-яё]")
_FIGURES = re.compile(r"\d")
_SHORTEST_FULL_LINE = 30
_WIDEST_WRAP = 140
_NEAR_LINES = 4
_FULL, _VERY_FULL = 0.8, 0.92  # of the width of the lines around
_MOSTLY = 0.7


def is_list_item(line: str) -> bool:
    """Whether a line opens with a bullet, a number or a letter of a list."""
    return _LIST_ITEM.match(line) is not None


def join_lines(first: str, second: str) -> str:
    """Two lines of one paragraph; Chinese and Japanese are joined without a space."""
    if not first or not second:
        return first + second
    tight = _NO_SPACE_SCRIPT.match(first[-1]) and _NO_SPACE_SCRIPT.match(second[0])
    return first + second if tight else f"{first} {second}"


def unwrap(lines: Sequence[str]) -> list[str]:
    """Paragraphs, without empty lines. Titles, verses, addresses, items of a list and rows of a table stay lines."""
    if len(lines) == 1:
        return [lines[0].strip()] if lines[0].strip() else []
    widths = _widths(lines)
    forced = _forced(lines, widths)
    paragraphs: list[str] = []
    is_prose = False
    for at, line in enumerate(lines):
        before = lines[at - 1] if at else ""
        if before and line and _may_join(before, line) and (forced[at] or _goes_on(before, line, widths[at], is_prose)):
            paragraphs[-1] = join_lines(paragraphs[-1], line.strip())
            is_prose = True
        elif line.strip():
            paragraphs.append(line.strip())
            is_prose = False
    return paragraphs


def _widths(lines: Sequence[str]) -> list[int]:
    """Of each line the length of the longest around it: columns and pages differ within one document."""
    lengths = list(map(len, lines))
    return [max(lengths[max(0, at - _NEAR_LINES) : at + _NEAR_LINES]) for at in range(len(lengths))]


def _forced(lines: Sequence[str], widths: Sequence[int]) -> list[bool]:
    """Of each line, whether a typewriter had to begin it, because its first word no longer fitted into the one before.

    True only where most lines around are so: the longest line of a verse would be, too.
    """
    tight = [False] * len(lines)
    for at, (before, line) in enumerate(pairwise(lines), start=1):
        if before and line.strip() and _SHORTEST_FULL_LINE < widths[at] <= _WIDEST_WRAP:
            tight[at] = len(before) + 1 + len(line.split(maxsplit=1)[0]) > widths[at]
    return [tight[at] and _mostly(tight, lines, at) for at in range(len(lines))]


def _mostly(tight: Sequence[bool], lines: Sequence[str], at: int) -> bool:
    around = range(max(1, at - _NEAR_LINES), min(len(lines), at + _NEAR_LINES))
    within = [tight[place] for place in around if lines[place - 1] and lines[place]]
    return sum(within) >= _MOSTLY * len(within)


def _may_join(before: str, line: str) -> bool:
    if is_list_item(line) or _has_columns(before) or _has_columns(line):
        return False
    return not _is_row(before) and not _is_row(line)


def _has_columns(line: str) -> bool:
    return ("   " in line or "\t" in line) and _COLUMNS.search(line) is not None


def _goes_on(before: str, line: str, width: int, is_prose: bool) -> bool:
    """Whether a line seems to continue the one before where letters differ in width, as they do in print.

    width: of the longest line around. is_prose: the paragraph so far has been joined from lines already; a row of a
    table that begins with a capital is never taken for its first continuation.
    """
    if len(before) < _SHORTEST_FULL_LINE:
        return False
    ended = _ENDS_SENTENCE.search(before) is not None
    if _STARTS_LOWER.match(line):
        return not ended or len(before) >= _FULL * width
    if before.endswith((",", "-", "–", "(")) or not (line[0].isupper() or line[0].isdigit()):
        return len(before) >= _FULL * width
    return is_prose and len(before) >= (_VERY_FULL if ended else _FULL) * width


def _is_row(line: str) -> bool:
    """A row of a table: mostly figures."""
    if not _FIGURES.search(line):
        return False
    parts = line.split()
    return len(parts) > 2 and sum(1 for part in parts if _FIGURES.search(part)) * 2 >= len(parts)
