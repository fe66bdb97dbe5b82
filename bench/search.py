"""How long a search takes at 1,000, 20,000 and 100,000 chunks: `python -m bench.search`, JSON on stdout.

Each size is measured for one caller and for eight at once, whole and by stage, beside the plain way on the same data.
The time to embed the question is in it where the embedding model is installed.
"""

import argparse
import json
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import numpy as np

from bench import search_baseline
from bench.search_corpus import DIMENSIONS, Collection, Sample
from kosha.adapters.local.embedded_postgres import EmbeddedPostgres
from kosha.adapters.local.minilm import MiniLmEmbedder
from kosha.adapters.local.weights import NoWeights, find_weights
from kosha.adapters.postgres.database import Database, one
from kosha.adapters.postgres.index import EXACT_LIMIT_CHUNKS, PgvectorIndex
from kosha.adapters.postgres.migrate import migrate
from kosha.adapters.postgres.vector_tables import build_ann_index
from kosha.model.chunk import IndexedChunk
from kosha.model.document import Document
from kosha.model.search import Filters, Found
from kosha.model.workspace import RetrievalOptions, Workspace
from kosha.ports import Embedder, Kind, Vectors
from kosha.retrieval.search import Question, search

T = TypeVar("T")

STAGES = ("embed", "vector", "keyword", "fuse")
SIZES = (1_000, 20_000, 100_000)
CHUNKS_A_DOCUMENT = 2_000
CALLERS = 8
NEVER = 10**9


class Given:
    """An embedder that takes the time of the real one and gives the vectors that belong to the made-up questions."""

    provider, name, dimensions, window_tokens = "bench", "given", DIMENSIONS, 256

    def __init__(self, questions: Sample, real: Embedder | None) -> None:
        self._vectors = dict(zip(questions.texts, questions.vectors, strict=True))
        self._real = real

    def embed(self, texts: Sequence[str], *, kind: Kind) -> Vectors:
        """The vectors of known questions."""
        if self._real is not None:
            self._real.embed(texts, kind="passage")  # those of queries are remembered
        return np.stack([self._vectors[text] for text in texts])

    def tokens(self, text: str) -> int:
        """About as many as a real tokeniser makes."""
        return len(text) // 4


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--questions", type=int, default=200)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder)) as postgres:
        with closing(_opened(postgres.dsn)) as database:
            migrate(database)
        with closing(_opened(postgres.dsn)) as database:
            report = _measure_all(database, sorted(arguments.sizes), arguments.questions, Path(folder))
    json.dump(report, sys.stdout, indent=2)
    print()


def _opened(dsn: str) -> Database:
    database = Database(dsn, connections=CALLERS)
    database.open()
    return database


def _measure_all(database: Database, sizes: list[int], questions: int, cache: Path) -> dict[str, object]:
    index, collection, real = PgvectorIndex(database), Collection(), _real_embedder(cache)
    loader = PgvectorIndex(database, exact_limit_chunks=NEVER)  # load first, index after: several times as fast
    workspace = _workspace()
    index.create(workspace)
    by_size: dict[int, dict[str, object]] = {}
    held, sample = 0, Sample([], np.empty((0, DIMENSIONS), np.float32))
    for size in sizes:
        started = time.perf_counter()
        while held < size:
            chunks = min(CHUNKS_A_DOCUMENT, size - held)
            sample = _add_document(loader, workspace, collection, chunks)
            held += chunks
        if size > EXACT_LIMIT_CHUNKS:
            database.run(lambda connection: build_ann_index(connection, workspace.id, workspace.metric))
        _settle(database, workspace)
        loaded_seconds = round(time.perf_counter() - started, 1)
        asked = collection.questions(sample, questions)
        by_size[size] = {
            "load_s": loaded_seconds,
            **_measure_ours(index, workspace, asked, real),
            "recall_at_10_of_exact": _recall(database, index, workspace, asked),
            "plain": _measure_plain(database, workspace, asked, real),
            "bytes_a_chunk": _bytes(database, workspace) // size,
        }
        print(json.dumps({size: by_size[size]}), file=sys.stderr)
        database.run(
            lambda connection: connection.execute(f"drop index if exists vectors.{_table(workspace)}_ann".encode())
        )
    return {"question_embedded_by": None if real is None else real.name, "sizes": by_size}


def _add_document(index: PgvectorIndex, workspace: Workspace, collection: Collection, chunks: int) -> Sample:
    """Import chunks as one document; returns the last slice of them."""
    now = datetime.now(UTC)
    document = Document(
        id=str(uuid.uuid4()), workspace_id=workspace.id, type="text", title="Made up", path="made/up",
        content_type="text/plain", status="processing", run=1, created_at=now, updated_at=now,
    )  # fmt: skip
    first, sample = 0, Sample([], np.empty((0, DIMENSIONS), np.float32))
    for sample in collection.slices(chunks):
        staged = [
            IndexedChunk(chunk_id=str(uuid.uuid4()), document_id=document.id, index=first + row, content=text)
            for row, text in enumerate(sample.texts)
        ]
        index.stage(document, staged, sample.vectors)
        first += len(staged)
    index.publish(workspace, document)
    return sample


