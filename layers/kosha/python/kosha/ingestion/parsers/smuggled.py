"""Letters that no screen shows: Unicode's tag characters, runs of variation selectors and of zero-width joiners."""

import re

# A black flag with tags is the flag of a region, such as Scotland's; other tags spell words for machines alone.
_FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007e]{1,8}\U000e007f")
_TAGS = re.compile("[\U000e0000-\U000e007f]+")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{4,}")  # one behind a letter chooses its form
_ZERO_WIDTH = re.compile("[\u200c\u200d]{8,}")  # what `clean` leaves of them
_ANY = re.compile("[\U000e0000-\U000e007f]|[\ufe00-\ufe0f\U000e0100-\U000e01ef]{4}|[\u200c\u200d]{8}")


def without_smuggled(text: str) -> tuple[str, list[str]]:
    """(the text without such letters, what they spelt): flags stay."""
    if text.isascii() or not _ANY.search(text):
        return text, []
    spelt: list[str] = []

    def tags(found: re.Match[str]) -> str:
        spelt.append("".join(chr(ord(letter) - 0xE0000) for letter in found[0] if 0x20 <= ord(letter) - 0xE0000 < 0x7F))
        return ""

    def selectors(found: re.Match[str]) -> str:
        numbers = [ord(letter) - 0xFE00 if ord(letter) < 0xFE10 else ord(letter) - 0xE0100 + 16 for letter in found[0]]
        spelt.append(bytes(number & 0xFF for number in numbers).decode("utf-8", "replace"))
        return ""

    def zero_width(found: re.Match[str]) -> str:
        spelt.append(f"({len(found[0])} zero-width characters)")
        return ""

    flags = _FLAG.findall(text)
    parts = [_TAGS.sub(tags, part) for part in _FLAG.split(text)]
    kept = parts[0] + "".join(flag + part for flag, part in zip(flags, parts[1:], strict=True))
    kept = _ZERO_WIDTH.sub(zero_width, _SELECTORS.sub(selectors, kept))
    return kept, [words for words in spelt if words.strip()]
