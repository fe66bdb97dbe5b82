"""Sitemaps: the addresses that a site lists itself (sitemaps.org, protocol 0.9), plain or packed, bounded."""

import gzip
import zlib
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from kosha.errors import Rejected
from kosha.ingestion.crawling import addresses
from kosha.ingestion.parsers.sniff import first_bytes
from kosha.ingestion.parsers.untyped_xml import etree

LIMIT_BYTES = 50 * 2**20  # of the protocol, unpacked
MOST_ADDRESSES = 10_000  # ten times the pages that a crawl keeps
_TEXT_LINES = 50_000
_LONGEST_LINE_BYTES = 10_000  # what is longer is no address, and not held as a whole
_ROOTS = (b"<urlset", b"<sitemapindex")
_ROOTS_OF_FEEDS = (b"<rss", b"<feed", b"<rdf:RDF")


class Sitemap(NamedTuple):
    """Pages and further sitemaps, normalised."""

    pages: list[str]
    sitemaps: list[str]


def is_sitemap(path: Path) -> bool:
    """Whether a file that is not packed begins as one, with its root element."""
    return _has_root(path, _ROOTS)


def is_for_machines(path: Path) -> bool:
    """Whether an XML file is a sitemap or a feed: what it lists is worth reading, itself it is not."""
    return _has_root(path, (*_ROOTS, *_ROOTS_OF_FEEDS))


def read(path: Path, url: str) -> Sitemap:
    """Raises Rejected for what is none, or too large when unpacked."""
    is_packed = first_bytes(path, 2) == b"\x1f\x8b"
    try:
        return _of_text(path, url) if not is_packed and _is_text(path) else _of_xml(path, url, is_packed=is_packed)
    except (etree.XMLSyntaxError, zlib.error, EOFError, gzip.BadGzipFile) as error:
        raise Rejected("It is no sitemap: it cannot be read as XML.") from error


def _has_root(path: Path, roots: Iterable[bytes]) -> bool:
    head = first_bytes(path)
    return any(root in head for root in roots)


def _is_text(path: Path) -> bool:
    return first_bytes(path, 512).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"http")


def _of_text(path: Path, url: str) -> Sitemap:
    with path.open("rb") as file:
        lines = islice(iter(partial(file.readline, _LONGEST_LINE_BYTES), b""), _TEXT_LINES)
        words = (line.decode("utf-8-sig", "replace").strip() for line in lines)
        found = [address for word in words if word and (address := addresses.normal(word, url))]
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
            words = (element.text or "").strip()
            address = addresses.normal(words, url) if words else None
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
