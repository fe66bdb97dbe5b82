"""How good the rankings are, and how well foreign questions are refused: `python -m bench.retrieval_quality`.

Reads public collections in BEIR's layout where they are present (default ../shared/data/ir) and prints JSON. Embedding
them takes most of the time: some minutes for five thousand documents.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from math import log2
from pathlib import Path
from uuid import NAMESPACE_URL, uuid4, uuid5

import numpy as np

from kosha.adapters.local.embedded_postgres import EmbeddedPostgres
from kosha.adapters.local.minilm import MiniLmEmbedder
from kosha.adapters.local.weights import NoWeights, find_weights
from kosha.adapters.postgres.database import Database
from kosha.adapters.postgres.index import PgvectorIndex
from kosha.adapters.postgres.migrate import migrate
from kosha.model.chunk import IndexedChunk
from kosha.model.document import Document
from kosha.model.search import Filters, Rankings
from kosha.model.workspace import Workspace
from kosha.ports import Embedder
from kosha.retrieval.fuse import fuse
from kosha.retrieval.relevance import DEFAULT_THRESHOLD, relevance
from kosha.retrieval.search import DEPTH

LANGUAGES = {"scifact": "en", "npl": "en", "xquad-en": "en", "xquad-de": "de", "xquad-es": "es", "cmrc2018-zh": "zh"}
FOREIGN_QUESTIONS = 100  # of each other collection
RRF_K = 60

Ordered = Callable[[Rankings], list[str]]


@dataclass(frozen=True)
class Collection:
    """Texts by id, questions by id, and which texts answer which question."""

    name: str
    texts: Mapping[str, tuple[str, str]]
    questions: Mapping[str, str]
    relevant: Mapping[str, frozenset[str]]


def main() -> None:
    """Measure every collection that is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("../shared/data/ir"))
    parser.add_argument("--collections", nargs="+", default=["scifact", "npl", "xquad-en", "xquad-de", "xquad-es"])
    parser.add_argument("--questions", type=int, default=300, help="at most, of each collection")
    arguments = parser.parse_args()
    collections = [
        _read(arguments.folder / name, arguments.questions)
        for name in arguments.collections
        if (arguments.folder / name).is_dir()
    ]
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder)) as postgres:
        embedder = _embedder(Path(folder))
        with closing(Database(postgres.dsn)) as database:
            database.open()
            migrate(database)
            index = PgvectorIndex(database)
            report = {one.name: _measure(one, collections, index, embedder) for one in collections}
    json.dump(report, sys.stdout, indent=2)
    print()


def _measure(
    collection: Collection, all_collections: Sequence[Collection], index: PgvectorIndex, embedder: Embedder
) -> dict[str, object]:
    workspace = _workspace(collection.name)
    _fill(collection, workspace, index, embedder)

    def rankings_of(questions: Sequence[str]) -> list[Rankings]:
        vectors = embedder.embed(questions, kind="query")
        return [
            index.rankings(workspace, text, vector, limit=DEPTH, filters=Filters())
            for text, vector in zip(questions, vectors, strict=True)
        ]

    own = rankings_of(list(collection.questions.values()))
    refused: dict[str, float] = {}
    for other in all_collections:
        # The collections of XQuAD are translations of each other: their questions are not off the topic.
        if other.name.split("-")[0] != collection.name.split("-")[0]:
            foreign = rankings_of(list(other.questions.values())[:FOREIGN_QUESTIONS])
            refused[other.name] = _share([relevance(rankings) < DEFAULT_THRESHOLD for rankings in foreign])
    index.drop(workspace.id)
    report: dict[str, object] = {
        "documents": len(collection.texts),
        "questions": len(collection.questions),
        "ndcg_at_10": {name: _mean_ndcg(collection, own, order) for name, order in _ORDERS.items()},
        "answered": _share([relevance(rankings) >= DEFAULT_THRESHOLD for rankings in own]),
        "refused": refused,
    }
    print(json.dumps({collection.name: report}), file=sys.stderr)
    return report


def _share(truths: Sequence[bool]) -> float:
    return round(sum(truths) / len(truths), 3)


