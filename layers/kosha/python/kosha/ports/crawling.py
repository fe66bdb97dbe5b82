"""The web, and what a crawl knows of its sites, its pages and their hosts."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from kosha.model.crawl import Crawl, Link, Outcome, Robots, SitePage, Skipped, Tally, Visit
from kosha.model.page import Page, PageOf
from kosha.model.web import WebReply


class Web(Protocol):
    """The world wide web, as far as anybody may reach it."""

    def get(
        self, url: str, *, headers: Mapping[str, str], limit_bytes: int, cancelled: Callable[[], bool]
    ) -> AbstractContextManager[WebReply]:
        """Ask once; a redirection is an answer like any other.

        Raises Rejected for an address that must not be visited, TooLarge beyond `limit_bytes` (unpacked),
        SiteUnavailable where the server is away, breaks off or takes too long, Cancelled.
        """
        ...

    def pause(self, seconds: float) -> None:
        """Let the servers be for a while."""
        ...


class Frontier(Protocol):
    """The addresses of a crawl that are to be visited, and what is kept of pages between crawls."""

    def begin(self, crawl: Crawl, start: Sequence[Link]) -> None:
        """Forget the crawls before it and take up its first links. What a step that died had taken waits again."""
        ...

    def take(self, crawl: Crawl, now: datetime) -> Visit | None:
        """The next link whose time has come: near the start first, then those that few others look like."""
        ...

    def put_back(self, crawl: Crawl, visit: Visit, *, until: datetime, is_attempt: bool = True) -> None:
        """Let it wait; one that was no attempt does not count as such."""
        ...

    def next_at(self, crawl: Crawl) -> datetime | None:
        """When the next link may be visited; None where none waits."""
        ...

    def settle(self, crawl: Crawl, url: str, outcome: Outcome) -> None:
        """Keep how a visit ended, the page and the new links, at once. Again: nothing changes."""
        ...

    def revive(self, crawl: Crawl) -> None:
        """Let the links wait again that stand for another which came to nothing, each once."""
        ...

    def tally(self, crawl: Crawl) -> Tally:
        """How many links stand where; of kept ones those that came from this crawl."""
        ...

    def skipped(self, crawl: Crawl, *, examples: int) -> list[Skipped]:
        """The links that were neither kept nor meant to be, by reason, most first."""
        ...

    def page(self, document_id: str, url: str) -> SitePage | None:
        """What is kept of a page."""
        ...

    def reserve(self, document_id: str, page: SitePage) -> None:
        """Keep the id of a page that is about to be made; nothing happens where it is kept already."""
        ...

    def twin(self, crawl: Crawl, url: str, digest: str) -> SitePage | None:
        """Another page of the same digest, unless this crawl did not find it again."""
        ...

    def pages(self, document_id: str, page: PageOf) -> Page[SitePage]:
        """All that are kept, by address."""
        ...

    def unsubmitted(self, document_id: str, limit: int) -> list[SitePage]:
        """Pages whose import was not begun."""
        ...

    def unseen(self, crawl: Crawl, limit: int) -> list[SitePage]:
        """Pages that this crawl did not find again, longest unseen first; those that could not be got are left out."""
        ...

    def submitted(self, document_id: str, url: str, page_run: int) -> None:
        """The import of that content was begun."""
        ...

    def forget_page(self, document_id: str, url: str) -> None:
        """Forget what is kept of a page."""
        ...

    def forget(self, document_id: str) -> None:
        """Forget a site with its crawls, or what is kept of a page that is this document."""
        ...


class Hosts(Protocol):
    """What is known of web servers, whoever crawls them: their robots.txt, and whose turn it is to ask."""

    def claim(self, origin: str, holder: str, now: datetime, *, seconds: float) -> float:
        """0 where the host may be asked now: nobody else may until `release`, or for so many seconds.

        Else how many seconds to wait. Who holds it already may ask.
        """
        ...

    def release(self, origin: str, holder: str, *, next_at: datetime) -> None:
        """Nobody asks the host before `next_at`."""
        ...

    def robots(self, origin: str) -> Robots | None:
        """Its robots.txt, if it was read."""
        ...

    def keep_robots(self, origin: str, robots: Robots) -> None:
        """Keep it for all."""
        ...
