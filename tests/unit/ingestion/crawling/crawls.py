"""Crawls in the house: a site that is served here, a clock that goes on while a crawl waits, and what came of it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from tests.served.site import ServedSite
from tests.unit.ingestion.house import ADA, House

from kosha.adapters.web.http import HttpWeb, Patience
from kosha.ingestion import lifecycle, register
from kosha.model.document import Document
from kosha.model.page import PageOf
from kosha.model.web import WebReply

OVER = ("processed", "error", "cancelled")


class QuickWeb:
    """The web in which waiting takes no time: the clock of the house goes on instead."""

    def __init__(self, house: House, web: HttpWeb) -> None:
        self._house = house
        self._web = web
        self.paused = 0.0

    def get(self, url: str, **request: Any) -> AbstractContextManager[WebReply]:
        return self._web.get(url, **request)

    def pause(self, seconds: float) -> None:
        self.paused += seconds
        self._house.pass_time(seconds=seconds)


class Crawler:
    """Shorthands for crawling a served site to its end."""

    def __init__(self, house: House) -> None:
        self.house = house
        patience = Patience(connect_seconds=2.0, silence_seconds=0.5, all_seconds=1.5)
        self.web = QuickWeb(house, HttpWeb(["127.0.0.1"], patience=patience))
        house.web = self.web

    def begin(self, site: ServedSite, path: str = "/", **asked: Any) -> Document:
        """Ask for a site."""
        upload = register.WebsiteUpload.model_validate({"url": site.url + path, **asked})
        return register.website(ADA, self.house.workspace.id, upload, self.house)

    def feed(self, site: ServedSite, path: str = "/feed.xml", **asked: Any) -> Document:
        """Ask for a feed and wait for its end."""
        upload = register.FeedUpload.model_validate({"url": site.url + path, **asked})
        return self.end(register.rssfeed(ADA, self.house.workspace.id, upload, self.house))

    def crawl(self, site: ServedSite, path: str = "/", **asked: Any) -> Document:
        """Ask for a site and wait for its end."""
        return self.end(self.begin(site, path, **asked))

    def again(self, document: Document) -> Document:
        """Crawl it once more."""
        return self.end(lifecycle.retry(ADA, document.workspace_id, document.id, self.house))

    def end(self, document: Document) -> Document:
        """Let it come to its end, however long it waits for servers."""
        for _ in range(300):
            self.house.work()
            document = self.house.again(document)
            if document.status in OVER:
                return document
            self.house.pass_time(seconds=20)
        raise AssertionError(f"it did not end: {document}")

    def pages(self, document: Document) -> list[Document]:
        """What is kept of it, by address."""
        found: list[Document] = []
        page = PageOf(100)
        while True:
            listed = self.house.documents.of(document.workspace_id, page, parent_id=document.id)
            found += listed.items
            if listed.next_cursor is None:
                return sorted(found, key=lambda each: each.path)
            page = PageOf(100, listed.next_cursor)

    def paths(self, document: Document, site: ServedSite) -> list[str]:
        """The addresses of what is kept, without the host."""
        return [page.path.removeprefix(site.url) for page in self.pages(document)]

    def rows(self) -> int:
        """How many rows the crawls have left: links, pages, schedules."""
        counts = " + ".join(
            f"(select count(*) from kosha.{table})" for table in ("crawl_links", "crawl_pages", "schedules")
        )
        return self.house.database.run(lambda c: c.execute(f"select {counts}").fetchone())[0]

    @contextmanager
    def dies_at_write(self, number: int) -> Iterator[None]:
        """The process ends before its `number`th write to the frontier, the records, the blobs or the queue."""
        left = number
        whole = (self.house.frontier, self.house.documents, self.house.blobs, self.house.workflows)

        def dying(port: Any, *writes: str) -> Any:
            return _Dying(port, writes, count)

        def count() -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise SystemExit

        self.house.frontier = dying(self.house.frontier, "begin", "settle", "submitted", "put_back")
        self.house.documents = dying(self.house.documents, "add", "replace")
        self.house.blobs = dying(self.house.blobs, "write", "remove")
        self.house.workflows = dying(self.house.workflows, "start")
        try:
            yield
        except SystemExit:
            pass
        finally:
            self.house.frontier, self.house.documents, self.house.blobs, self.house.workflows = whole


class _Dying:
    def __init__(self, port: Any, writes: tuple[str, ...], count: Callable[[], None]) -> None:
        self._port = port
        self._writes = writes
        self._count = count

    def __getattr__(self, name: str) -> Any:
        if name in self._writes:
            self._count()
        return getattr(self._port, name)
