"""What the answer of a web server says beside its body: where it leads, and when to come again."""

from contextlib import suppress
from datetime import datetime
from email.utils import parsedate_to_datetime

from kosha.errors import SiteUnavailable
from kosha.ingestion.crawling import addresses
from kosha.model.web import WebReply

LONGEST_RETRY_SECONDS = 600.0
MOVED = (301, 302, 303, 307, 308)
GONE = (404, 410)
LATER = (408, 425, 429, 500, 502, 503, 504, 507, 509, 520, 521, 522, 523, 524)


class TryLater(SiteUnavailable):
    """The server asks for patience; `seconds` is how much, None where it does not say."""

    def __init__(self, message: str, seconds: float | None) -> None:
        super().__init__(message)
        self.seconds = seconds


def target_of(reply: WebReply) -> str | None:
    """The address that a redirection leads to, normalised; None where it names none."""
    location = reply.headers.get("location")
    return addresses.normal(location, reply.url) if location else None


def retry_after(reply: WebReply, now: datetime) -> float | None:
    """How many seconds the server wants to be let be, LONGEST_RETRY_SECONDS at most; None where it does not say."""
    told = reply.headers.get("retry-after", "").strip()
    if told.isdecimal():
        return min(float(told[:9]), LONGEST_RETRY_SECONDS)
    with suppress(ValueError, TypeError, OverflowError):  # no date at all, one without a zone, one beyond all years
        seconds = (parsedate_to_datetime(told) - now).total_seconds()
        return min(max(seconds, 0.0), LONGEST_RETRY_SECONDS)
    return None
