"""How long a search takes at 1,000, 20,000 and 100,000 chunks: `python -m bench.search`, JSON on stdout.

Each size is measured for one caller and for eight at once, whole and by stage, beside the plain way on the same data.
The time to embed the question is in it where the embedding model is installed.

Chunks and their vectors are made up (bench/search_corpus.py: clusters in few directions, words by Zipf's law), for the
model would take an hour to embed 100,000 texts and their meaning is of no weight here. Everything else is the product:
its staging, publishing and HNSW index, the latter built on every core. No question is asked twice, and each is embedded
by the real model before the vector that belongs to it takes the place of what the model says. Nothing is kept outside a
temporary folder.
"""

import argparse
import json
import os
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
from bench.search_load import Loader
from kosha.adapters.local.embedded_postgres import EmbeddedPostgres
from kosha.adapters.local.minilm import MiniLmEmbedder
from kosha.adapters.local.weights import NoWeights, find_weights
from kosha.adapters.postgres.database import Database, one
from kosha.adapters.postgres.index import PgvectorIndex
from kosha.adapters.postgres.migrate import migrate
from kosha.model.search import Filters, Found
from kosha.model.workspace import RetrievalOptions, Workspace
from kosha.ports import Embedder, Kind, Vectors
from kosha.retrieval.search import Question, search

T = TypeVar("T")
Ask = Callable[[int], Sample]  # so many new questions

STAGES = ("embed", "vector", "keyword", "fuse")
SIZES = (1_000, 20_000, 100_000)
CALLERS = 8


class Given:
    """An embedder that takes the time of the real one and gives the vectors that belong to the made-up questions."""

    provider, name, dimensions, window_tokens = "bench", "given", DIMENSIONS, 256

    def __init__(self, questions: Sample, real: Embedder | None) -> None:
        self._vectors = dict(zip(questions.texts, questions.vectors, strict=True))
        self._real = real

    def embed(self, texts: Sequence[str], *, kind: Kind) -> Vectors:
        """The vectors of known questions."""
        if self._real is not None:
            self._real.embed(texts, kind=kind)
        return np.stack([self._vectors[text] for text in texts])

    def tokens(self, text: str) -> int:
        """About as many as a real tokeniser makes."""
        return len(text) // 4


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--questions", type=int, default=200, help="of each number of callers")
    parser.add_argument("--plain-questions", type=int, default=30, help="the plain way takes a second for each")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder)) as postgres:
        with closing(_opened(postgres.dsn)) as database:
            migrate(database)
        with closing(_opened(postgres.dsn)) as database:
            report = _measure_all(database, arguments, Path(folder))
    json.dump(report, sys.stdout, indent=2)
    print()


def _opened(dsn: str) -> Database:
    database = Database(dsn, connections=CALLERS)
    database.open()
    return database


def _measure_all(database: Database, arguments: argparse.Namespace, cache: Path) -> dict[str, object]:
    index, collection, real = PgvectorIndex(database), Collection(), _real_embedder(cache)
    workspace = _workspace()
    index.create(workspace)
    loader = Loader(database, workspace, collection)
    by_size: dict[int, dict[str, object]] = {}
    for size in sorted(set(arguments.sizes)):
        sample, chunks_s, index_s = loader.grow(size)

        def ask(count: int, sample: Sample = sample) -> Sample:
            return collection.questions(sample, count)

        started = time.perf_counter()
        ours = _measure_ours(index, workspace, ask, arguments.questions, real)
        recall = _recall(database, index, workspace, ask(50))
        measured = time.perf_counter()
        plain = _measure_plain(database, workspace, ask, arguments.plain_questions, real)
        by_size[size] = {
            **ours,
            "recall_at_10_of_exact": recall,
            "plain": plain,
            "bytes_a_chunk": _bytes(database, workspace) // size,
            "seconds": {
                "chunks": chunks_s,
                "index": index_s,
                "ours": round(measured - started, 1),
                "plain": round(time.perf_counter() - measured, 1),
            },
        }
        print(json.dumps({size: by_size[size]}), file=sys.stderr)
        loader.drop_index()
    return {"question_embedded_by": None if real is None else real.name, "sizes": by_size}


def _measure_ours(
    index: PgvectorIndex, workspace: Workspace, ask: Ask, questions: int, real: Embedder | None
) -> dict[str, object]:
    warm, alone, crowd = ask(50), ask(questions), ask(questions)

    def timed(asked: Sample, *, callers: int) -> tuple[list[Found], list[float]]:
        embedder = Given(asked, real)

        def once(text: str) -> Found:
            return search(Question(text), workspace=workspace, index=index, embedder=embedder)

        return _timed(once, asked.texts, callers=callers)

    timed(warm, callers=1)
    runnable = os.getloadavg()[0]
    found, times = timed(alone, callers=1)
    _, crowd_times = timed(crowd, callers=CALLERS)
    stages = [outcome.timings_ms.model_dump(by_alias=False) for outcome in found]
    return {
        "one_caller": _figures(times),
        f"{CALLERS}_callers": _figures(crowd_times),
        "stages": {name: _figures([stage[name] for stage in stages]) for name in STAGES},
        "runnable_processes_of_the_machine": round(runnable, 1),
    }


def _measure_plain(
    database: Database, workspace: Workspace, ask: Ask, questions: int, real: Embedder | None
) -> dict[str, object]:
    search_baseline.fill(database, _table(workspace))

    def timed(asked: Sample, *, callers: int) -> list[float]:
        vectors = dict(zip(asked.texts, asked.vectors, strict=True))

        def once(text: str) -> list[object]:
            if real is not None:
                real.embed([text], kind="query")
            return search_baseline.search(database, text, vectors[text])

        return _timed(once, asked.texts, callers=callers)[1]

    timed(ask(3), callers=1)
    return {
        "one_caller": _figures(timed(ask(questions), callers=1)),
        f"{CALLERS}_callers": _figures(timed(ask(questions), callers=CALLERS)),
    }


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
    """How many of the exact ten nearest the index finds, over all questions."""
    exact_limit = 10
    table = f"vectors.{_table(workspace)}"
    shares: list[float] = []
    for vector in asked.vectors:
        found = index.rankings(workspace, "", vector, limit=50, filters=Filters()).vector[:exact_limit]
        statement = f"select chunk_id::text from {table} order by (content_embeddings <=> %s) + 0 limit 10"
        rows = database.run(lambda c, v=vector, s=statement: c.execute(s.encode(), (v,)).fetchall())
        shares.append(len({chunk_id for (chunk_id,) in rows} & {scored.chunk_id for scored in found}) / exact_limit)
    return round(float(np.mean(shares)), 3)


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
