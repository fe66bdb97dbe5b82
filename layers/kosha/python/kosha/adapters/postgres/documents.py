"""The records of documents in PostgreSQL."""

from typing import Any, LiteralString

from kosha.adapters.postgres.database import Connection, Database
from kosha.adapters.postgres.once import once
from kosha.adapters.postgres.paging import before_moment, cut
from kosha.adapters.storable import storable, to_json
from kosha.errors import Conflict, NotFound
from kosha.model.document import Document, DocumentStatus, DocumentType
from kosha.model.page import Page, PageOf
from kosha.model.record import rfc3339

_INSERT = """
    insert into kosha.documents
        (id, workspace_id, parent_id, type, status, run, vectors, size_bytes, created_at, record)
    values (%(id)s, %(workspace_id)s, %(parent_id)s, %(type)s, %(status)s, %(run)s, %(vectors)s, %(size_bytes)s,
        %(created_at)s, %(record)s)
    on conflict do nothing"""
_REPLACE = """
    update kosha.documents
    set parent_id = %(parent_id)s, type = %(type)s, status = %(status)s, run = %(run)s, vectors = %(vectors)s,
        size_bytes = %(size_bytes)s, record = %(record)s
    where id = %(id)s and workspace_id = %(workspace_id)s and status = %(old_status)s and run = %(old_run)s
        and record ->> 'updated_at' = %(old_moment)s"""
_PAGE = """
    select created_at, id, record from kosha.documents
    where workspace_id = %(workspace_id)s and parent_id = %(parent_id)s
        and (%(type)s::text is null or type = %(type)s) and (%(status)s::text is null or status = %(status)s)
        and (created_at, id) < (%(moment)s::timestamptz, %(last_id)s)
    order by created_at desc, id desc limit %(limit)s"""


class PostgresDocuments:
    """Fits the port `Documents`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, document: Document) -> None:
        """Keep a new record. Conflict if the id is taken."""
        if not self._write(_INSERT, _columns(document)):
            raise Conflict(f"There is a document {document.id!r} already.")

    def get(self, workspace_id: str, document_id: str) -> Document:
        """Raises NotFound, also for a document of another workspace."""
        statement = "select record from kosha.documents where id = %s and workspace_id = %s"
        values = (storable(document_id), storable(workspace_id))
        row = self._database.ask(lambda c: c.execute(statement, values).fetchone())
        if row is None:
            raise NotFound("document", document_id)
        return Document.model_validate(row[0])

    def of(
        self,
        workspace_id: str,
        page: PageOf,
        *,
        type: DocumentType | None = None,
        status: DocumentStatus | None = None,
        parent_id: str | None = None,
    ) -> Page[Document]:
        """Newest first; without `parent_id` no sub-documents. Raises Invalid for a malformed cursor."""
        moment, last_id = before_moment(page.cursor)
        values = {
            "workspace_id": storable(workspace_id),
            "parent_id": storable(parent_id or ""),
            "type": type,
            "status": status,
            "moment": moment,
            "last_id": last_id,
            "limit": page.limit + 1,
        }
        rows = self._database.ask(lambda c: c.execute(_PAGE, values).fetchall())
        return cut(rows, page.limit, lambda row: Document.model_validate(row[2]))

    def replace(self, old: Document, new: Document) -> bool:
        """Write `new` if status, run and `updated_at` of the record are still those of `old`; else False."""
        known = {"old_status": old.status, "old_run": old.run, "old_moment": rfc3339(old.updated_at)}
        return self._write(_REPLACE, _columns(new) | known)

    def remove(self, workspace_id: str, document_id: str) -> None:
        """Forget it; nothing happens where it is gone."""
        statement = "delete from kosha.documents where id = %s and workspace_id = %s"
        values = (storable(document_id), storable(workspace_id))
        self._database.ask(lambda c: c.execute(statement, values))

    def unfinished(self) -> list[Document]:
        """Every document that is submitted, processing or has a pending change, oldest first."""
        statement = """
            select record from kosha.documents
            where status in ('submitted', 'processing') or record @> '{"change_pending": true}' order by created_at"""
        rows = self._database.ask(lambda c: c.execute(statement).fetchall())
        return [Document.model_validate(row[0]) for row in rows]

    def _write(self, statement: LiteralString, columns: dict[str, Any]) -> bool:
        def write(connection: Connection) -> bool:
            return connection.execute(statement, columns).rowcount > 0

        def is_written(connection: Connection) -> bool:
            stands = "select 1 from kosha.documents where id = %(id)s and record = %(record)s"
            return connection.execute(stands, columns).fetchone() is not None

        return once(self._database, write, is_written=is_written)


def _columns(document: Document) -> dict[str, Any]:
    return {
        "id": storable(document.id),
        "workspace_id": storable(document.workspace_id),
        "parent_id": storable(document.parent_id or ""),
        "type": document.type,
        "status": document.status,
        "run": document.run,
        "vectors": document.vectors,
        "size_bytes": document.size_in_bytes,
        "created_at": document.created_at,
        "record": to_json(document),
    }
