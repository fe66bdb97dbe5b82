"""Long text parted where it does not hurt."""

from collections.abc import Iterable, Iterator

SECTION_CHARACTERS = 20_000  # big enough to pack chunks well, small enough to stream


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
