"""How long a search takes at 1,000 to 100,000 chunks, or as many as you like: `python -m bench.search`, JSON on stdout.

Each size is measured for one caller and for eight at once, whole and by stage, beside the plain way on the same data.
The time to embed the question is in it where the embedding model is installed.

Chunks and their vectors are made up (bench/search_corpus.py: clusters in few directions, words by Zipf's law), for the
model would take an hour to embed 100,000 texts and their meaning is of no weight here. Everything else is the product:
its staging, publishing and HNSW index, the latter built on every core. No question is asked twice, and each is embedded
by the real model before the vector that belongs to it takes the place of what the model says. Nothing is kept outside a
temporary folder, or the one that `--data` names: a million chunks take half an hour to make, so
`python -m bench.search --sizes 1000000 --data DIR` goes on where it was stopped and uses them again.
"""

import argparse
import json
import os
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
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
from kosha.model.search import Condition, Filters, Found, Rankings
from kosha.model.workspace import RetrievalOptions, Workspace
from kosha.ports import Embedder, Kind, Vectors
from kosha.retrieval.search import Question, search

T = TypeVar("T")
Ask = Callable[[int], Sample]  # so many new questions

SHARES = (1, 10, 50)  # of the documents that filters leave
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
    parser.add_argument(
        "--warm", type=int, default=50, help="questions asked before; many, and the disk is read no more"
    )
    parser.add_argument("--plain-questions", type=int, default=30, help="the plain way takes a second for each")
    parser.add_argument("--plain-limit", type=int, default=200_000, help="larger sizes are measured without it")
    parser.add_argument("--data", type=Path, help="keep what is made there, and use again what is there")
    arguments = parser.parse_args()
    with _folder(arguments.data) as folder, EmbeddedPostgres(folder) as postgres:
        with closing(_opened(postgres.dsn)) as database:
            migrate(database)
        with closing(_opened(postgres.dsn)) as database:
            sizes = {size: _measure(size, database, arguments, folder) for size in sorted(set(arguments.sizes))}
    json.dump({"sizes": sizes}, sys.stdout, indent=2)
    print()


@contextmanager
def _folder(kept: Path | None) -> Generator[Path]:
    if kept:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept.absolute()
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)


def _opened(dsn: str) -> Database:
    database = Database(dsn, connections=2 * CALLERS)
    database.open()
    return database


def _measure(size: int, database: Database, arguments: argparse.Namespace, cache: Path) -> dict[str, object]:
    index, collection, real = PgvectorIndex(database), Collection(), _real_embedder(cache)
    workspace = _workspace(size)
    loader = Loader(database, workspace)
    chunks_s, index_s = loader.fill(size)
    sample = loader.sample()

    def ask(count: int) -> Sample:
        return collection.questions(sample, count)

    started = time.perf_counter()
    ours = _measure_ours(index, workspace, ask, arguments, real)
    recall = _recall(database, index, workspace, ask(50))
    filtered = {f"{share} %": _filtered(index, workspace, ask(40), share) for share in SHARES}
    measured = time.perf_counter()
    has_plain = size <= arguments.plain_limit
    plain = _measure_plain(database, workspace, ask, arguments.plain_questions, real) if has_plain else None
    report: dict[str, object] = {
        "question_embedded_by": None if real is None else real.name,
        **ours,
        "recall_at_10_of_exact": recall,
        "index": index.report(workspace).wire(),
        "filtered_by_own_field": filtered,
        "plain": plain,
        "bytes_a_chunk": _bytes(database, workspace) // size,
        "seconds": {
            "chunks": chunks_s,
            "index": index_s,
            "ours": round(measured - started, 1),
            "plain": round(time.perf_counter() - measured, 1),
        },
    }
    print(json.dumps({size: report}), file=sys.stderr)
    return report


def _measure_ours(
    index: PgvectorIndex, workspace: Workspace, ask: Ask, arguments: argparse.Namespace, real: Embedder | None
) -> dict[str, object]:
    warm, alone, crowd = ask(arguments.warm), ask(arguments.questions), ask(arguments.questions)

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


def _filtered(index: PgvectorIndex, workspace: Workspace, asked: Sample, share: int) -> dict[str, float] | None:
    """Rankings among so many of a hundred documents; None where what was made before has no such field."""
    own = Filters(all=(Condition(field="metadata.share", op="lt", value=float(share)),))
    vectors = dict(zip(asked.texts, asked.vectors, strict=True))

    def once(text: str) -> Rankings:
        return index.rankings(workspace, text, vectors[text], limit=50, filters=own)

    found, times = _timed(once, asked.texts, callers=1)
    return _figures(times) if any(rankings.vector for rankings in found) else None


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


def _workspace(size: int) -> Workspace:
    now = datetime.now(UTC)
    return Workspace(
        id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"kosha/bench/search/{size}")), name="bench",
        embeddings_model_provider="bench", embeddings_model_name="given",
        embeddings_model_dimensions=DIMENSIONS, created_at=now, updated_at=now,
        retrieval=RetrievalOptions.model_validate({"threshold": 0.0}),
    )  # fmt: skip


def _real_embedder(cache: Path) -> Embedder | None:
    weights = find_weights(folder=None, cache=cache, may_download=False)
    return None if isinstance(weights, NoWeights) else MiniLmEmbedder(weights, cache=cache)


if __name__ == "__main__":
    main()
