"""RSS and Atom: the entries of a feed, each as a small page, or with the link to its page."""

import hashlib
import html
import io
import json
import re
import sys
from pathlib import Path
from typing import Any, NamedTuple

import feedparser as _feedparser  # pyright: ignore[reportMissingTypeStubs] - it has none

from kosha.ingestion.crawling import addresses
from kosha.ingestion.parsers.clean import one_line

feedparser: Any = _feedparser

LIMIT_BYTES = 20 * 2**20
WHOLE_CHARACTERS = 1_000  # an entry that says so much is not a teaser
_LONGEST_ENTRY_CHARACTERS = 1_000_000
_REFERENCE = re.compile(rb"&#(?:x([0-9a-f]+)|([0-9]+));?", re.I)
_MOST_DIGITS = 8


class Entry(NamedTuple):
    """One entry. url: of its page; for one without a page, made of the feed's and its id. page: its text as HTML."""

    url: str
    title: str
    page: str | None

    @property
    def digest(self) -> str:
        """Another when the feed says something else of the entry."""
        return hashlib.sha256(self.as_json().encode()).hexdigest()

    def as_json(self) -> str:
        """As it is kept until its turn."""
        return json.dumps(self._asdict(), ensure_ascii=False)

    @classmethod
    def of_json(cls, text: str) -> "Entry":
        """What `as_json` made, also an older one that kept more."""
        told = json.loads(text)
        return cls(told["url"], told["title"], told["page"])


def read(path: Path, url: str, *, limit: int) -> list[Entry] | None:
    """The first `limit` entries (feeds have the newest first), each address once; None for what is no feed."""
    with path.open("rb") as file:
        content = _REFERENCE.sub(_mended, file.read(LIMIT_BYTES))
    try:  # bytes: of a text it would take an address, and fetch it
        told: Any = feedparser.parse(io.BytesIO(content), response_headers={"content-location": url})
    except (ValueError, OverflowError):  # so it tells of bytes that are not in their character set, and the like
        return None
    if not told.get("version"):
        return None
    entries: dict[str, Entry] = {}
    for each in told.entries:
        entry = _entry(each, url)
        if entry is not None:
            entries.setdefault(entry.url, entry)
    return list(entries.values())[:limit]


def _mended(reference: re.Match[bytes]) -> bytes:
    """A character by its number, if there is one of that number: for another feedparser would raise ValueError."""
    hexadecimal, decimal = reference.groups()
    digits = hexadecimal or decimal
    number = int(digits, 16 if hexadecimal else 10) if len(digits) <= _MOST_DIGITS else sys.maxunicode + 1
    is_character = number <= sys.maxunicode and not 0xD800 <= number <= 0xDFFF
    return reference[0] if is_character else b"&#xFFFD;"


def _entry(told: Any, feed_url: str) -> Entry | None:
    link = addresses.normal(told.get("link") or "", feed_url) if told.get("link") else None
    body = _body(told)
    name = told.get("id") or told.get("title") or body
    if link is None and not name:
        return None
    digest = hashlib.sha256(str(name).encode()).hexdigest()[:16]
    title = one_line(str(told.get("title") or ""))[:200]
    is_whole = link is None or len(body) >= WHOLE_CHARACTERS
    url = link or f"{feed_url}{'&' if '?' in feed_url else '?'}entry={digest}"
    return Entry(url, title, _page(title, body, told) if is_whole else None)


def _body(told: Any) -> str:
    """The longest that the feed has of it, as HTML."""
    every: list[Any] = told.get("content") or []
    contents = [str(each.get("value") or "") for each in every]
    return max([*contents, str(told.get("summary") or "")], key=len)[:_LONGEST_ENTRY_CHARACTERS]


def _page(title: str, body: str, told: Any) -> str:
    named = html.escape(title)
    when = html.escape(str(told.get("published") or told.get("updated") or ""))
    by = html.escape(str(told.get("author") or ""))
    line = " · ".join(part for part in (by, when) if part)
    return (
        f'<!doctype html><meta charset="utf-8"><title>{named}</title><main><h1>{named}</h1>'
        f"{f'<p>{line}</p>' if line else ''}{body}</main>"
    )
