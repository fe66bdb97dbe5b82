"""Text as it is kept: composed, without what nobody can see, with one kind of line end."""

import re
import unicodedata
from itertools import pairwise

# Control characters, zero-width space and joiner of words, direction marks, soft hyphen, byte order mark, the
# non-characters. ZWJ and ZWNJ stay: Indic and Persian words and emoji are spelt with them. The invisible letters that
# can carry a hidden prompt stay too, for smuggled.py to find.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f"
    "\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_ODD_SPACE = re.compile("[\u00a0\u2007\u202f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_LATIN_LIGATURE = re.compile("[\ufb00-\ufb06]")
_TRAILING_SPACE = re.compile(r"(?<![ \t])[ \t]+(?=\n|$)")  # from where a run begins: else a long one is gone over often
_MANY_BLANK_LINES = re.compile(r"\n{3,}")
_SPACE_RUN = re.compile(r"\s+")
# So many signs in a row, accents perhaps: to put the accents of one letter in order takes the square of their number.
_MANY_SIGNS = re.compile(r"[^\w\s\x00-\x7f]{64}")


def clean(text: str) -> str:
    """NFC text without invisible characters; line ends are "\\n"; at most one blank line in a row; not stripped.

    Pairs of surrogates are joined, lone ones become U+FFFD. Latin ligatures (ﬁ) are spelt out, because nobody types
    them in a question.
    """
    text = _LINE_END.sub("\n", text)
    if not text.isascii():
        if _SURROGATE.search(text):
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        text = _ODD_SPACE.sub(" ", text)
        text = _LATIN_LIGATURE.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
        text = _composed(text)
    text = _INVISIBLE.sub("", text)
    text = _TRAILING_SPACE.sub("", text)
    return _MANY_BLANK_LINES.sub("\n\n", text)


def _composed(text: str) -> str:
    """NFC; where more accents stand on a letter than any script has, they are put in order piece by piece."""
    ends = [found.end() for found in _MANY_SIGNS.finditer(text)]
    pieces = (text[start:end] for start, end in pairwise([0, *ends, len(text)]))
    return "".join(unicodedata.normalize("NFC", piece) for piece in pieces)


def one_line(text: str) -> str:
    """Cleaned text with every run of white space as one space; stripped."""
    return _SPACE_RUN.sub(" ", clean(text)).strip()
