"""Fills a workspace for the search benchmark, through the product's own staging and publishing."""

import os
import time
import uuid
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime

import numpy as np
from psycopg import sql

from bench.search_corpus import Collection, Sample
from kosha.adapters.postgres.database import Database, one
from kosha.adapters.postgres.index import PgvectorIndex
from kosha.adapters.postgres.vector_tables import tables_of, tidy
from kosha.model.chunk import IndexedChunk
from kosha.model.document import Document
from kosha.model.workspace import Workspace

# Large, because every publication of so many ends in analyze; how many documents there are makes no search slower.
_CHUNKS_A_DOCUMENT = 1_000
_SHARES = 100  # of the documents that a filter on `metadata.share` can tell apart
BUILD_MEMORY_BYTES = 4 * 2**30
# By number, so that the same data gives the same questions.
_SAMPLE = sql.SQL("""
select content, content_embeddings from {chunks} where chunk_no = any(array(
    select 1 + (number * (select max(chunk_no) from {chunks}) / %s) from generate_series(0, %s - 1) number))""")


class Loader:
    """Fills one workspace from one collection: all chunks first, then the HNSW index, which is several times as fast as
    the other way round. While PostgreSQL publishes a document, the next is made up and staged. What a run that was
    stopped has published is kept, and the next one goes on there.
    """

    def __init__(self, database: Database, workspace: Workspace) -> None:
        self._database, self._workspace = database, workspace
        helpers = (os.cpu_count() or 1) - 1  # nobody searches meanwhile
        self._index = PgvectorIndex(database, build_memory_bytes=BUILD_MEMORY_BYTES, build_helpers=helpers)

    def fill(self, chunks: int) -> tuple[float, float]:
        """Add documents until there are so many chunks, and index them if the product would; seconds of each."""
        started = time.perf_counter()
        self._index.create(self._workspace)
        held = self._held()
        self._add(chunks - held, Collection(after=held), held=held)
        added = time.perf_counter()
        self._database.ask(lambda connection: tidy(connection, tables_of(self._workspace.id)))
        self._index.tend(self._workspace)
        return round(added - started, 1), round(time.perf_counter() - added, 1)

    def sample(self, chunks: int = 500) -> Sample:
        """Some of its chunks with their vectors, for questions about them."""
        statement = tables_of(self._workspace.id).fill(_SAMPLE)
        rows = self._database.run(lambda connection: connection.execute(statement, (chunks, chunks)).fetchall())
        return Sample([text for text, _ in rows], np.stack([vector.to_numpy() for _, vector in rows]))

    def _held(self) -> int:
        statement = tables_of(self._workspace.id).fill(sql.SQL("select count(*) from {chunks}"))
        return int(self._database.run(lambda connection: one(connection.execute(statement).fetchone())))

    def _add(self, chunks: int, collection: Collection, *, held: int = 0) -> None:
        before: Future[int] | None = None
        with ThreadPoolExecutor(1) as publisher:
            for first in range(0, chunks, _CHUNKS_A_DOCUMENT):
                document = self._document(share=(held + first) // _CHUNKS_A_DOCUMENT % _SHARES)
                self._stage(document, min(_CHUNKS_A_DOCUMENT, chunks - first), collection)
                if before:
                    before.result()
                before = publisher.submit(self._index.publish, self._workspace, document)
            if before:
                before.result()

    def _stage(self, document: Document, chunks: int, collection: Collection) -> None:
        first = 0
        for sample in collection.slices(chunks):
            staged = [
                IndexedChunk(chunk_id=str(uuid.uuid4()), document_id=document.id, index=first + row, content=text)
                for row, text in enumerate(sample.texts)
            ]
            self._index.stage(document, staged, sample.vectors)
            first += len(staged)

    def _document(self, *, share: int) -> Document:
        now = datetime.now(UTC)
        return Document(
            id=str(uuid.uuid4()), workspace_id=self._workspace.id, type="text", title="Made up", path="made/up",
            content_type="text/plain", status="processing", run=1, created_at=now, updated_at=now,
            metadata={"share": float(share)},
        )  # fmt: skip
