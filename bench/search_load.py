"""Fills a workspace for the search benchmark, through the product's own staging and publishing."""

import os
import time
import uuid
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import NamedTuple

from bench.search_corpus import Collection, Sample
from kosha.adapters.postgres.database import Database
from kosha.adapters.postgres.index import EXACT_LIMIT_CHUNKS, PgvectorIndex
from kosha.adapters.postgres.vector_tables import build_ann_index, tables_of, tidy
from kosha.model.chunk import IndexedChunk
from kosha.model.document import Document
from kosha.model.workspace import Workspace

# Large, because every publication ends in vacuum and analyze; how many documents there are makes no search slower.
_CHUNKS_A_DOCUMENT = 5_000
_NEVER = 10**9


class Loaded(NamedTuple):
    """What questions are made of, and the seconds it took."""

    sample: Sample
    chunks_s: float
    index_s: float


class Loader:
    """Adds chunks of one collection to one workspace: all of them first, then the HNSW index, which is several times as
    fast as the other way round. While PostgreSQL publishes a document, the next is made up and staged.
    """

    def __init__(self, database: Database, workspace: Workspace, collection: Collection) -> None:
        self._database, self._workspace, self._collection = database, workspace, collection
        self._index = PgvectorIndex(database, exact_limit_chunks=_NEVER)
        self._held = 0

    def grow(self, chunks: int) -> Loaded:
        """Add documents until there are so many chunks, and index them if the product would."""
        started = time.perf_counter()
        sample = self._add(chunks - self._held)
        self._held = chunks
        added = time.perf_counter()
        if chunks > EXACT_LIMIT_CHUNKS:
            self._build_index()
        self._database.ask(lambda connection: tidy(connection, tables_of(self._workspace.id)))
        return Loaded(sample, round(added - started, 1), round(time.perf_counter() - added, 1))

    def drop_index(self) -> None:
        """So that the next documents are added fast."""
        statement = f"drop index if exists vectors.{tables_of(self._workspace.id).ann_index}".encode()
        self._database.run(lambda connection: connection.execute(statement))

    def _build_index(self) -> None:
        helpers = (os.cpu_count() or 1) - 1  # nobody searches meanwhile
        self._database.run(
            lambda connection: build_ann_index(connection, self._workspace.id, self._workspace.metric, helpers=helpers)
        )

    def _add(self, chunks: int) -> Sample:
        """Returns the last slice that was added."""
        sample: Sample | None = None
        before: Future[int] | None = None
        with ThreadPoolExecutor(1) as publisher:
            for first in range(0, chunks, _CHUNKS_A_DOCUMENT):
                document = self._document()
                sample = self._stage(document, min(_CHUNKS_A_DOCUMENT, chunks - first))
                if before:
                    before.result()
                before = publisher.submit(self._index.publish, self._workspace, document)
        if sample is None or before is None:
            raise ValueError("nothing to add: sizes must grow")
        before.result()
        return sample

    def _stage(self, document: Document, chunks: int) -> Sample:
        first, sample = 0, None
        for sample in self._collection.slices(chunks):
            staged = [
                IndexedChunk(chunk_id=str(uuid.uuid4()), document_id=document.id, index=first + row, content=text)
                for row, text in enumerate(sample.texts)
            ]
            self._index.stage(document, staged, sample.vectors)
            first += len(staged)
        assert sample is not None
        return sample

    def _document(self) -> Document:
        now = datetime.now(UTC)
        return Document(
            id=str(uuid.uuid4()), workspace_id=self._workspace.id, type="text", title="Made up", path="made/up",
            content_type="text/plain", status="processing", run=1, created_at=now, updated_at=now,
        )  # fmt: skip
