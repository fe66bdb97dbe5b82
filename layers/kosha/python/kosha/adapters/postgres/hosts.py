"""What is known of web servers in PostgreSQL: their robots.txt, and whose turn it is to ask."""

from datetime import datetime, timedelta

from kosha.adapters.postgres.database import Connection, Database
from kosha.adapters.storable import storable
from kosha.model.crawl import Robots

_CLAIM = """
    insert into kosha.crawl_hosts as h (origin, holder, next_at) values (%(origin)s, %(holder)s, %(until)s)
    on conflict (origin) do update set holder = excluded.holder, next_at = excluded.next_at
    where h.next_at <= %(now)s or h.holder = excluded.holder
    returning 1"""


class PostgresHosts:
    """Fits the port `Hosts`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, origin: str, holder: str, now: datetime, *, seconds: float) -> float:
        """0 where the host may be asked now: nobody else may until `release`, or for so many seconds.

        Else how many seconds to wait. Who holds it already may ask.
        """
        values = {"origin": origin, "holder": holder, "now": now, "until": now + timedelta(seconds=seconds)}

        def work(connection: Connection) -> float:
            if connection.execute(_CLAIM, values).fetchone():
                return 0.0
            row = connection.execute(
                "select next_at from kosha.crawl_hosts where origin = %(origin)s", values
            ).fetchone()
            return max(0.05, (row[0] - now).total_seconds()) if row else 0.05

        return self._database.run(work)

    def release(self, origin: str, holder: str, *, next_at: datetime) -> None:
        """Nobody asks the host before `next_at`."""
        statement = "update kosha.crawl_hosts set holder = null, next_at = %s where origin = %s and holder = %s"
        self._database.ask(lambda c: c.execute(statement, (next_at, origin, holder)))

    def robots(self, origin: str) -> Robots | None:
        """Its robots.txt, if it was read."""
        statement = "select robots, robots_at from kosha.crawl_hosts where origin = %s and robots is not null"
        row = self._database.ask(lambda c: c.execute(statement, (origin,)).fetchone())
        return Robots(row[0], row[1]) if row else None

    def keep_robots(self, origin: str, robots: Robots) -> None:
        """Keep it for all."""
        statement = """
            insert into kosha.crawl_hosts (origin, robots, robots_at) values (%s, %s, %s)
            on conflict (origin) do update set robots = excluded.robots, robots_at = excluded.robots_at"""
        values = (origin, storable(robots.text), robots.read_at)
        self._database.ask(lambda c: c.execute(statement, values))
