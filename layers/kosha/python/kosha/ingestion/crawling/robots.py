"""robots.txt: what we may visit, how slowly, and where the sitemaps are (RFC 9309)."""

from typing import NamedTuple

from protego import Protego

AGENT = "KoshaBot"
HEADER = f"Mozilla/5.0 (compatible; {AGENT}/1.0)"
LIMIT_BYTES = 500 * 2**10  # RFC 9309, 2.5: at least as much is read
LONGEST_DELAY_SECONDS = 300.0
ALL, NOTHING = "", "User-agent: *\nDisallow: /"


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
