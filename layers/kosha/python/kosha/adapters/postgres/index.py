"""The index of a workspace in PostgreSQL: vectors by pgvector, words by BM25, in tables of the workspace's own."""

import re
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from kosha.adapters.postgres import editing, publishing, summaries, vector_index
from kosha.adapters.postgres.by_words import ByWords, by_words
from kosha.adapters.postgres.database import Connection, Database, one
from kosha.adapters.postgres.filters import Parameters
from kosha.adapters.postgres.keywords import asked, dictionaries
from kosha.adapters.postgres.ranking import Nearness, nearest
from kosha.adapters.postgres.scope import EVERYTHING, Scope, scope_of
from kosha.adapters.postgres.staging import staged
from kosha.adapters.postgres.surroundings import neighbours
from kosha.adapters.postgres.token_vectors import TOKEN_VECTORS, fetched, packed
from kosha.adapters.postgres.vector_tables import (
    create_tables,
    drop_tables,
    lock_writes,
    tables_of,
    tidy,
)
from kosha.errors import NotFound
from kosha.model.chunk import Hit, IndexedChunk
from kosha.model.document import Document
from kosha.model.index_report import IndexReport
from kosha.model.page import Page, PageOf
from kosha.model.search import Filters, Rankings, Scored
from kosha.model.workspace import Metric, Workspace
from kosha.ports import ChunkEdit, TokenVectors, Vectors

T = TypeVar("T")

# Up to here an exact scan loses nothing and takes under 3 ms of processor time at 384 dimensions; HNSW takes 1 ms.
EXACT_LIMIT_CHUNKS = 5_000
# From so many in one import on, the tables are tidied at once, not when the server comes round to it.
MANY_CHUNKS = 1_000
_QUERY_LIMIT_TOKENS = 256
_UUID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SEARCHES_AT_ONCE = 16
BUILD_MEMORY_BYTES = 512 * 2**20
_KNOWN_SECONDS = 30.0

