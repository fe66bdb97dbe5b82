"""How well MiniLM, which read English, knows the words of a text: by how many pieces it has to cut them into."""

import re

import numpy as np

# Pieces a word, and what they tell. English has 1.0 to 1.4 in questions (biomedicine the most), Spanish 1.8, German 2.1
# (medians; docs/quality.md). A line of Chinese, without spaces, is one word of many pieces.
_PIECES = (1.6, 2.2, 5.0)
_FLUENCY = (1.0, 1 / 3, 0.1)
_OF_IDENTIFIERS = 0.2  # a code means nothing to it: what is near is any other code
_LETTERS = re.compile(r"[^\W\d_]+")
_WORD = re.compile(r"\w+")
_IDENTIFIER = re.compile(r"\d.*[^\W\d_]|[^\W\d_].*\d")


def fluency(text: str, pieces: int) -> float:
    """Above 0, at most 1, as `Embedded.fluency`. pieces: tokens of the text that have letters."""
    words = len(_LETTERS.findall(text))
    if not words:
        return 1.0
    language = float(np.interp(pieces / words, _PIECES, _FLUENCY))
    found = _WORD.findall(text)
    identifiers = sum(_IDENTIFIER.search(word) is not None for word in found) / len(found)
    return language * (1 - (1 - _OF_IDENTIFIERS) * identifiers)
