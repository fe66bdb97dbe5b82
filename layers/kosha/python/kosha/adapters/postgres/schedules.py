"""Schedules in PostgreSQL."""

from datetime import datetime

from kosha.adapters.postgres.database import Connection, Database
from kosha.adapters.postgres.once import once
from kosha.model.schedule import Schedule

_PUT = """
    insert into kosha.schedules (kind, workspace_id, id, every_minutes, due_at)
    values (%(kind)s, %(workspace_id)s, %(id)s, %(every_minutes)s, %(due_at)s)
    on conflict (kind, id) do update set every_minutes = excluded.every_minutes, due_at = excluded.due_at"""
_DUE = """
    select kind, workspace_id, id, every_minutes, due_at from kosha.schedules
    where due_at <= %s order by due_at limit %s"""
_MOVE = """
    update kosha.schedules set due_at = %(next_at)s
    where kind = %(kind)s and id = %(id)s and every_minutes = %(every_minutes)s and due_at = %(due_at)s"""
_MOVED = """
    select 1 from kosha.schedules
    where kind = %(kind)s and id = %(id)s and every_minutes = %(every_minutes)s and due_at = %(next_at)s"""


class PostgresSchedules:
    """Fits the port `Schedules`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, schedule: Schedule) -> None:
        """Keep it, in the place of the one that was kept of the same thing."""
        self._database.ask(lambda c: c.execute(_PUT, schedule._asdict()))

    def remove(self, kind: str, workspace_id: str, id: str) -> None:
        """Forget it; nothing happens where there is none."""
        statement = "delete from kosha.schedules where kind = %s and workspace_id = %s and id = %s"
        self._database.ask(lambda c: c.execute(statement, (kind, workspace_id, id)))

    def due(self, now: datetime, limit: int) -> list[Schedule]:
        """Those whose time has come, longest ago first."""
        rows = self._database.ask(lambda c: c.execute(_DUE, (now, limit)).fetchall())
        return [Schedule(*row) for row in rows]

    def claim(self, schedule: Schedule, now: datetime) -> bool:
        """Move it on to the first of its times after `now`; True for one caller alone at each due time."""
        values = {**schedule._asdict(), "next_at": schedule.after(now).due_at}

        def write(connection: Connection) -> bool:
            return connection.execute(_MOVE, values).rowcount > 0

        def is_written(connection: Connection) -> bool:
            return connection.execute(_MOVED, values).fetchone() is not None

        return once(self._database, write, is_written=is_written)
