"""Sitemaps: the addresses that a site lists itself (sitemaps.org, protocol 0.9), plain or packed, bounded."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from kosha.errors import Rejected
from kosha.ingestion.crawling import addresses
from kosha.ingestion.parsers.untyped_xml import etree

LIMIT_BYTES = 50 * 2**20  # of the protocol, unpacked
MOST_ADDRESSES = 10_000  # ten times the pages that a crawl keeps
_TEXT_LINES = 50_000


class Sitemap(NamedTuple):
    """Pages and further sitemaps, normalised."""

    pages: list[str]
    sitemaps: list[str]


def is_sitemap(path: Path) -> bool:
    """Whether a file begins as one: packed, or with its root element."""
    with path.open("rb") as file:
        head = file.read(4096)
    return b"<urlset" in head or b"<sitemapindex" in head


def is_for_machines(path: Path) -> bool:
    """Whether an XML file is a sitemap or a feed: what it lists is worth reading, itself it is not."""
    with path.open("rb") as file:
        head = file.read(4096)
    return any(root in head for root in (b"<urlset", b"<sitemapindex", b"<rss", b"<feed", b"<rdf:RDF"))


def read(path: Path, url: str) -> Sitemap:
    """Raises Rejected for what is none, or too large when unpacked."""
    with path.open("rb") as file:
        is_packed = file.read(2) == b"\x1f\x8b"
    try:
        return _of_text(path, url) if not is_packed and _is_text(path) else _of_xml(path, url, is_packed=is_packed)
    except (etree.XMLSyntaxError, zlib.error, EOFError, gzip.BadGzipFile) as error:
        raise Rejected("It is no sitemap: it cannot be read as XML.") from error


def _is_text(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(512).lstrip(b"\xef\xbb\xbf \t\r\n")
    return head.startswith(b"http")


def _of_text(path: Path, url: str) -> Sitemap:
    with path.open(encoding="utf-8", errors="replace") as file:
        lines = (line for line, _ in zip(file, range(_TEXT_LINES), strict=False))
        found = [address for line in lines if (address := addresses.normal(line.strip(), url))]
    return Sitemap(found[:MOST_ADDRESSES], [])


def _of_xml(path: Path, url: str, *, is_packed: bool) -> Sitemap:
    found = Sitemap([], [])
    # No entity is resolved and no DTD is read: neither a bomb nor another file comes in.
    parser = etree.XMLPullParser(events=("end",), resolve_entities=False, no_network=True, load_dtd=False)
    for block in _blocks(path, is_packed=is_packed):
        parser.feed(block)
        for _, element in parser.read_events():
            if etree.QName(element).localname != "loc":
                continue
            parent = element.getparent()
            address = addresses.normal((element.text or "").strip(), url)
            if address and parent is not None:
                kind = etree.QName(parent).localname
                (found.sitemaps if kind == "sitemap" else found.pages if kind == "url" else []).append(address)
            if parent is not None and parent.getparent() is not None:
                while parent.getprevious() is not None:  # what was read need not be held
                    del parent.getparent()[0]
        if len(found.pages) >= MOST_ADDRESSES:
            return Sitemap(found.pages[:MOST_ADDRESSES], found.sitemaps)
    parser.close()
    return found


def _blocks(path: Path, *, is_packed: bool) -> Iterator[bytes]:
    size_bytes = 0
    with gzip.open(path) if is_packed else path.open("rb") as file:
        while block := file.read(2**16):
            size_bytes += len(block)
            if size_bytes > LIMIT_BYTES:
                raise Rejected(f"Unpacked it has more than {LIMIT_BYTES // 2**20} MB, the limit of a sitemap.")
            yield block
