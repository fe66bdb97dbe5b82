"""Text to the words that keyword search counts; the same for what is kept and for what is asked."""

import re
import unicodedata
from collections import Counter

# Scripts written without spaces between words (and Hangul, whose words carry their grammar): Han, Kana, Bopomofo,
# Hangul, Thai, Lao, Burmese, Khmer.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u312f\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
# The blocks of India as a whole (without the dandas), and the signs above and below of Thai, Lao, Burmese and Khmer:
# vowel signs are part of a word, but not of \w.
_WORD = re.compile(
    r"(?:[^\W_]|[\u0900-\u0963\u0966-\u0dff"
    r"\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u102b-\u103e\u1056-\u1059\u17b4-\u17d3])+"
)
# ERR_42, v2.1.7, ISO/IEC-27001, max_connections: found by their parts, and best as a whole.
_CODE = re.compile(r"[^\W_]+(?:[-_.:/][^\W_]+)+")
_TELLING = re.compile(r"[\d_]")  # else it is words with a dash between
_CODE_LIMIT_CHARACTERS = 40  # a longer one is an address, which nobody asks for as a whole
_RUN = re.compile(f"[{_UNSPACED}]+")
# Accents, Hebrew points, Arabic vowel signs, and the joiners that only shape letters.
_DROPPED = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u200c\u200d]")
_TOKEN_LIMIT_CHARACTERS = 64  # a longer one is data in letters, and an index entry of PostgreSQL has to stay small

_STEMMERS = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi",
    "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "ne": "nepali",
    "nl": "dutch", "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian",
    "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip


def dictionaries(languages: tuple[str, ...]) -> list[str]:
    """PostgreSQL's dictionaries that reduce the words of these languages (ISO 639-1) to their stems.

    A language it has no stemmer for keeps its words as they are.
    """
    named = (f"pg_catalog.{_STEMMERS[language]}_stem" if language in _STEMMERS else None for language in languages)
    return sorted({name or "pg_catalog.simple" for name in named})


def tokens(text: str, *, characters: bool = True) -> list[str]:
    """The words of any text in their order, without case and accents; scripts without spaces as pairs of characters.

    Behind them, codes of several parts as one word each. characters: whether the single characters stand beside the
    pairs, so that a question of one character finds them.
    """
    found: list[str] = []
    folded = _folded(text)
    for match in _WORD.finditer(folded):
        word = match[0]
        if word.isascii() or not _RUN.search(word):
            found.append(word[:_TOKEN_LIMIT_CHARACTERS])
        else:
            found.extend(_split(word, characters=characters))
    return found + [match[0] for match in _CODE.finditer(folded) if is_code(match[0])]


def is_code(text: str) -> bool:
    """Whether a word, or a stem, is a code of several parts."""
    return len(text) <= _CODE_LIMIT_CHARACTERS and bool(_CODE.fullmatch(text) and _TELLING.search(text))


def counted(*texts: str | None) -> dict[str, int]:
    """How often each word occurs in the texts together."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(tokens(text or ""))
    return counts


def asked(query: str, *, limit: int) -> list[str]:
    """The different words of a question, at most `limit`, in their order."""
    return list(dict.fromkeys(tokens(query, characters=False)))[:limit]


def storable(text: str) -> str:
    """The text without NUL, and with a question mark for half a surrogate pair: PostgreSQL keeps neither."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text).casefold()
    return unicodedata.normalize("NFC", _DROPPED.sub("", parts))


def _split(word: str, *, characters: bool) -> list[str]:
    """Runs of an unspaced script become pairs (and characters); what stands between them stays a word."""
    found: list[str] = []
    end = 0
    for run in _RUN.finditer(word):
        found.append(word[end : run.start()])
        if characters or len(run[0]) == 1:
            found.extend(run[0])
        found.extend(run[0][place : place + 2] for place in range(len(run[0]) - 1))
        end = run.end()
    found.append(word[end:])
    return [piece[:_TOKEN_LIMIT_CHARACTERS] for piece in found if piece]
