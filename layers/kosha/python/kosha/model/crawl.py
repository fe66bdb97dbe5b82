"""Nouns of crawling: what a person asked for, the addresses found on the way, what is kept of pages between crawls."""

from datetime import datetime
from typing import Literal, NamedTuple

from kosha.model.record import Record

LinkKind = Literal["page", "sitemap", "feed", "entry"]
# A row of the frontier is waiting or taken; every other word says how it ended:
# kept as a document, only looked through for its links, the same as another, not wanted, not there any more, not got.
LinkState = Literal["waiting", "taken", "kept", "passed", "alias", "skipped", "gone", "failed"]


class Site(Record):
    """What is asked of a crawl, as it is kept with the site's document. `limit` counts pages that are kept."""

    url: str
    kind: Literal["website", "rssfeed"]
    follow_links: bool = True
    limit: int = 100
    sitemap: bool = False
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


class Crawl(NamedTuple):
    """One crawl of a site: its document, and which run of it."""

    document_id: str
    run: int


class Link(NamedTuple):
    """An address to be visited, normalised; a crawl has it once.

    depth: links from the start. hops: redirections that led here. shape: what it has in common with addresses that
    differ from it in numbers only. of_twin: found on a page that is the same as another. told: what a feed says of an
    entry, as JSON.
    """

    url: str
    kind: LinkKind = "page"
    depth: int = 0
    hops: int = 0
    shape: str = ""
    of_twin: bool = False
    told: str | None = None


class Visit(NamedTuple):
    """A link whose turn it is. attempts: this one included. insists: keep it although it names another as itself."""

    link: Link
    attempts: int
    insists: bool


class SitePage(NamedTuple):
    """What is kept of a page between crawls.

    page_id: of its sub-document. run: the crawl that saw it last. page_run: the import of the sub-document that its
    present content is for; submitted: whether that was begun. digest: of title and text. told: digest of what a feed
    said of it. links: where it led to.
    """

    url: str
    page_id: str
    run: int
    page_run: int = 0
    submitted: bool = True
    etag: str | None = None
    last_modified: str | None = None
    digest: str = ""
    told: str | None = None
    links: tuple[str, ...] = ()


class Outcome(NamedTuple):
    """How a visit ended. reason: for a person, the same words for the same thing. alias_of: the address it stands for.

    page: what is to be kept of it. found: addresses to visit; those known to this crawl are left out.
    """

    state: LinkState
    reason: str | None = None
    alias_of: str | None = None
    page: SitePage | None = None
    found: tuple[Link, ...] = ()


class Tally(NamedTuple):
    """How many addresses of a crawl stand where. pages: that are kept of the site, from crawls before too."""

    kept: int = 0
    waiting: int = 0
    ended: int = 0
    failed: int = 0
    pages: int = 0


class Skipped(NamedTuple):
    """Addresses that ended for the same reason, a few of them by name. may_pass: they could not be had just then."""

    reason: str
    number: int
    examples: tuple[str, ...]
    may_pass: bool = False


class Robots(NamedTuple):
    """What a host says to robots; `text` is empty where it has no such file."""

    text: str
    read_at: datetime
