"""What a person types into a search box, as PostgreSQL looks for it: any text is a query, none is an error."""

import re
from unicodedata import category, normalize

from kosha.adapters.postgres.records import storable

_WORD = re.compile(r"[^\W_]+")
_WORDS_LIMIT = 16
# Scripts that put no spaces between words (or, as Hangul, whose words change their ends): Thai and Lao, Burmese,
# Khmer, everything from CJK radicals to Yi, Hangul, compatibility and rare ideographs.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
)


def as_tsquery(query: str) -> str | None:
    """A tsquery for all words, each as the beginning of one; None where words do not find what was meant."""
    text = _composed(query)
    words = _WORD.findall(text)[:_WORDS_LIMIT]
    if not words or _UNSPACED.search(text) or any(category(character).startswith("M") for character in text):
        return None
    return " & ".join(f"'{word[:100]}':*" for word in words)


def as_pattern(query: str) -> str:
    """An ILIKE pattern for the text as it stands."""
    escaped = re.sub(r"([\\%_])", r"\\\1", storable(_composed(query)))
    return f"%{escaped}%"


def _composed(query: str) -> str:
    """As keyboards write it (NFC), and no longer than anybody means."""
    return normalize("NFC", query.strip()[:1000])
