"""robots.txt: what we may visit, how slowly, and where the sitemaps are (RFC 9309)."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import NamedTuple

from protego import Protego

from kosha.ingestion.crawling import addresses, answer
from kosha.model.crawl import Robots
from kosha.model.web import WebReply
from kosha.ports import Ports

AGENT = "KoshaBot"
HEADER = f"Mozilla/5.0 (compatible; {AGENT}/1.0)"
LIMIT_BYTES = 500 * 2**10  # RFC 9309, 2.5: at least as much is read
LONGEST_DELAY_SECONDS = 300.0
ALL = ""  # the rules of a host that has none
READ_AGAIN_AFTER = timedelta(hours=24)  # RFC 9309, 2.4
MOST_HOPS = 5  # redirections one after another; RFC 9309, 2.3.1.2

Get = Callable[[str, Mapping[str, str], int], AbstractContextManager[WebReply]]
"""Asks for (address, headers, most bytes), as the port `Web` does."""


class Rules(NamedTuple):
    """The rules of one host for us."""

    parsed: Protego

    def allows(self, url: str) -> bool:
        """Whether we may visit it."""
        return bool(self.parsed.can_fetch(url, AGENT))

    @property
    def delay_seconds(self) -> float:
        """How long to stay away between two visits; 0 where nothing is said."""
        rate = self.parsed.request_rate(AGENT)
        told = [self.parsed.crawl_delay(AGENT) or 0.0, rate.seconds / rate.requests if rate and rate.requests else 0.0]
        return min(max(told), LONGEST_DELAY_SECONDS)

    @property
    def sitemaps(self) -> list[str]:
        """As they are written there."""
        return list(self.parsed.sitemaps)


def rules_of(text: str) -> Rules:
    """Any text has rules: lines that say nothing are passed over."""
    return Rules(Protego.parse(text))


class Manners:
    """The rules of the hosts that one crawl visits, each read once a day, whoever crawls."""

    def __init__(self, get: Get, ports: Ports) -> None:
        self._get = get
        self._ports = ports
        self._rules: dict[str, Rules] = {}

    def rules(self, url: str) -> Rules:
        """Of the address's host. Raises SiteUnavailable where they cannot be had: nothing is allowed then (2.3.1.4)."""
        origin = addresses.origin_of(url)
        if origin not in self._rules:
            self._rules[origin] = rules_of(self._text(origin))
        return self._rules[origin]

    def delay_seconds(self, origin: str) -> float:
        """How long the host asks us to stay away between two visits, as far as that was read."""
        return self._rules[origin].delay_seconds if origin in self._rules else 0.0

    def _text(self, origin: str) -> str:
        now = self._ports.now()
        known = self._ports.hosts.robots(origin)
        if known and known.read_at > now - READ_AGAIN_AFTER:
            return known.text
        text = self._read(f"{origin}/robots.txt", MOST_HOPS)
        self._ports.hosts.keep_robots(origin, Robots(text, now))
        return text

    def _read(self, url: str, hops: int) -> str:
        with self._get(url, {}, LIMIT_BYTES * 4) as reply:
            target = answer.target_of(reply)
            if reply.status not in answer.MOVED or target is None:
                return _text_in(reply)
        return self._read(target, hops - 1) if hops else ALL


def _text_in(reply: WebReply) -> str:
    if reply.status == 200:
        with reply.body.open("rb") as file:
            return file.read(LIMIT_BYTES).decode("utf-8", "replace")
    if reply.status == 429 or reply.status >= 500:
        raise answer.TryLater(f"robots.txt cannot be read: the server answered {reply.status}", None)
    return ALL
