"""The index of a workspace in PostgreSQL: vectors by pgvector, words by BM25, in tables of the workspace's own."""

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from kosha.adapters.postgres import publishing
from kosha.adapters.postgres.database import Connection, Database, one
from kosha.adapters.postgres.keywords import asked, counted, dictionaries, storable
from kosha.adapters.postgres.ranking import ByWords, by_words, nearest
from kosha.adapters.postgres.scope import scope_of
from kosha.adapters.postgres.vector_tables import (
    DIMENSIONS_LIMIT,
    build_ann_index,
    create_tables,
    drop_tables,
    lock_writes,
    tables_of,
    tidy,
)
from kosha.errors import NotFound
from kosha.model.chunk import Hit, IndexedChunk
from kosha.model.document import Document
from kosha.model.page import Page, PageOf
from kosha.model.search import Filters, Rankings
from kosha.model.workspace import Metric, Workspace
from kosha.ports import Vectors

T = TypeVar("T")

# Up to here an exact scan loses nothing and takes under 3 ms of processor time at 384 dimensions; HNSW takes 1 ms.
EXACT_LIMIT_CHUNKS = 5_000
# From so many in one import on, the tables are tidied at once, not when the server comes round to it.
MANY_CHUNKS = 1_000
_QUERY_LIMIT_TOKENS = 256

_STAGE = """
insert into kosha.staged_chunks (document_id, run, chunk_index, chunk, embedding) values (%s, %s, %s, %s, %s)
on conflict do nothing"""

_HITS = sql.SQL("""
select chunk_id::text, document_id::text, document_type, title, path, page, heading, content, content_complement
from {chunks} where workspace_id = %s and chunk_id = any(%s)""")

_CHUNKS = sql.SQL("""
select chunk_id::text, document_id::text, chunk_index as index, content, content_complement, page, heading, enabled
from {chunks} where workspace_id = %s and document_id = %s and chunk_index > %s order by chunk_index limit %s""")


