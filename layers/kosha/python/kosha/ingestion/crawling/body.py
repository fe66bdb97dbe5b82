"""The body of an answer: as text, in bytes, and what tells it from others."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from kosha.errors import Rejected
from kosha.ingestion import stream
from kosha.ingestion.parsers import html_page
from kosha.ingestion.parsers.decode import codec_of, text_blocks
from kosha.ingestion.parsers.source import Notes, Source


def pieces_of(body: Path) -> Iterator[bytes]:
    """Its bytes, for whoever keeps them."""
    with body.open("rb") as file:
        yield from stream.pieces(file)


def digest_of(body: Path) -> str:
    """SHA-256 of its bytes."""
    with body.open("rb") as file:
        return stream.fingerprint(file).digest


def page_blocks(body: Path) -> Iterator[str]:
    """The source of a web page, a block at a time. Raises Rejected where it is not text."""
    page = _page(body)
    return text_blocks(page, Notes(), html_page.declared_charset(page))


def page_digest(body: Path, title: str) -> str | None:
    """Another when a visitor of the page would read something else; None for a page without text."""
    digest, has_words = hashlib.sha256(title.encode()), False
    try:
        for section in html_page.read(_page(body), Notes()):
            digest.update(f"\0{section.heading}\0{section.text}".encode("utf-8", "replace"))
            has_words = has_words or any(map(str.isalnum, section.text))
    except Rejected:  # it is no text at all
        return None
    return digest.hexdigest() if has_words else None


def write_in_utf8(body: Path, charset: str | None) -> int:
    """Write down the character set that only the header tells, for whoever reads the page later; returns its bytes.

    Nothing happens where the header names none that is known, or the bytes are not in it.
    """
    codec = codec_of(charset)
    if codec is not None and codec != "utf-8":
        try:
            text = body.read_bytes().decode(codec)
        except UnicodeDecodeError:
            return body.stat().st_size
        body.write_text(text, encoding="utf-8-sig")
    return body.stat().st_size


def _page(body: Path) -> Source:
    return Source(body, "page.html")
