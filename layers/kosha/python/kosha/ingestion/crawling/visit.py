"""One visit: ask for an address and say what becomes of it."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import NamedTuple

from kosha.ingestion.crawling import addresses, answer, body, feed, html, keep, kinds, robots, sitemap
from kosha.ingestion.crawling.answer import TryLater
from kosha.ingestion.crawling.feed import Entry
from kosha.model.crawl import Crawl, Link, LinkKind, Outcome, Site, SitePage, Visit
from kosha.model.document import Document
from kosha.model.web import WebReply
from kosha.ports import Ports

HTML_LIMIT_BYTES = 10 * 2**20
MOST_DEPTH = 64  # links from the start: what lies deeper was made for machines
MOST_HOPS = 10  # redirections one after another
MOST_SITEMAPS = 50
LONGEST_KIND_CHARACTERS = 100  # of what a server calls a file, as it is told


class Brought(NamedTuple):
    """How a visit ended, and what the page is to be kept as where its content is new."""

    outcome: Outcome
    content: keep.Content | None = None


class Visitor:
    """Visits the addresses of one crawl. It raises SiteUnavailable, Rejected for the address alone, and Cancelled."""

    def __init__(self, document: Document, site: Site, ports: Ports, *, cancelled: Callable[[], bool]) -> None:
        self._document = document
        self._site = site
        self._ports = ports
        self._cancelled = cancelled
        self._crawl = Crawl(document.id, document.run)
        self.manners = robots.Manners(self._get, ports)
        self.seconds = 0.0

    def unasked(self, visit: Visit) -> Brought | None:
        """What becomes of a link that need not be got: a feed has said all of it, or its name. None for any other."""
        link = visit.link
        if link.kind == "entry":
            return self._said(link)
        if link.kind == "page" and link.depth > 0 and kinds.is_never_read(link.url):
            return Brought(Outcome("skipped", "pictures, films, programs and archives are not read"))
        return None

    def asked(self, visit: Visit) -> Brought:
        """What becomes of a link when its server was asked. With the start come the sitemaps."""
        link = visit.link
        rules = self.manners.rules(link.url)
        if not rules.allows(link.url):
            return Brought(Outcome("skipped", "the site's robots.txt forbids it"))
        outcome, content = self._got(visit)
        if link.depth == 0 and link.kind == "page" and self._site.sitemap:
            outcome = outcome._replace(found=(*self._sitemaps(link.url, rules), *outcome.found))
        return Brought(outcome, content)

    def _got(self, visit: Visit) -> Brought:
        link = visit.link
        known = self._ports.frontier.page(self._document.id, link.url)
        with self._page_at(link.url, known) as reply:
            self.seconds = reply.seconds
            if reply.status == 304 and known is not None:
                return Brought(self._unchanged(visit, known))
            if reply.status != 200:
                return Brought(self._refused(visit, reply))
            if link.kind == "sitemap":
                return Brought(self._sitemap(link, reply))
            if link.kind == "feed":
                return Brought(self._feed(link, reply))
            return self._page(visit, reply, known)

    def failed(self, link: Link, reason: str) -> Outcome:
        """What becomes of a link that could not be got: where it led to when it could, is visited all the same."""
        known = self._ports.frontier.page(self._document.id, link.url)
        return Outcome("failed", reason, found=self._links(known.links, link) if known else ())

    def _page_at(self, url: str, known: SitePage | None) -> AbstractContextManager[WebReply]:
        headers: dict[str, str] = {}
        if known is not None and known.told is None and keep.is_sound(keep.kept(self._document, known, self._ports)):
            before = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
            headers = {name: value for name, value in before.items() if value}
        return self._get(url, headers, self._ports.limits.upload_bytes)

    def _get(self, url: str, headers: Mapping[str, str], limit_bytes: int) -> AbstractContextManager[WebReply]:
        told = {"User-Agent": robots.HEADER, "Accept": "text/html,application/xhtml+xml,*/*;q=0.8", **headers}
        return self._ports.web.get(url, headers=told, limit_bytes=limit_bytes, cancelled=self._cancelled)

    def _refused(self, visit: Visit, reply: WebReply) -> Outcome:
        if reply.status in answer.MOVED:
            return self._moved(visit.link, answer.target_of(reply))
        if reply.status in answer.GONE:
            return Outcome("gone", f"the server says that there is no such page ({reply.status})")
        if reply.status in answer.LATER:
            raise TryLater(f"the server answered {reply.status}", answer.retry_after(reply, self._ports.now()))
        return Outcome("skipped", f"the server answered {reply.status}")

    def _moved(self, link: Link, target: str | None) -> Outcome:
        """A redirection: its target is visited in its own turn, by the same rules."""
        if target is None or target == link.url:
            return Outcome("skipped", "it leads to nowhere or back to itself")
        if link.hops >= MOST_HOPS:
            return Outcome("skipped", f"it is redirected more than {MOST_HOPS} times")
        if link.kind != "entry" and not addresses.is_same_site(target, self._site.url):
            reason = f"it leads to another site, {target}" if link.depth == 0 else None
            return Outcome("skipped" if reason else "passed", reason)
        if link.depth > 0 and link.kind == "page" and not addresses.is_wanted(target, self._site):
            return Outcome("passed")
        return Outcome("passed", found=(link._replace(url=target, hops=link.hops + 1),))

    def _unchanged(self, visit: Visit, known: SitePage) -> Outcome:
        page = known._replace(run=self._crawl.run)
        return Outcome("kept", page=page, found=self._links(known.links, visit.link))

    def _sitemaps(self, url: str, rules: robots.Rules) -> list[Link]:
        """Those that robots.txt names, else where one usually lies."""
        named = [each for line in rules.sitemaps if (each := addresses.normal(line, url))]
        mine = [each for each in named if addresses.is_same_site(each, self._site.url)][:MOST_SITEMAPS]
        return [Link(each, "sitemap") for each in mine or [f"{addresses.origin_of(url)}/sitemap.xml"]]

    def _sitemap(self, link: Link, reply: WebReply) -> Outcome:
        listed = sitemap.read(reply.body, link.url)
        mine = (url for url in listed.pages if addresses.is_same_site(url, self._site.url))
        pages = [Link(url, depth=1) for url in mine if addresses.is_wanted(url, self._site)]
        more = [url for url in listed.sitemaps if addresses.is_same_site(url, self._site.url)][:MOST_SITEMAPS]
        nested = [Link(url, "sitemap", hops=link.hops + 1) for url in more] if link.hops < MOST_HOPS else []
        return Outcome("passed", found=(*nested, *pages))

    def _feed(self, link: Link, reply: WebReply) -> Outcome:
        entries = feed.read(reply.body, link.url, limit=self._site.limit)
        if entries is not None:
            found = tuple(Link(each.url, "entry", depth=1, told=each.as_json()) for each in entries)
            return Outcome("passed", found=found)
        is_page = reply.size_bytes <= HTML_LIMIT_BYTES and link.hops < MOST_HOPS
        named = html.facts_of(body.page_blocks(reply.body), link.url).feed if is_page else None
        if named is None:
            return Outcome("skipped", "it is no RSS or Atom feed")
        return Outcome("passed", found=(Link(named, "feed", hops=link.hops + 1),))

    def _said(self, link: Link) -> Brought | None:
        """An entry about which the feed says nothing new, or everything; None where its page has to be asked."""
        entry = Entry.of_json(link.told or "")
        known = self._ports.frontier.page(self._document.id, link.url)
        is_sound = keep.is_sound(keep.kept(self._document, known, self._ports))
        if known is not None and known.told == entry.digest and is_sound:
            return Brought(Outcome("kept", page=known._replace(run=self._crawl.run)))
        if entry.page is None:
            return None
        data = entry.page.encode()
        content = keep.Content(keep.title_of(entry.title, link.url), "rssfeed", kinds.HTML, len(data))
        digest = hashlib.sha256(data).hexdigest()
        return self._kept(link, digest, content, [data], known)

    def _page(self, visit: Visit, reply: WebReply, known: SitePage | None) -> Brought:
        link = visit.link
        told = reply.headers.get("content-type", "")
        content_type = kinds.type_of(link.url, told, reply.body)
        if self._site.sitemap and (content_type != kinds.HTML) and sitemap.is_sitemap(reply.body):
            return Brought(self._sitemap(link, reply))
        if content_type is None:
            kind = told.partition(";")[0][:LONGEST_KIND_CHARACTERS] or "unknown"
            return Brought(Outcome("skipped", f"files of this kind are not read ({kind})"))
        if content_type == kinds.HTML:
            return self._web_page(visit, reply, known)
        is_for_machines = content_type.endswith("xml") and sitemap.is_for_machines(reply.body)
        if is_for_machines or not self._is_wanted(link):
            return Brought(Outcome("passed"))
        digest = body.digest_of(reply.body)
        content = keep.Content(keep.title_of("", link.url), "file", content_type, reply.size_bytes)
        if twin := self._twin(visit, digest):
            return Brought(Outcome("alias", alias_of=twin.url))
        return self._kept(link, digest, content, body.pieces_of(reply.body), known, reply=reply)

    def _web_page(self, visit: Visit, reply: WebReply, known: SitePage | None) -> Brought:
        link = visit.link
        if reply.size_bytes > HTML_LIMIT_BYTES:
            return Brought(Outcome("skipped", f"the page has more than {HTML_LIMIT_BYTES // 2**20} MB"))
        size_bytes = body.write_in_utf8(reply.body, kinds.charset_in(reply.headers.get("content-type", "")))
        facts = html.facts_of(body.page_blocks(reply.body), link.url, reply.headers.get("x-robots-tag", ""))
        if facts.refresh and facts.refresh != link.url:
            return Brought(self._moved(link, facts.refresh))
        led_to = tuple(facts.links) if facts.may_follow else ()
        found = self._links(led_to, link)
        if (other := self._canonical(facts, visit)) is not None:
            return Brought(Outcome("alias", alias_of=other.url, found=(other, *found)))
        if not facts.may_index:
            return Brought(Outcome("skipped", "the page asks not to be indexed (noindex)", found=found))
        if not self._is_wanted(link):
            return Brought(Outcome("passed", found=found))
        digest = body.page_digest(reply.body, facts.title)
        if digest is None:
            return Brought(Outcome("skipped", "the page has no text (what scripts write is not read)", found=found))
        if twin := self._twin(visit, digest):
            again = () if link.of_twin else tuple(each._replace(of_twin=True) for each in found)
            return Brought(Outcome("alias", alias_of=twin.url, found=again))
        kind = "rssfeed" if link.kind == "entry" else "website"
        content = keep.Content(keep.title_of(facts.title, link.url), kind, kinds.HTML, size_bytes)
        pieces = body.pieces_of(reply.body)
        brought = self._kept(link, digest, content, pieces, known, reply=reply, links=led_to)
        return brought._replace(outcome=brought.outcome._replace(found=found))

    def _canonical(self, facts: html.PageFacts, visit: Visit) -> Link | None:
        """The address that the page names as its own, where it is another of this site that we may visit."""
        url = facts.canonical
        if url is None or url == visit.link.url or visit.insists or visit.link.kind != "page":
            return None
        if not addresses.is_same_site(url, self._site.url) or visit.link.hops >= MOST_HOPS:
            return None
        if not addresses.is_wanted(url, self._site) or not self._site.follow_links:
            return None
        return visit.link._replace(url=url, hops=visit.link.hops + 1)

    def _is_wanted(self, link: Link) -> bool:
        """The start is visited whatever the patterns say of it, and kept if they take it."""
        return link.kind != "page" or addresses.is_wanted(link.url, self._site)

    def _twin(self, visit: Visit, digest: str) -> SitePage | None:
        """A page that says the same; for one that insists, only such as this crawl has seen."""
        twin = self._ports.frontier.twin(self._crawl, visit.link.url, digest)
        return None if twin and visit.insists and twin.run < self._crawl.run else twin

    def _kept(
        self,
        link: Link,
        digest: str,
        content: keep.Content,
        pieces: Iterable[bytes],
        known: SitePage | None,
        *,
        reply: WebReply | None = None,
        links: tuple[str, ...] = (),
    ) -> Brought:
        """A page to be kept; where its text is what it was, only what was seen is noted."""
        headers: Mapping[str, str] = reply.headers if reply else {}
        page = keep.kept(self._document, known, self._ports)
        seen = SitePage(
            link.url,
            known.page_id if known else "",
            self._crawl.run,
            etag=headers.get("etag"),
            last_modified=headers.get("last-modified"),
            digest=digest,
            told=Entry.of_json(link.told or "").digest if link.kind == "entry" else None,
            links=links,
        )
        if known is not None and known.digest == digest and keep.is_sound(page):
            return Brought(Outcome("kept", page=seen._replace(page_run=known.page_run, submitted=known.submitted)))
        brought = keep.bring(self._document, link.url, known, content, pieces, self._ports)
        seen = seen._replace(page_id=brought.id, page_run=brought.run + 1, submitted=False)
        return Brought(Outcome("kept", page=seen), content)

    def _links(self, urls: Iterable[str], link: Link) -> tuple[Link, ...]:
        """The links of a page that belong to the site and are wanted."""
        if not self._site.follow_links or link.kind != "page" or link.depth >= MOST_DEPTH:
            return ()
        return tuple(
            Link(url, depth=link.depth + 1, shape=addresses.shape_of(url), of_twin=False)
            for url in urls
            if addresses.is_same_site(url, self._site.url)
            and addresses.is_wanted(url, self._site)
            and not addresses.is_trap(url)
        )


def start_of(site: Site) -> Link:
    """Where a crawl begins."""
    kind: LinkKind = "feed" if site.kind == "rssfeed" else "page"
    return Link(site.url, kind)
