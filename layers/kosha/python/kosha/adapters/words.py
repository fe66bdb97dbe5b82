"""What a person types into a search box of conversations: any text is a query, none is an error."""

import re
from unicodedata import category, normalize

_WORD = re.compile(r"[^\W_]+")
_WORDS_LIMIT = 16
_WORD_CHARACTERS = 100
# Scripts that put no spaces between words (or, as Hangul, whose words change their ends): Thai and Lao, Burmese,
# Khmer, everything from CJK radicals to Yi, Hangul, compatibility and rare ideographs.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
)


def words_of(query: str) -> list[str]:
    """Words of which each is to begin one; none where words do not find what was meant."""
    text = composed(query)
    words = _WORD.findall(text)[:_WORDS_LIMIT]
    if _UNSPACED.search(text) or any(category(character).startswith("M") for character in text):
        return []
    return [word[:_WORD_CHARACTERS] for word in words]


def composed(query: str) -> str:
    """As keyboards write it (NFC), and no longer than anybody means."""
    return normalize("NFC", query.strip()[:1000])
