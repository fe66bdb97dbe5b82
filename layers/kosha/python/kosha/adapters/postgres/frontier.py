"""The frontier of crawls in PostgreSQL, and what is kept of pages between crawls."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from kosha.adapters.postgres import frontier_sql as sql
from kosha.adapters.postgres.crawl_links import add_links
from kosha.adapters.postgres.database import Connection, Database
from kosha.adapters.postgres.paging import after_name, cut
from kosha.adapters.storable import storable
from kosha.model.crawl import Crawl, Link, LinkKind, Outcome, SitePage, Skipped, Tally, Visit
from kosha.model.page import Page, PageOf


class PostgresFrontier:
    """Fits the port `Frontier`. Every unit may run twice."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, crawl: Crawl, start: Sequence[Link]) -> None:
        """Forget the crawls before it and take up its first links. What a step that died had taken waits again."""

        def work(connection: Connection) -> None:
            values = crawl._asdict()
            connection.execute(
                "delete from kosha.crawl_links where document_id = %(document_id)s and run < %(run)s", values
            )
            connection.execute(
                "update kosha.crawl_links set state = 'waiting' "
                "where document_id = %(document_id)s and run = %(run)s and state = 'taken'",
                values,
            )
            add_links(connection, crawl, start)

        self._database.run(work)

    def take(self, crawl: Crawl, now: datetime) -> Visit | None:
        """The next link whose time has come: near the start first, then those that few others look like."""
        values = {**crawl._asdict(), "now": now, "claim": str(uuid4())}
        row = self._database.ask(lambda c: c.execute(sql.TAKE, values).fetchone())
        if row is None:
            return None
        url, kind, depth, hops, shape, of_twin, told, attempts, insists = row
        found: LinkKind = kind
        return Visit(Link(url, found, depth, hops, shape, of_twin, told), attempts, insists)

    def put_back(self, crawl: Crawl, visit: Visit, *, until: datetime, is_attempt: bool = True) -> None:
        """Let it wait; one that was no attempt does not count as such."""
        attempts = visit.attempts if is_attempt else visit.attempts - 1
        values = {**crawl._asdict(), "url": visit.link.url, "until": until, "attempts": attempts}
        self._database.ask(lambda c: c.execute(sql.PUT_BACK, values))

    def next_at(self, crawl: Crawl) -> datetime | None:
        """When the next link may be visited, at the earliest 1970; None where none waits."""
        statement = """
            select min(greatest(not_before, to_timestamp(0))) from kosha.crawl_links
            where document_id = %(document_id)s and run = %(run)s and state = 'waiting'"""
        row = self._database.ask(lambda c: c.execute(statement, crawl._asdict()).fetchone())
        return row[0] if row else None

    def settle(self, crawl: Crawl, url: str, outcome: Outcome) -> None:
        """Keep how a visit ended, the page and the new links, at once. Again: nothing changes."""
        values = {
            **crawl._asdict(),
            "url": url,
            "state": outcome.state,
            "reason": outcome.reason,
            "alias_of": outcome.alias_of,
        }

        def work(connection: Connection) -> None:
            connection.execute(sql.SETTLE, values)
            if outcome.page is not None:
                connection.execute(sql.KEEP_PAGE, _columns(crawl.document_id, outcome.page))
            add_links(connection, crawl, outcome.found)

        self._database.run(work)

    def revive(self, crawl: Crawl) -> None:
        """Let the links wait again that stand for another which came to nothing, each once."""
        self._database.ask(lambda c: c.execute(sql.REVIVE, crawl._asdict()))

    def tally(self, crawl: Crawl) -> Tally:
        """How many links stand where; of kept ones those that came from this crawl."""
        row = self._database.ask(lambda c: c.execute(sql.TALLY, crawl._asdict()).fetchone())
        assert row is not None
        return Tally(*row)

    def skipped(self, crawl: Crawl, *, examples: int) -> list[Skipped]:
        """The links that were neither kept nor meant to be, by reason, most first."""
        values = {**crawl._asdict(), "examples": examples}
        rows = self._database.ask(lambda c: c.execute(sql.SKIPPED, values).fetchall())
        return [Skipped(reason, number, tuple(urls), may_pass) for reason, number, urls, may_pass in rows]

    def page(self, document_id: str, url: str) -> SitePage | None:
        """What is kept of a page."""
        row = self._database.ask(lambda c: c.execute(sql.PAGE_AT, (document_id, url)).fetchone())
        return _page(row) if row else None

    def reserve(self, document_id: str, page: SitePage) -> None:
        """Keep the id of a page that is about to be made; nothing happens where it is kept already."""
        self._database.ask(lambda c: c.execute(sql.RESERVE, _columns(document_id, page)))

    def twin(self, crawl: Crawl, url: str, digest: str) -> SitePage | None:
        """Another page of the same digest, unless this crawl did not find it again."""
        values = {**crawl._asdict(), "url": url, "digest": digest}
        row = self._database.ask(lambda c: c.execute(sql.TWIN, values).fetchone())
        return _page(row) if row else None

    def pages(self, document_id: str, page: PageOf) -> Page[SitePage]:
        """All that are kept, by address. Raises Invalid for a malformed cursor."""
        values = (document_id, *after_name(page.cursor), page.limit + 1)
        rows = self._database.ask(lambda c: c.execute(sql.PAGES, values).fetchall())
        return cut(rows, page.limit, lambda row: _page(row[2:]))

    def unsubmitted(self, document_id: str, limit: int) -> list[SitePage]:
        """Pages whose import was not begun."""
        rows = self._database.ask(lambda c: c.execute(sql.UNSUBMITTED, (document_id, limit)).fetchall())
        return [_page(row) for row in rows]

    def unseen(self, crawl: Crawl, limit: int) -> list[SitePage]:
        """Pages that this crawl did not find again, longest unseen first; those that could not be got are left out."""
        values = {**crawl._asdict(), "limit": limit}
        return [_page(row) for row in self._database.ask(lambda c: c.execute(sql.UNSEEN, values).fetchall())]

    def submitted(self, document_id: str, url: str, page_run: int) -> None:
        """The import of that content was begun."""
        statement = (
            "update kosha.crawl_pages set submitted = true where document_id = %s and url = %s and page_run = %s"
        )
        self._database.ask(lambda c: c.execute(statement, (document_id, url, page_run)))

    def forget_page(self, document_id: str, url: str) -> None:
        """Forget what is kept of a page."""
        statement = "delete from kosha.crawl_pages where document_id = %s and url = %s"
        self._database.ask(lambda c: c.execute(statement, (document_id, url)))

    def forget(self, document_id: str) -> None:
        """Forget a site with its crawls, or what is kept of a page that is this document."""
        values = {"id": storable(document_id)}

        def work(connection: Connection) -> None:
            connection.execute("delete from kosha.crawl_links where document_id = %(id)s", values)
            connection.execute("delete from kosha.crawl_pages where document_id = %(id)s or page_id = %(id)s", values)

        self._database.run(work)


def _columns(document_id: str, page: SitePage) -> dict[str, Any]:
    texts = {name: storable(value) if isinstance(value, str) else value for name, value in page._asdict().items()}
    return {**texts, "document_id": document_id, "links": Jsonb(list(page.links), dumps=json.dumps)}


def _page(row: TupleRow) -> SitePage:
    return SitePage(*row[:-1], links=tuple(row[-1]))
