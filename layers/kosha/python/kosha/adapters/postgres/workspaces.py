"""Workspaces and grants in PostgreSQL."""

from collections.abc import Sequence
from typing import cast

from psycopg.rows import TupleRow

from kosha.adapters.postgres.database import Connection, Database, one
from kosha.adapters.postgres.once import once
from kosha.adapters.postgres.paging import after_name, cut
from kosha.adapters.storable import storable, to_json
from kosha.errors import Conflict, NotFound
from kosha.model.page import Page, PageOf
from kosha.model.user import Grant, Member, User
from kosha.model.workspace import Workspace
from kosha.ports import Counts


class PostgresWorkspaces:
    """Fits the port `Workspaces`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, workspace: Workspace, owner: User) -> None:
        """Keep a new workspace and its owner's grant together. Conflict if the id is taken."""
        record = to_json(workspace)

        def write(connection: Connection) -> bool:
            added = connection.execute(
                "insert into kosha.workspaces (id, name, record) values (%s, %s, %s) on conflict do nothing",
                (storable(workspace.id), storable(workspace.name), record),
            )
            if added.rowcount:
                _grant(connection, workspace.id, owner.id, "owner")
            return added.rowcount > 0

        def is_written(connection: Connection) -> bool:
            found = connection.execute(
                "select 1 from kosha.workspaces where id = %s and record = %s", (storable(workspace.id), record)
            )
            return found.fetchone() is not None

        if not once(self._database, write, is_written=is_written):
            raise Conflict(f"There is a workspace {workspace.id!r} already.")

    def get(self, workspace_id: str) -> Workspace:
        """Raises NotFound."""
        statement = "select record from kosha.workspaces where id = %s"
        row = self._database.ask(lambda c: c.execute(statement, (storable(workspace_id),)).fetchone())
        if row is None:
            raise NotFound("workspace", workspace_id)
        return Workspace.model_validate(row[0])

    def seen_by(self, workspace_id: str, user_id: str) -> tuple[Workspace, Grant | None]:
        """The workspace and what the user may do in it, at once. Raises NotFound."""
        statement = """
            select w.record, g.level from kosha.workspaces w
            left join kosha.grants g on g.workspace_id = w.id and g.user_id = %s where w.id = %s"""
        values = (storable(user_id), storable(workspace_id))
        row = self._database.ask(lambda c: c.execute(statement, values).fetchone())
        if row is None:
            raise NotFound("workspace", workspace_id)
        return Workspace.model_validate(row[0]), row[1]

    def put(self, workspace: Workspace) -> None:
        """Replace what is kept of it. Raises NotFound."""
        statement = "update kosha.workspaces set name = %s, record = %s where id = %s"
        values = (storable(workspace.name), to_json(workspace), storable(workspace.id))
        if not self._database.ask(lambda c: c.execute(statement, values).rowcount):
            raise NotFound("workspace", workspace.id)

    def remove(self, workspace_id: str) -> None:
        """Forget it with its grants, documents and what is staged of them; nothing happens where it is gone."""
        key = (storable(workspace_id),)

        def work(connection: Connection) -> None:
            connection.execute(
                "delete from kosha.staged_chunks where document_id in "
                "(select id from kosha.documents where workspace_id = %s)",
                key,
            )
            connection.execute("delete from kosha.documents where workspace_id = %s", key)
            connection.execute("delete from kosha.workspaces where id = %s", key)

        self._database.run(work)

    def of(self, user_id: str, page: PageOf) -> Page[tuple[Workspace, Grant]]:
        """The workspaces a user has a grant of, by name. Raises Invalid for a malformed cursor."""
        statement = """
            select lower(w.name), w.id, w.record, g.level
            from kosha.workspaces w join kosha.grants g on g.workspace_id = w.id
            where g.user_id = %s and (lower(w.name), w.id) > (%s, %s)
            order by lower(w.name), w.id limit %s"""
        values = (storable(user_id), *after_name(page.cursor), page.limit + 1)
        rows = self._database.ask(lambda c: c.execute(statement, values).fetchall())
        return cut(rows, page.limit, lambda row: (Workspace.model_validate(row[2]), cast("Grant", row[3])))

    def all(self, page: PageOf) -> Page[Workspace]:
        """Every workspace, by name. Raises Invalid for a malformed cursor."""
        statement = """
            select lower(name), id, record from kosha.workspaces
            where (lower(name), id) > (%s, %s) order by lower(name), id limit %s"""
        values = (*after_name(page.cursor), page.limit + 1)
        rows = self._database.ask(lambda c: c.execute(statement, values).fetchall())
        return cut(rows, page.limit, lambda row: Workspace.model_validate(row[2]))

    def grant_of(self, workspace_id: str, user_id: str) -> Grant | None:
        """None where the user has none, or the workspace is not there."""
        statement = "select level from kosha.grants where workspace_id = %s and user_id = %s"
        values = (storable(workspace_id), storable(user_id))
        row = self._database.ask(lambda c: c.execute(statement, values).fetchone())
        return None if row is None else row[0]

    def members(self, workspace_id: str) -> list[Member]:
        """Who has a grant, by name."""
        statement = """
            select coalesce(a.name, g.user_id) as name, g.level
            from kosha.grants g left join kosha.accounts a on a.id = g.user_id
            where g.workspace_id = %s order by name"""
        rows = self._database.ask(lambda c: c.execute(statement, (storable(workspace_id),)).fetchall())
        return [Member(user_name=row[0], grant=row[1]) for row in rows]

    def set_grant(self, workspace_id: str, user_id: str, grant: Grant) -> None:
        """Raises NotFound, and Conflict rather than leave a workspace without an owner."""

        def work(connection: Connection) -> None:
            _lock(connection, workspace_id)
            if grant != "owner":
                _keep_an_owner(connection, workspace_id, user_id)
            _grant(connection, workspace_id, user_id, grant)

        self._database.run(work)

    def remove_grant(self, workspace_id: str, user_id: str) -> None:
        """Raises NotFound, and Conflict rather than leave a workspace without an owner."""

        def work(connection: Connection) -> None:
            _lock(connection, workspace_id)
            _keep_an_owner(connection, workspace_id, user_id)
            connection.execute(
                "delete from kosha.grants where workspace_id = %s and user_id = %s",
                (storable(workspace_id), storable(user_id)),
            )

        self._database.run(work)

    def counts(self, workspace_ids: Sequence[str]) -> dict[str, Counts]:
        """What each holds, the pages of sites included; one that holds nothing is absent."""
        statement = """
            select workspace_id, count(*), sum(vectors)::bigint, sum(size_bytes)::bigint
            from kosha.documents where workspace_id = any(%s) group by workspace_id"""
        keys = [storable(workspace_id) for workspace_id in workspace_ids]
        rows = self._database.ask(lambda c: c.execute(statement, (keys,)).fetchall())
        return {row[0]: _counts(row) for row in rows}


def _counts(row: TupleRow) -> Counts:
    return Counts(documents=row[1], vectors=row[2], size_bytes=row[3])


def _lock(connection: Connection, workspace_id: str) -> None:
    """Changes of a workspace's grants happen one after the other."""
    found = connection.execute("select 1 from kosha.workspaces where id = %s for update", (storable(workspace_id),))
    if found.fetchone() is None:
        raise NotFound("workspace", workspace_id)


def _keep_an_owner(connection: Connection, workspace_id: str, user_id: str) -> None:
    """Raises Conflict if this user is the only owner."""
    statement = """
        select coalesce(bool_and(user_id = %s), false) from kosha.grants
        where workspace_id = %s and level = 'owner'"""
    if one(connection.execute(statement, (storable(user_id), storable(workspace_id))).fetchone()):
        raise Conflict("A workspace needs an owner. Make somebody else an owner first.")


def _grant(connection: Connection, workspace_id: str, user_id: str, grant: Grant) -> None:
    connection.execute(
        "insert into kosha.grants (workspace_id, user_id, level) values (%s, %s, %s) "
        "on conflict (workspace_id, user_id) do update set level = excluded.level",
        (storable(workspace_id), storable(user_id), grant),
    )
