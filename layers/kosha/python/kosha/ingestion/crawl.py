"""A crawl, a slice at a time: begin, visit the frontier until it is empty, then see that every page is served."""

import math
import time
from datetime import datetime, timedelta
from typing import NamedTuple

from kosha.errors import Cancelled, Rejected, SiteUnavailable
from kosha.ingestion import importing, keys, lifecycle, remove
from kosha.ingestion.crawling import addresses, keep, report
from kosha.ingestion.crawling.answer import TryLater
from kosha.ingestion.crawling.visit import Brought, Visitor, start_of
from kosha.model.crawl import Crawl, Outcome, Site, Tally, Visit
from kosha.model.document import Document
from kosha.model.workspace import Workspace
from kosha.ports import Ports

MOST_ATTEMPTS = 4
FIRST_RETRY_SECONDS = 1.0  # then 4, then 16
PAUSE_SECONDS = 1.5  # a longer wait is the state machine's: it holds no worker
HOLD_SECONDS = 150.0  # longer than any visit: who is dead by then holds up the host no more
LEAST_DELAY_SECONDS, MOST_DELAY_SECONDS = 0.1, 5.0  # between two visits of a host that says nothing of it
GIVES_UP_AFTER = 25  # addresses that failed, beyond as many as were kept: the site is down
VISITS_PER_PAGE, VISITS_MORE = 20, 200  # so many addresses for each page that is kept at most
LONGEST_HOURS = 20
REMOVED_AT_ONCE = 20
VISITED_SHARE = 0.9  # of the progress; the rest is the imports that go on when all is visited


class Rest(NamedTuple):
    """Whether a step is done, and if not, how long to wait before it is asked again."""

    done: bool
    wait_seconds: int = 0


def begin(document: Document, ports: Ports) -> datetime:
    """Take the crawl up; returns when that was."""
    site = site_of(document, ports)
    lifecycle.advance(document, "processing", ports, stage="crawl", progress=0.01)
    ports.frontier.begin(Crawl(document.id, document.run), [start_of(site)])
    return ports.now()


def crawl(document: Document, workspace: Workspace, begun: datetime, ports: Ports) -> Rest:
    """Visit addresses for a while. Raises Cancelled, Unavailable."""
    site = site_of(document, ports)
    this = Crawl(document.id, document.run)
    ports.frontier.begin(this, [])
    watch = importing.Watch(document, ports)
    visitor = Visitor(document, site, ports, cancelled=watch)
    ends = time.monotonic() + ports.limits.crawl_slice_seconds
    while True:
        tally = ports.frontier.tally(this)
        document = _tell(document, site, tally, ports)
        if _is_over(site, tally, ports.now() - begun):
            return Rest(done=True)
        if (visit := ports.frontier.take(this, ports.now())) is None:
            rest = _none_now(this, tally, ports)
        else:
            rest = _turn(document, workspace, visitor, visit, ports)
        if rest is not None or time.monotonic() >= ends:
            return rest or Rest(done=False)