class PgvectorIndex:
    """`Index` in one database.

    Every promise about tables and locks is kept by PostgreSQL, so any number of processes may search and publish.
    """

    def __init__(self, database: Database, *, exact_limit_chunks: int = EXACT_LIMIT_CHUNKS) -> None:
        self._database = database
        self._exact_limit_chunks = exact_limit_chunks

    def create(self, workspace: Workspace) -> None:
        """Make the workspace's tables; nothing happens where they are."""
        self._database.run(lambda c: create_tables(c, workspace.id, workspace.embeddings_model_dimensions))

    def drop(self, workspace_id: str) -> None:
        """Remove the workspace's tables and what is staged for it; nothing happens where they are gone."""

        def work(connection: Connection) -> None:
            drop_tables(connection, workspace_id)
            connection.execute("delete from kosha.staged_chunks where chunk ->> 'workspace_id' = %s", (workspace_id,))

        self._database.run(work)

    def stage(self, document: Document, chunks: Sequence[IndexedChunk], vectors: Vectors | None) -> None:
        """Keep chunks of this run with their words, beside what is served; one whose index is kept changes nothing."""
        rows = [
            (document.id, document.run, chunk.index, Jsonb(_staged(document, chunk)), vector)
            for chunk, vector in zip(chunks, [None] * len(chunks) if vectors is None else vectors, strict=True)
        ]

        def work(connection: Connection) -> None:
            with connection.cursor() as cursor:
                cursor.executemany(_STAGE, rows)

        self._database.run(work)

    def staged(self, document: Document) -> int:
        """How many chunks of this run are kept."""
        statement = "select count(*) from kosha.staged_chunks where document_id = %s and run = %s"
        return self._database.ask(lambda c: one(c.execute(statement, (document.id, document.run)).fetchone()))

    def publish(self, workspace: Workspace, document: Document) -> int:
        """Serve the staged run instead of what was served; a workspace that has grown large gets its HNSW index."""
        tables = tables_of(workspace.id)

        def work(connection: Connection) -> tuple[int, int]:
            served = publishing.publish(connection, tables, workspace, document)
            return served, publishing.chunks_with_words(connection, tables)

        served, chunks = self._run(workspace.id, work)
        if served >= MANY_CHUNKS:
            self._ask(workspace.id, lambda c: tidy(c, tables))
        can_index = workspace.index and 0 < workspace.embeddings_model_dimensions <= DIMENSIONS_LIMIT
        if can_index and chunks > self._exact_limit_chunks:
            self._run(workspace.id, lambda c: build_ann_index(c, workspace.id, workspace.metric))
        return served

    def discard(self, document_id: str) -> None:
        """Forget what is staged of a document."""
        self._database.ask(lambda c: _discard(c, document_id))

    def remove(self, workspace_id: str, document_id: str) -> None:
        """Remove a document's chunks, served and staged; nothing happens where the workspace is gone."""
        tables = tables_of(workspace_id)

        def work(connection: Connection) -> None:
            lock_writes(connection, tables)
            publishing.withdraw(connection, tables, workspace_id, document_id)

        with suppress(NotFound):  # its tables went with the workspace
            self._run(workspace_id, work)
        self.discard(document_id)

    def rankings(
        self,
        workspace: Workspace,
        query: str,
        vector: Vectors | None,
        *,
        limit: int,
        filters: Filters,
        document_id: str | None = None,
    ) -> Rankings:
        """The best `limit` chunks by cosine and by BM25."""
        tables, metric = tables_of(workspace.id), workspace.metric
        words = asked(query, limit=_QUERY_LIMIT_TOKENS)
        parameters = {
            "workspace": workspace.id,
            "limit": limit,
            "vector": vector,
            "tokens": words,
            "dictionaries": dictionaries(workspace.languages),
        }

        def work(connection: Connection) -> Rankings:
            started = time.perf_counter()
            scope = scope_of(connection, tables, workspace.id, filters, document_id)
            by_vector = [] if vector is None else nearest(connection, tables, metric, scope, parameters)
            between = time.perf_counter()
            by_keyword, full, chunks = (
                by_words(connection, tables, scope, parameters)
                if words
                else ByWords([], 0.0, publishing.chunks_with_words(connection, tables))
            )
            ended = time.perf_counter()
            return Rankings(by_vector, by_keyword, full, chunks, (between - started) * 1e3, (ended - between) * 1e3)

        return self._ask(workspace.id, work)

    def hits(self, workspace_id: str, chunk_ids: Sequence[str]) -> list[Hit]:
        """The chunks as hits without scores, in the order given; those that are gone are left out."""
        known = {chunk_id for chunk_id in chunk_ids if _is_uuid(chunk_id)}
        rows = self._rows(workspace_id, _HITS, (workspace_id, list(known)))
        found = {row["chunk_id"]: Hit.model_validate(row) for row in rows}
        return [found[chunk_id] for chunk_id in chunk_ids if chunk_id in found]

    def chunks(self, workspace_id: str, document_id: str, page: PageOf) -> Page[IndexedChunk]:
        """A document's served chunks in their order; the cursor is the index of the last one."""
        after = int(page.cursor) if page.cursor and page.cursor.isdecimal() and len(page.cursor) < 10 else -1
        rows = self._rows(workspace_id, _CHUNKS, (workspace_id, document_id, after, page.limit + 1))
        items = [IndexedChunk.model_validate(row) for row in rows[: page.limit]]
        return Page(items, str(items[-1].index) if len(rows) > page.limit else None)

    def supports(self, metric: Metric, dimensions: int) -> str | None:  # noqa: ARG002 # every metric has the same limit
        """Vectors up to 2,000 dimensions, by any metric."""
        if dimensions <= DIMENSIONS_LIMIT:
            return None
        return (
            f"The index holds vectors of up to {DIMENSIONS_LIMIT} dimensions, this model makes {dimensions}. "
            "Choose a smaller model, or let this one make shorter vectors."
        )

    def _rows(self, workspace_id: str, statement: sql.SQL, parameters: tuple[Any, ...]) -> list[dict[str, Any]]:
        filled = tables_of(workspace_id).fill(statement)

        def work(connection: Connection) -> list[dict[str, Any]]:
            with connection.cursor(row_factory=dict_row) as cursor:
                return cursor.execute(filled, parameters).fetchall()

        return self._ask(workspace_id, work)

    def _run(self, workspace_id: str, work: Callable[[Connection], T]) -> T:
        with _tables_must_be_there(workspace_id):
            return self._database.run(work)

    def _ask(self, workspace_id: str, work: Callable[[Connection], T]) -> T:
        with _tables_must_be_there(workspace_id):
            return self._database.ask(work)


@contextmanager
def _tables_must_be_there(workspace_id: str) -> Generator[None]:
    """Raises NotFound where the tables of a workspace have been dropped, or were never made."""
    try:
        yield
    except psycopg.errors.UndefinedTable as error:
        raise NotFound("workspace", workspace_id) from error


def _staged(document: Document, chunk: IndexedChunk) -> dict[str, Any]:
    """A chunk as it waits: with the words it will be found by, and whose it is."""
    answer = chunk.content_complement if document.type == "qna" else None
    words = counted(document.title, chunk.heading, chunk.content, answer)
    kept = {
        name: storable(value) if isinstance(value, str) else value
        for name, value in chunk.model_dump(by_alias=False).items()
    }
    return kept | {"tokens": words, "workspace_id": document.workspace_id}


def _discard(connection: Connection, document_id: str) -> None:
    connection.execute("delete from kosha.staged_chunks where document_id = %s", (document_id,))


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
