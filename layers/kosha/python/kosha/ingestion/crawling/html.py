"""What a crawler reads of a web page beside its text: title, links, and what it says of itself to robots."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kosha.ingestion.crawling import addresses
from kosha.ingestion.parsers.clean import one_line
from kosha.ingestion.parsers.untyped_xml import etree

MOST_LINKS = 5_000
QUICK_SECONDS = 10  # a refresh so soon is a redirection
_ROBOTS = ("robots", "googlebot", "koshabot")
_REFRESH = re.compile(r"\s*(\d+)(?!\d)[^;,]*[;,]\s*(?:url\s*=\s*)?[\"']?([^\"']+)", re.I)
_FEED_TYPES = ("application/rss+xml", "application/atom+xml")


@dataclass(slots=True)
class PageFacts:
    """Of one page. links: normalised, in order, once each, without those marked nofollow."""

    title: str = ""
    canonical: str | None = None
    refresh: str | None = None
    feed: str | None = None
    may_index: bool = True
    may_follow: bool = True
    links: list[str] = field(default_factory=list[str])


def facts_of(blocks: Iterable[str], url: str, told: str = "") -> PageFacts:
    """Read a page. url: where it was found. told: the header X-Robots-Tag."""
    reader = _Reader(url)
    reader.obey(told)
    parser = etree.HTMLParser(target=reader, encoding="utf-8", huge_tree=True, remove_comments=True)
    for block in blocks:
        parser.feed(block.encode("utf-8", "replace"))
    parser.close()
    return reader.facts


class _Reader:
    """Hears the parser's events (lxml's target interface), so that no tree is held."""

    def __init__(self, url: str) -> None:
        self.facts = PageFacts()
        self._url = url
        self._base = url
        self._has_base = False
        self._title: list[str] | None = None
        self._seen: set[str] = set()

    def obey(self, told: str) -> None:
        """Take directives: `noindex, nofollow`; those of the header may be addressed to one robot."""
        for part in told.lower().replace(" ", "").split(","):
            name, colon, directive = part.partition(":")
            if colon and name not in _ROBOTS:
                continue
            word = directive if colon else name
            self.facts.may_index &= word not in ("noindex", "none")
            self.facts.may_follow &= word not in ("nofollow", "none")

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag in ("a", "area"):
            if "nofollow" not in attributes.get("rel", "").lower().split():
                self._link(attributes.get("href"))
        elif tag in ("frame", "iframe"):
            self._link(attributes.get("src"))
        elif tag == "link":
            self._relation(attributes)
        elif tag == "meta":
            self._meta(attributes)
        elif tag == "base" and not self._has_base and attributes.get("href"):
            self._has_base = True
            self._base = addresses.normal(attributes["href"], self._url) or self._url
        elif tag == "title" and not self.facts.title:
            self._title = []

    def end(self, tag: str) -> None:
        if tag == "title" and self._title is not None:
            self.facts.title = one_line("".join(self._title))
            self._title = None

    def data(self, text: str) -> None:
        if self._title is not None:
            self._title.append(text)

    def close(self) -> None:
        """Asked for by the interface."""

    def _link(self, href: str | None) -> None:
        if not href or href.startswith("#") or len(self.facts.links) >= MOST_LINKS:
            return
        url = addresses.normal(href, self._base)
        if url and url not in self._seen:
            self._seen.add(url)
            self.facts.links.append(url)

    def _relation(self, attributes: Mapping[str, str]) -> None:
        words = attributes.get("rel", "").lower().split()
        href = attributes.get("href", "")
        if "canonical" in words and not self.facts.canonical and href:
            self.facts.canonical = addresses.normal(href, self._base)
        elif "alternate" in words and attributes.get("type", "").lower() in _FEED_TYPES and not self.facts.feed:
            self.facts.feed = addresses.normal(href, self._base)
        elif {"next", "prev"}.intersection(words):
            self._link(href)

    def _meta(self, attributes: Mapping[str, str]) -> None:
        content = attributes.get("content", "")
        if attributes.get("name", "").lower() in _ROBOTS:
            self.obey(content)
        elif attributes.get("http-equiv", "").lower() == "refresh":
            found = _REFRESH.match(content)
            if found and int(found[1][:6]) <= QUICK_SECONDS:
                self.facts.refresh = addresses.normal(found[2].strip(), self._base)
