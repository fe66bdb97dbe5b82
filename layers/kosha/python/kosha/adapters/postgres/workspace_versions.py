"""What workspaces were set to, version by version, in PostgreSQL."""

from datetime import datetime
from typing import Any

from kosha.adapters.postgres.database import Connection, Database
from kosha.adapters.storable import storable, to_json
from kosha.errors import NotFound
from kosha.model.page import Page, PageOf
from kosha.model.workspace import KeptSettings, KeptVersion

_VERSIONS = """
select version, changed_at, changed_by, settings, lag(settings) over (order by version) as previous
from kosha.workspace_versions where workspace_id = %(workspace)s"""
_PAGE = f"select * from ({_VERSIONS}) v where version < %(before)s order by version desc limit %(limit)s"  # noqa: S608
_ONE = f"select * from ({_VERSIONS}) v where version = %(version)s"  # noqa: S608 # of constants
_ADD = """
insert into kosha.workspace_versions (workspace_id, version, changed_at, changed_by, settings)
values (%s, %s, %s, %s, %s)"""
_NEWEST = 2**31 - 1


class PostgresWorkspaceVersions:
    """Fits the port `WorkspaceVersions`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, workspace_id: str, before: KeptSettings, after: KeptSettings, *, by: str, at: datetime) -> None:
        """Add `after` as the newest version, and `before` under it where the newest one is not that."""
        key = storable(workspace_id)

        def work(connection: Connection) -> None:
            connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 9))", (key,))
            newest = connection.execute(_PAGE, {"workspace": key, "before": _NEWEST, "limit": 1}).fetchone()
            version = newest[0] if newest else 0
            known = KeptSettings.model_validate(newest[3]) if newest else None
            if known == after:
                return
            if known != before:
                version += 1
                connection.execute(_ADD, (key, version, at, None, _json(before)))
            connection.execute(_ADD, (key, version + 1, at, storable(by), _json(after)))

        self._database.run(work)

    def of(self, workspace_id: str, page: PageOf) -> Page[KeptVersion]:
        """Newest first; the cursor is the number of the last one."""
        cursor = page.cursor or ""
        before = int(cursor) if cursor.isdecimal() and len(cursor) < 10 else _NEWEST
        values = {"workspace": storable(workspace_id), "before": before, "limit": page.limit + 1}
        rows: list[Any] = self._database.ask(lambda c: c.execute(_PAGE, values).fetchall())
        items = [_version(row) for row in rows[: page.limit]]
        return Page(items, str(items[-1].version) if len(rows) > page.limit else None)

    def get(self, workspace_id: str, version: int) -> KeptVersion:
        """Raises NotFound."""
        values = {"workspace": storable(workspace_id), "version": min(version, _NEWEST)}
        row = self._database.ask(lambda c: c.execute(_ONE, values).fetchone())
        if row is None:
            raise NotFound("version", str(version))
        return _version(row)

    def forget(self, workspace_id: str) -> None:
        """No version of the workspace is kept any more."""
        statement = "delete from kosha.workspace_versions where workspace_id = %s"
        self._database.ask(lambda c: c.execute(statement, (storable(workspace_id),)))


def _json(settings: KeptSettings) -> str:
    return to_json(settings.model_dump(mode="json", by_alias=True))


def _version(row: Any) -> KeptVersion:
    version, changed_at, changed_by, settings, previous = row
    older = KeptSettings.model_validate(previous) if previous is not None else None
    return KeptVersion(version, changed_at, changed_by, KeptSettings.model_validate(settings), older)
