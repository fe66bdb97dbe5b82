"""Which way a script runs."""

_DOWNWARDS = 0.5


def is_written_downwards(text: str) -> bool:
    """Whether lines that run down a page are usual for this text: Chinese, Japanese and Korean."""
    letters = [letter for letter in text if letter.isalpha()]
    return sum(map(_is_east_asian, letters)) > _DOWNWARDS * len(letters)


def _is_east_asian(letter: str) -> bool:
    code = ord(letter)
    return 0x3040 <= code <= 0x30FF or 0x3400 <= code <= 0x9FFF or 0xAC00 <= code <= 0xD7AF or 0xF900 <= code <= 0xFAFF