def _measure_ours(
    index: PgvectorIndex, workspace: Workspace, asked: Sample, real: Embedder | None
) -> dict[str, object]:
    embedder = Given(asked, real)

    def once(text: str) -> Found:
        return search(Question(text), workspace=workspace, index=index, embedder=embedder)

    for text in asked.texts[:20]:
        once(text)
    found, times = _timed(once, asked.texts, callers=1)
    stages = [outcome.timings_ms.model_dump(by_alias=False) for outcome in found]
    _, crowd_times = _timed(once, asked.texts, callers=CALLERS)
    return {
        "one_caller": _figures(times),
        f"{CALLERS}_callers": _figures(crowd_times),
        "stages": {
            name: _figures([stage[name] for stage in stages]) for name in ("embed", "vector", "keyword", "fuse")
        },
    }


def _measure_plain(database: Database, workspace: Workspace, asked: Sample, real: Embedder | None) -> dict[str, object]:
    search_baseline.fill(database, _table(workspace))
    vectors = dict(zip(asked.texts, asked.vectors, strict=True))

    def once(text: str) -> list[object]:
        if real is not None:
            real.embed([text], kind="passage")
        return search_baseline.search(database, text, vectors[text])

    some = asked.texts[:60]
    for text in some[:5]:
        once(text)
    _, times = _timed(once, some, callers=1)
    _, crowd = _timed(once, some, callers=CALLERS)
    return {"one_caller": _figures(times), f"{CALLERS}_callers": _figures(crowd)}


def _timed(once: Callable[[str], T], texts: Sequence[str], *, callers: int) -> tuple[list[T], list[float]]:
    """Outcomes and milliseconds of every call, by `callers` threads."""

    def clocked(text: str) -> tuple[T, float]:
        started = time.perf_counter()
        outcome = once(text)
        return outcome, (time.perf_counter() - started) * 1e3

    with ThreadPoolExecutor(callers) as pool:
        outcomes = list(pool.map(clocked, texts))
    return [outcome for outcome, _ in outcomes], [milliseconds for _, milliseconds in outcomes]


def _figures(times: list[float]) -> dict[str, float]:
    return {
        "p50_ms": round(float(np.median(times)), 2),
        "p95_ms": round(float(np.percentile(times, 95)), 2),
        "max_ms": round(max(times), 2),
    }


def _recall(database: Database, index: PgvectorIndex, workspace: Workspace, asked: Sample) -> float:
    """How many of the exact ten nearest the index finds, over 50 questions."""
    exact_limit = 10
    table = f"vectors.{_table(workspace)}"
    shares: list[float] = []
    for vector in asked.vectors[:50]:
        found = index.rankings(workspace, "", vector, limit=50, filters=Filters()).vector[:exact_limit]
        statement = f"select chunk_id::text from {table} order by (content_embeddings <=> %s) + 0 limit 10"
        rows = database.run(lambda c, v=vector, s=statement: c.execute(s.encode(), (v,)).fetchall())
        shares.append(len({chunk_id for (chunk_id,) in rows} & {scored.chunk_id for scored in found}) / exact_limit)
    return round(float(np.mean(shares)), 3)


def _settle(database: Database, workspace: Workspace) -> None:
    """What autovacuum does within a minute of a load."""
    table = f"vectors.{_table(workspace)}"
    for name in (table, f"{table}_postings", f"{table}_words"):
        statement = f"vacuum (analyze) {name}".encode()
        database.ask(lambda connection, statement=statement: connection.execute(statement))


def _bytes(database: Database, workspace: Workspace) -> int:
    statement = (
        "select sum(pg_total_relation_size(c.oid)) from pg_class c join pg_namespace n on n.oid = relnamespace "
        "where nspname = 'vectors' and relkind = 'r' and relname like %s"
    )
    return int(database.run(lambda c: one(c.execute(statement.encode(), (f"{_table(workspace)}%",)).fetchone())))


def _table(workspace: Workspace) -> str:
    return f"ws_{uuid.UUID(workspace.id).hex}"


def _workspace() -> Workspace:
    now = datetime.now(UTC)
    return Workspace(
        id=str(uuid.uuid4()), name="bench", embeddings_model_provider="bench", embeddings_model_name="given",
        embeddings_model_dimensions=DIMENSIONS, created_at=now, updated_at=now,
        retrieval=RetrievalOptions.model_validate({"threshold": 0.0}),
    )  # fmt: skip


def _real_embedder(cache: Path) -> Embedder | None:
    weights = find_weights(folder=None, cache=cache, may_download=False)
    return None if isinstance(weights, NoWeights) else MiniLmEmbedder(weights, cache=cache)


if __name__ == "__main__":
    main()
