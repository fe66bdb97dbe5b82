"""Sources and what is known of their files, in PostgreSQL."""

from collections.abc import Sequence
from typing import Any

from kosha.adapters.postgres.database import Connection, Database
from kosha.adapters.postgres.paging import before_moment, cut
from kosha.adapters.storable import storable, to_json
from kosha.errors import NotFound
from kosha.model.page import Page, PageOf
from kosha.model.source import Source, SourceFile

_PUT = """
    insert into kosha.sources as s (id, workspace_id, created_at, syncs, record)
    values (%(id)s, %(workspace_id)s, %(created_at)s, %(syncs)s, %(record)s)"""
_REPLACE = """
    update kosha.sources set syncs = %(syncs)s, record = %(record)s
    where id = %(id)s and workspace_id = %(workspace_id)s and syncs in (%(old_syncs)s, %(syncs)s)"""
_PAGE = """
    select created_at, id, record from kosha.sources
    where workspace_id = %(workspace_id)s and (created_at, id) < (%(moment)s::timestamptz, %(last_id)s)
    order by created_at desc, id desc limit %(limit)s"""
_KEEP_FILE = """
    insert into kosha.source_files (source_id, path, document_id, mark, digest, sync) values (%s, %s, %s, %s, %s, %s)
    on conflict (source_id, path) do update
    set document_id = excluded.document_id, mark = excluded.mark, digest = excluded.digest, sync = excluded.sync"""
_FILE = "select path, document_id, mark, digest, sync from kosha.source_files where source_id = %s"


class PostgresSources:
    """Fits the port `Sources`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, source: Source) -> None:
        """Keep a new one; nothing happens where it is kept."""
        self._database.ask(lambda c: c.execute(f"{_PUT} on conflict do nothing", _columns(source)))

    def get(self, workspace_id: str, source_id: str) -> Source:
        """Raises NotFound, also for a source of another workspace."""
        statement = "select record from kosha.sources where id = %s and workspace_id = %s"
        values = (storable(source_id), storable(workspace_id))
        row = self._database.ask(lambda c: c.execute(statement, values).fetchone())
        if row is None:
            raise NotFound("source", source_id)
        return Source.model_validate(row[0])

    def of(self, workspace_id: str, page: PageOf) -> Page[Source]:
        """Newest first."""
        moment, last_id = before_moment(page.cursor)
        values = {"workspace_id": storable(workspace_id), "moment": moment, "last_id": last_id, "limit": page.limit + 1}
        rows = self._database.ask(lambda c: c.execute(_PAGE, values).fetchall())
        return cut(rows, page.limit, lambda row: Source.model_validate(row[2]))

    def replace(self, old: Source, new: Source) -> bool:
        """Write `new` if no look was begun since `old`; False where one was, or the source is gone."""
        values = {**_columns(new), "old_syncs": old.syncs}
        return self._database.ask(lambda c: c.execute(_REPLACE, values).rowcount) > 0

    def remove(self, workspace_id: str, source_id: str) -> None:
        """Forget it with what is known of its files; nothing happens where it is gone."""
        statement = "delete from kosha.sources where id = %s and workspace_id = %s"
        values = (storable(source_id), storable(workspace_id))
        self._database.ask(lambda c: c.execute(statement, values))

    def files(self, source_id: str, paths: Sequence[str]) -> dict[str, SourceFile]:
        """What is known of these paths; one that is new is left out."""
        return self._files(f"{_FILE} and path = any(%s)", (source_id, list(paths)))

    def unseen(self, source_id: str, sync: int, limit: int) -> list[SourceFile]:
        """Files that this look has not seen, by their paths."""
        return list(self._files(f"{_FILE} and sync < %s order by path limit %s", (source_id, sync, limit)).values())

    def count(self, source_id: str) -> int:
        """How many files are known."""
        statement = "select count(*) from kosha.source_files where source_id = %s"
        row: Any = self._database.ask(lambda c: c.execute(statement, (source_id,)).fetchone())
        return row[0]

    def keep_files(self, source_id: str, files: Sequence[SourceFile]) -> None:
        """Keep what is known of files, in the place of what was; nothing happens where the source is gone."""
        rows = [(source_id, one.path, one.document_id, one.mark, one.digest, one.sync) for one in files]

        def work(connection: Connection) -> None:
            known = "select from kosha.sources where id = %s for key share"
            if rows and connection.execute(known, (source_id,)).fetchone() is not None:
                with connection.cursor() as cursor:
                    cursor.executemany(_KEEP_FILE, rows)

        self._database.run(work)

    def forget_files(self, source_id: str, paths: Sequence[str]) -> None:
        """Know them no more."""
        statement = "delete from kosha.source_files where source_id = %s and path = any(%s)"
        self._database.ask(lambda c: c.execute(statement, (source_id, list(paths))))

    def _files(self, statement: Any, values: tuple[Any, ...]) -> dict[str, SourceFile]:
        rows = self._database.ask(lambda c: c.execute(statement, values).fetchall())
        return {row[0]: SourceFile(*row) for row in rows}


def _columns(source: Source) -> dict[str, Any]:
    return {
        "id": storable(source.id),
        "workspace_id": storable(source.workspace_id),
        "created_at": source.created_at,
        "syncs": source.syncs,
        "record": to_json(source),
    }
