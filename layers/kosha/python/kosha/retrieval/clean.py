"""What a person typed or pasted, as it is searched: without what only disturbs a search."""

import re
from unicodedata import normalize
from urllib.parse import parse_qsl, urlsplit

from kosha.sentences import sentences

# A question is short. Of a longer paste (a mail, a log) the sentences that ask and its two ends say what is wanted.
LIMIT_CHARACTERS = 2_000

# Control characters, and what is invisible or turns the direction of text; not the joiners of Persian and Hindi.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
    "\ud800-\udfff]"
)
_RULER = re.compile(r"([^\w\s])\1{3,}")  # ----------, ........, ======: drawn, not said
_URL = re.compile(r"\bhttps?://[^\s<>\"'）」]+", re.IGNORECASE)
_URL_SIGNS = re.compile(r"[/?&=#+%~]+")
_TRACKING = re.compile(r"^(utm_\w+|fbclid|gclid|msclkid|mc_[ce]id|igshid|_ga|_gl|ref|ref_src|sid|session_?id)$", re.I)
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "‚": "'", "`": "'"})
_ASKS = re.compile(r"[?？؟;]\W*$")


def cleaned(text: str) -> str:
    """The text in one line of at most 2,000 characters; "" where nothing is left that could be searched.

    Names, numbers and codes (`ERR_42`, `v2.1.7`, `C++`) stay as they are; of an address its host, its path and the
    values of its query stay.
    """
    text = _INVISIBLE.sub("", normalize("NFC", text)).translate(_QUOTES)
    text = _RULER.sub(" ", _URL.sub(lambda match: f" {_words_of(match[0])} ", text))
    if len(text) > LIMIT_CHARACTERS:
        text = _gist(text)
    text = " ".join(text.split())
    return _unquoted(text) if re.search(r"\w", text) else ""


def _words_of(address: str) -> str:
    """`https://example.com/a/b?id=7&utm_source=x` says `example.com a b 7`."""
    try:
        parts = urlsplit(address)
    except ValueError:  # a bracket that opens no IPv6 address
        return _URL_SIGNS.sub(" ", address)
    values = [value for name, value in parse_qsl(parts.query) if not _TRACKING.match(name)]
    return " ".join([parts.netloc.rpartition("@")[2], _URL_SIGNS.sub(" ", parts.path), *values, parts.fragment])


def _unquoted(text: str) -> str:
    """Without the quotation marks around the whole of it."""
    is_quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" and text.count(text[0]) == 2
    return text[1:-1].strip() if is_quoted else text


def _gist(text: str) -> str:
    """Of a long paste, in its own order: the sentences that ask, then as much of its end and its beginning as fits."""
    found = sentences(text)
    asking = [place for place, sentence in enumerate(found) if _ASKS.search(sentence)]
    ends = [place for pair in zip(reversed(range(len(found))), range(len(found)), strict=True) for place in pair]
    kept: set[int] = set()
    left = LIMIT_CHARACTERS
    for place in dict.fromkeys([*asking, *ends]):
        if len(found[place]) < left:
            kept.add(place)
            left -= len(found[place]) + 1
    if not kept:
        half = LIMIT_CHARACTERS // 2
        return f"{text[:half]} {text[-half + 1 :]}"
    return " ".join(found[place] for place in sorted(kept))