_STAGE = """
insert into kosha.staged_chunks (document_id, run, chunk_index, chunk, embedding, token_vectors)
values (%s, %s, %s, %s, %s, %s) on conflict do nothing"""

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

    def __init__(
        self,
        database: Database,
        *,
        exact_limit_chunks: int = EXACT_LIMIT_CHUNKS,
        build_memory_bytes: int = BUILD_MEMORY_BYTES,
        build_helpers: int = 0,
    ) -> None:
        """build_memory_bytes: the most that an index may take while it is built. build_helpers: further processes."""
        self._database = database
        self._exact_limit_chunks = exact_limit_chunks
        self._build_memory_bytes, self._build_helpers = build_memory_bytes, build_helpers
        self._known_nearness: dict[str, tuple[Nearness, float]] = {}
        # The vectors of a search are looked for here, while its own thread looks for the words.
        self._beside = ThreadPoolExecutor(SEARCHES_AT_ONCE, thread_name_prefix="vectors")

    def create(self, workspace: Workspace) -> None:
        """Make the workspace's tables; nothing happens where they are."""
        self._database.run(lambda c: create_tables(c, workspace.id, workspace.embeddings_model_dimensions))

    def drop(self, workspace_id: str) -> None:
        """Remove the workspace's tables and what is staged for it; nothing happens where they are gone."""

        self._database.ask(lambda c: vector_index.stop_building(c, tables_of(workspace_id)))

        def work(connection: Connection) -> None:
            drop_tables(connection, workspace_id)
            summaries.forget_all(connection, workspace_id)
            connection.execute("delete from kosha.staged_chunks where chunk ->> 'workspace_id' = %s", (workspace_id,))
            editing.forget_all(connection, workspace_id)

        self._database.run(work)

    def stage(
        self,
        document: Document,
        chunks: Sequence[IndexedChunk],
        vectors: Vectors | None,
        token_vectors: Sequence[TokenVectors] | None = None,
    ) -> None:
        """Keep chunks of this run with their words, beside what is served; one whose index is kept changes nothing."""
        rows = [
            (document.id, document.run, chunk.index, Jsonb(staged(document, chunk)), vector, packed(tokens))
            for chunk, vector, tokens in zip(chunks, _each(vectors, chunks), _each(token_vectors, chunks), strict=True)
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
        """Serve the staged run instead of what was served."""
        tables = tables_of(workspace.id)

        def work(connection: Connection) -> int:
            editing.bring_up_to_date(connection, tables, document)
            served = publishing.publish(connection, tables, workspace, document)
            summaries.refresh(connection, tables, workspace.id, document.id)
            return served

        served = self._run(workspace.id, work)
        if served >= MANY_CHUNKS:
            self._ask(workspace.id, lambda c: tidy(c, tables))
        return served

    def edit(self, workspace: Workspace, document: Document, chunk_id: str, wanted: ChunkEdit) -> IndexedChunk:
        """Serve a chunk with other content, or switch it. Raises NotFound."""
        tables = tables_of(workspace.id)

        def work(connection: Connection) -> IndexedChunk:
            changed = editing.edit(connection, tables, workspace, document, chunk_id, wanted)
            summaries.refresh(connection, tables, workspace.id, document.id)
            return changed

        return self._run(workspace.id, work)

    def describe(self, workspace: Workspace, document: Document) -> None:
        """Let what is served of a document have the title, the metadata and the switch of its record."""
        tables = tables_of(workspace.id)

        def work(connection: Connection) -> None:
            if editing.describe(connection, tables, workspace, document):
                summaries.refresh(connection, tables, workspace.id, document.id)

        self._run(workspace.id, work)

    def discard(self, document_id: str) -> None:
        """Forget what is staged of a document."""
        self._database.ask(lambda c: _discard(c, document_id))

    def remove(self, workspace_id: str, document_id: str) -> None:
        """Remove a document's chunks, served and staged; nothing happens where the workspace is gone."""
        tables = tables_of(workspace_id)

        def work(connection: Connection) -> None:
            lock_writes(connection, tables)
            publishing.withdraw(connection, tables, workspace_id, document_id)
            editing.forget(connection, document_id)
            summaries.refresh(connection, tables, workspace_id, document_id)

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
        parameters: Parameters = {
            "workspace": workspace.id,
            "limit": limit,
            "vector": vector,
            "tokens": asked(query, limit=_QUERY_LIMIT_TOKENS),
            "dictionaries": dictionaries(workspace.languages),
        }
        scope = self._scope(workspace, filters, document_id)
        waiting = None if vector is None else self._beside.submit(_timed, self.by_vector, workspace, scope, parameters)
        words, keyword_ms = _timed(self.by_words, workspace, scope, parameters)
        by_vector, vector_ms = waiting.result() if waiting else ([], 0.0)
        return Rankings(by_vector, words.ranking, words.full, words.chunks, vector_ms=vector_ms, keyword_ms=keyword_ms)

    def by_vector(self, workspace: Workspace, scope: Scope, parameters: Parameters) -> list[Scored]:
        """The chunks nearest to `vector`."""
        tables, nearness = tables_of(workspace.id), self._nearness(workspace)
        return self._ask(workspace.id, lambda c: nearest(c, tables, nearness, scope, parameters))

    def by_words(self, workspace: Workspace, scope: Scope, parameters: Parameters) -> ByWords:
        """The chunks that have words of `tokens`."""
        tables = tables_of(workspace.id)

        def work(connection: Connection) -> ByWords:
            return by_words(connection, tables, scope, parameters)

        # A snapshot costs two more calls; only where chunks were published meanwhile would the reads not agree.
        found = self._ask(workspace.id, work)
        return found if found.is_whole else self._read(workspace.id, work)

    def hits(self, workspace_id: str, chunk_ids: Sequence[str]) -> list[Hit]:
        """The chunks as hits without scores, in the order given; those that are gone are left out."""
        known = {chunk_id for chunk_id in chunk_ids if _is_uuid(chunk_id)}
        rows = self._rows(workspace_id, _HITS, (workspace_id, list(known)))
        found = {row["chunk_id"]: Hit.model_validate(row) for row in rows}
        return [found[chunk_id] for chunk_id in chunk_ids if chunk_id in found]

    def token_vectors(self, workspace_id: str, chunk_ids: Sequence[str]) -> dict[str, TokenVectors]:
        """Those kept of these chunks; a chunk that was staged without, or is gone, is left out."""
        known = [chunk_id for chunk_id in chunk_ids if _is_uuid(chunk_id)]
        statement = tables_of(workspace_id).fill(TOKEN_VECTORS)
        return self._ask(workspace_id, lambda c: fetched(c, statement, workspace_id, known))

    def chunks(self, workspace_id: str, document_id: str, page: PageOf) -> Page[IndexedChunk]:
        """A document's served chunks in their order; the cursor is the index of the last one."""
        after = int(page.cursor) if page.cursor and page.cursor.isdecimal() and len(page.cursor) < 10 else -1
        rows = self._rows(workspace_id, _CHUNKS, (workspace_id, document_id, after, page.limit + 1))
        items = [IndexedChunk.model_validate(row) for row in rows[: page.limit]]
        return Page(items, str(items[-1].index) if len(rows) > page.limit else None)

    def neighbours(self, workspace_id: str, chunk_ids: Sequence[str], *, reach: int) -> dict[str, list[IndexedChunk]]:
        """Of each chunk, itself among the served ones up to `reach` places away, in the order of the document."""
        known = [chunk_id for chunk_id in chunk_ids if _is_uuid(chunk_id)]
        tables = tables_of(workspace_id)
        return self._ask(workspace_id, lambda c: neighbours(c, tables, workspace_id, known, reach))

    def nearest_documents(self, workspace: Workspace, vector: Vectors, *, limit: int) -> list[str]:
        """Ids of documents by the mean of their chunks' vectors, nearest first."""
        return self._database.ask(lambda c: summaries.nearest_documents(c, workspace.id, vector, limit))

    def tend(self, workspace: Workspace) -> bool:
        """Build the HNSW index of a workspace that has outgrown exact search, or build it anew."""
        if self._never_indexed(workspace):
            return False
        tables = tables_of(workspace.id)

        def work(connection: Connection) -> bool:
            return vector_index.tend(
                connection, tables, workspace,
                exact_limit=self._exact_limit_chunks, memory_bytes=self._build_memory_bytes,
                helpers=self._build_helpers,
            )  # fmt: skip

        made = self._ask(workspace.id, work)
        self._known_nearness.pop(workspace.id, None)
        return made

    def report(self, workspace: Workspace) -> IndexReport:
        """How well approximate searches find what exact ones find, measured now."""
        tables, nearness = tables_of(workspace.id), self._nearness(workspace)
        never = self._never_indexed(workspace)
        return self._ask(
            workspace.id, lambda c: vector_index.reported(c, tables, nearness, never, self._exact_limit_chunks)
        )

    def supports(self, metric: Metric, dimensions: int) -> str | None:  # noqa: ARG002 # every metric has the same limit
        """Vectors up to 4,000 dimensions, by any metric."""
        limit = vector_index.DIMENSIONS_LIMIT
        if dimensions <= limit:
            return None
        return (
            f"The index holds vectors of up to {limit} dimensions, this model makes {dimensions}. "
            "Choose a smaller model, or let this one make shorter vectors."
        )

    def _scope(self, workspace: Workspace, filters: Filters, document_id: str | None) -> Scope:
        if document_id is None and not filters.all:
            return EVERYTHING
        tables = tables_of(workspace.id)
        return self._ask(workspace.id, lambda c: scope_of(c, tables, workspace.id, filters, document_id))

    def _nearness(self, workspace: Workspace) -> Nearness:
        """How the workspace is searched, looked up twice a minute."""
        known, until = self._known_nearness.get(workspace.id, (None, 0.0))
        if known is None or time.monotonic() > until:
            tables = tables_of(workspace.id)
            found = self._ask(workspace.id, lambda c: vector_index.vector_index(c, tables))
            ef_search = found.ef_search if found and workspace.index else None
            known = Nearness(workspace.metric, workspace.embeddings_model_dimensions, ef_search)
            self._known_nearness[workspace.id] = known, time.monotonic() + _KNOWN_SECONDS
        return known

    def _never_indexed(self, workspace: Workspace) -> str | None:
        """Why searches of a workspace are always exact."""
        if not workspace.index:
            return "The workspace was made to be searched exactly."
        if not 0 < workspace.embeddings_model_dimensions <= vector_index.DIMENSIONS_LIMIT:
            return f"No index holds vectors of {workspace.embeddings_model_dimensions} dimensions."
        return None

    def _rows(self, workspace_id: str, statement: sql.SQL, parameters: tuple[Any, ...]) -> list[dict[str, Any]]:
        filled = tables_of(workspace_id).fill(statement)

        def work(connection: Connection) -> list[dict[str, Any]]:
            with connection.cursor(row_factory=dict_row) as cursor:
                return cursor.execute(filled, parameters).fetchall()

        return self._ask(workspace_id, work)

    def _run(self, workspace_id: str, work: Callable[[Connection], T]) -> T:
        with _tables_must_be_there(workspace_id):
            return self._database.run(work)

    def _read(self, workspace_id: str, work: Callable[[Connection], T]) -> T:
        with _tables_must_be_there(workspace_id):
            return self._database.read(work)

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


def _timed(
    find: Callable[[Workspace, Scope, Parameters], T], workspace: Workspace, scope: Scope, parameters: Parameters
) -> tuple[T, float]:
    """What was found, and the milliseconds it took."""
    started = time.perf_counter()
    found = find(workspace, scope, parameters)
    return found, (time.perf_counter() - started) * 1e3


def _each(made: Iterable[T] | None, chunks: Sequence[IndexedChunk]) -> Iterable[T | None]:
    """What was made of each chunk; None for each where nothing was."""
    return [None] * len(chunks) if made is None else made


def _discard(connection: Connection, document_id: str) -> None:
    connection.execute("delete from kosha.staged_chunks where document_id = %s", (document_id,))


def _is_uuid(text: str) -> bool:
    return _UUID.fullmatch(text) is not None