def _mean_ndcg(collection: Collection, rankings: Sequence[Rankings], order: Ordered) -> float:
    values = [
        _ndcg(order(one), collection.relevant[question])
        for question, one in zip(collection.questions, rankings, strict=True)
    ]
    return round(float(np.mean(values)), 4)


def _ndcg(ranking: Sequence[str], relevant: frozenset[str]) -> float:
    """Normalised discounted cumulative gain of the first ten, every relevant text worth the same."""
    gained = sum(1 / log2(place + 1) for place, found in enumerate(ranking[:10], start=1) if found in relevant)
    return gained / sum(1 / log2(place + 1) for place in range(1, min(10, len(relevant)) + 1))


def _reciprocal(rankings: Rankings) -> list[str]:
    scores: dict[str, float] = {}
    for ranking in rankings[:2]:
        for rank, scored in enumerate(ranking, start=1):
            scores[scored.chunk_id] = scores.get(scored.chunk_id, 0.0) + 1 / (RRF_K + rank)
    return sorted(scores, key=lambda chunk_id: (-scores[chunk_id], chunk_id))


def _fused(weight: float) -> Ordered:
    return lambda rankings: [entry.chunk_id for entry in fuse(rankings, vector_weight=weight)]


_ORDERS: dict[str, Ordered] = {
    "vector": lambda rankings: [scored.chunk_id for scored in rankings.vector],
    "keyword": lambda rankings: [scored.chunk_id for scored in rankings.keyword],
    "reciprocal_rank_60": _reciprocal,
    **{f"fused_{weight}": _fused(weight) for weight in (0.4, 0.5, 0.6)},
}


def _read(folder: Path, limit: int) -> Collection:
    texts = {entry["_id"]: (entry["title"], entry["text"]) for entry in _lines(folder / "corpus.jsonl")}
    relevant: dict[str, set[str]] = {}
    for line in (folder / "qrels" / "test.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        question, text, grade = line.split("\t")
        if int(grade) > 0:
            relevant.setdefault(question, set()).add(_chunk_id(folder.name, text))
    asked = [entry for entry in _lines(folder / "queries.jsonl") if entry["_id"] in relevant]
    asked = asked[:: max(1, len(asked) // limit)][:limit]
    return Collection(
        folder.name,
        texts,
        {entry["_id"]: entry["text"] for entry in asked},
        {question: frozenset(ids) for question, ids in relevant.items()},
    )


def _lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _fill(collection: Collection, workspace: Workspace, index: PgvectorIndex, embedder: Embedder) -> None:
    index.create(workspace)
    now = workspace.created_at
    document = Document(
        id=str(uuid4()), workspace_id=workspace.id, type="text", title="", path=collection.name,
        content_type="text/plain", status="processing", run=1, created_at=now, updated_at=now,
    )  # fmt: skip
    entries = list(collection.texts.items())
    for start in range(0, len(entries), 200):
        chunks = [
            IndexedChunk(
                chunk_id=_chunk_id(collection.name, text_id),
                document_id=document.id,
                index=start + place,
                content=text,
                heading=title or None,
            )
            for place, (text_id, (title, text)) in enumerate(entries[start : start + 200])
        ]
        texts = [f"{chunk.heading or ''}\n{chunk.content}".strip() for chunk in chunks]
        index.stage(document, chunks, embedder.embed(texts, kind="passage"))
    index.publish(workspace, document)


def _chunk_id(collection: str, text_id: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"{collection}/{text_id}"))


def _workspace(name: str) -> Workspace:
    now = datetime.now(UTC)
    return Workspace(
        id=str(uuid4()), name=name, languages=(LANGUAGES.get(name, "en"),), embeddings_model_provider="kosha",
        embeddings_model_name="minilm", embeddings_model_dimensions=384, created_at=now, updated_at=now,
    )  # fmt: skip


def _embedder(cache: Path) -> Embedder:
    weights = find_weights(folder=None, cache=cache, may_download=False)
    if isinstance(weights, NoWeights):
        raise SystemExit(weights.reason)
    return MiniLmEmbedder(weights, cache=cache)


if __name__ == "__main__":
    main()
