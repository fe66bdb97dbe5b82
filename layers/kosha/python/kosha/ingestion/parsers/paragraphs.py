"""Lines that a narrow page broke, joined to paragraphs again; long text parted where it does not hurt."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

SECTION_CHARACTERS = 20_000  # big enough to pack chunks well, small enough to stream

_LIST_ITEM = re.compile(r"\s*(?:[-*+•◦▪‣·–—○●■□➢✓]\s|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,4})[.)]\s)")
_COLUMNS = re.compile(r"\S(?: {3,}|\t)\S")
_WIDEST_WRAP = 140
_NO_SPACE_SCRIPT = re.compile("[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")


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
    """Paragraphs of a block of lines that all follow each other without a blank one between.

    Lines are joined only where the break was forced: the next line's first word would not have fit into the width
    of the block. Verses, addresses, lists and columns keep their lines.
    """
    width = max(map(len, lines), default=0)
    if len(lines) < 2 or width > _WIDEST_WRAP or any(_COLUMNS.search(line) for line in lines):
        return [line.strip() for line in lines]
    paragraphs = [lines[0].strip()]
    for before, line in pairwise(lines):
        first_word = line.split(maxsplit=1)[0] if line.strip() else ""
        forced = len(before.rstrip()) + 1 + len(first_word) > width and width >= 40
        if forced and not is_list_item(line):
            paragraphs[-1] = join_lines(paragraphs[-1], line.strip())
        else:
            paragraphs.append(line.strip())
    return paragraphs


def parts_of(text_blocks: Iterable[str]) -> Iterator[str]:
    """The same text parted at the ends of paragraphs, each part about SECTION_CHARACTERS long.

    Where no blank line comes it is parted at a line end, then at a space, then anywhere.
    """
    rest = ""
    for block in text_blocks:
        rest += block
        start = 0
        while len(rest) - start > 2 * SECTION_CHARACTERS:
            cut = _cut(rest, start)
            yield rest[start:cut]
            start = cut
        rest = rest[start:]
    yield rest


def _cut(text: str, start: int) -> int:
    for mark in ("\n\n", "\n", " "):
        cut = text.rfind(mark, start + SECTION_CHARACTERS // 2, start + SECTION_CHARACTERS)
        if cut >= 0:
            return cut + len(mark)
    return start + SECTION_CHARACTERS