def finish(document: Document, workspace: Workspace, ports: Ports) -> Rest:
    """Serve what was found: wait for the pages' imports, let go of pages that are no more, tell what was left out.

    Raises Rejected or SiteUnavailable where nothing was found at all; then everything stays as it was.
    """
    if document.status == "processed":
        return Rest(done=True)
    site = site_of(document, ports)
    this = Crawl(document.id, document.run)
    tally = ports.frontier.tally(this)
    skipped = ports.frontier.skipped(this, examples=report.EXAMPLES)
    if not tally.kept and (skipped or site.kind == "website"):
        raise report.nothing_found(site, skipped)
    for page in ports.frontier.unsubmitted(document.id, limit=1000):
        keep.submit(document, workspace, page, None, ports)
    is_complete = not tally.waiting or tally.kept >= site.limit
    if is_complete and not _let_go(document, workspace, site, ports):
        return Rest(done=False)
    if importing_now := len(lifecycle.importing_pages(document, ports)):
        share = VISITED_SHARE + (0.99 - VISITED_SHARE) * (1 - min(1.0, importing_now / max(tally.kept, 1)))
        lifecycle.advance(document, "processing", ports, stage="embed", progress=round(share, 3))
        return Rest(done=False, wait_seconds=min(30, 1 + importing_now // 20))
    told = report.warnings(site, tally, skipped, is_complete=is_complete)
    told += report.failures(document, ports)
    pages = ports.frontier.tally(this).pages
    lifecycle.advance(
        document, "processed", ports, stage=None, progress=1.0, sub_documents=pages, warnings=tuple(told), error=None
    )
    return Rest(done=True)


def site_of(document: Document, ports: Ports) -> Site:
    """What was asked for, as it was kept with the document."""
    with ports.blobs.open(keys.original(document)) as file:
        return Site.model_validate_json(file.read())


def _turn(document: Document, workspace: Workspace, visitor: Visitor, visit: Visit, ports: Ports) -> Rest | None:
    """Visit one address, or say how long to wait until its host may be asked."""
    this, url = Crawl(document.id, document.run), visit.link.url
    brought = visitor.unasked(visit)
    if brought is None:
        origin = addresses.origin_of(url)
        wait = ports.hosts.claim(origin, document.id, ports.now(), seconds=HOLD_SECONDS)
        if wait:
            ports.frontier.put_back(this, visit, until=ports.now(), is_attempt=False)
            return _waited(wait, ports)
        brought = _asked(document, visitor, visit, ports)
    if brought is not None:
        ports.frontier.settle(this, url, brought.outcome)
        page = brought.outcome.page
        if page is not None and not page.submitted:
            keep.submit(document, workspace, page, brought.content, ports)
    return None


def _asked(document: Document, visitor: Visitor, visit: Visit, ports: Ports) -> Brought | None:
    """What became of a visit, with the host let be for a while afterwards; None where it is to be tried again."""
    this, origin = Crawl(document.id, document.run), addresses.origin_of(visit.link.url)
    delay = MOST_DELAY_SECONDS
    try:
        brought = visitor.asked(visit)
        taken = min(visitor.seconds, MOST_DELAY_SECONDS)
        delay = max(LEAST_DELAY_SECONDS, taken, visitor.manners.delay_seconds(origin))
        return brought
    except Cancelled:
        raise
    except Rejected as error:
        delay = LEAST_DELAY_SECONDS
        return Brought(Outcome("skipped", str(error)))
    except SiteUnavailable as error:
        told = error.seconds if isinstance(error, TryLater) else None
        delay = max(visitor.manners.delay_seconds(origin), told or LEAST_DELAY_SECONDS)
        if visit.attempts >= MOST_ATTEMPTS:
            return Brought(visitor.failed(visit.link, str(error)))
        seconds = told or FIRST_RETRY_SECONDS * 4 ** (visit.attempts - 1)
        ports.frontier.put_back(this, visit, until=ports.now() + timedelta(seconds=seconds))
        return None
    finally:
        ports.hosts.release(origin, document.id, next_at=ports.now() + timedelta(seconds=delay))


def _none_now(this: Crawl, tally: Tally, ports: Ports) -> Rest | None:
    """Nothing can be visited at this moment: wait for what can later; None to look again, done where nothing will."""
    next_at = ports.frontier.next_at(this)
    if next_at is not None:
        return _waited(max((next_at - ports.now()).total_seconds(), 0.01), ports)
    if tally.waiting:  # taken by nobody who lives: the next step puts it back
        return Rest(done=False)
    ports.frontier.revive(this)
    return Rest(done=True) if ports.frontier.next_at(this) is None else None


def _waited(seconds: float, ports: Ports) -> Rest | None:
    """None when they have passed; for a longer wait the rest that the state machine is to take."""
    if seconds > PAUSE_SECONDS:
        return Rest(done=False, wait_seconds=math.ceil(seconds))
    ports.web.pause(seconds)
    return None


def _is_over(site: Site, tally: Tally, age: timedelta) -> bool:
    return (
        tally.kept >= site.limit
        or tally.failed >= GIVES_UP_AFTER + tally.kept
        or tally.ended >= VISITS_PER_PAGE * site.limit + VISITS_MORE
        or age > timedelta(hours=LONGEST_HOURS)
    )


def _tell(document: Document, site: Site, tally: Tally, ports: Ports) -> Document:
    """How far it is, for whoever looks; raises Cancelled where it is not wanted any more."""
    known = min(site.limit, tally.kept + tally.waiting)
    share = max(document.progress, 0.01 + (VISITED_SHARE - 0.01) * tally.kept / max(known, 1))
    return lifecycle.advance(
        document,
        "processing",
        ports,
        stage="crawl",
        progress=round(share, 3),
        sub_documents=max(tally.kept, tally.pages),
    )


def _let_go(document: Document, workspace: Workspace, site: Site, ports: Ports) -> bool:
    """Forget pages that the crawl did not find again; whether that was all.

    Entries leave a feed because they are old: they stay until there are more of them than the feed's limit.
    """
    this = Crawl(document.id, document.run)
    unseen = ports.frontier.unseen(this, limit=REMOVED_AT_ONCE)
    if site.kind == "rssfeed":
        unseen = unseen[: max(0, ports.frontier.tally(this).pages - site.limit)]
    for each in unseen:
        page = keep.kept(document, each, ports)
        if page is not None:
            remove.forget(page, workspace, ports)
        ports.frontier.forget_page(document.id, each.url)
    return len(unseen) < REMOVED_AT_ONCE
