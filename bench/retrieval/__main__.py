"""How good the rankings are, and how well foreign questions are refused: `python -m bench.retrieval`.

Reads public collections in BEIR's layout where they are present (default ../shared/data/ir) and prints JSON. Every text
is one chunk, title as its heading, in the product's own index; every question goes through the product's own search.
Beside it, in the same run: plain BM25 (bm25s, where .venv-bench has it), MiniLM alone, our keywords alone, the fused
order without reading again, and reciprocal rank fusion. Embedding takes most of the time; `--keep` does it once.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import get_args

import numpy as np

from bench.product import ROOT
from bench.retrieval.beir import Collection, embedded_text, read
from bench.retrieval.keeping import KeepingEmbedder
from bench.retrieval.measures import Ranking, means, ndcg
from bench.retrieval.shelf import Shelf, Way, filled
from kosha.adapters.local.embedded_postgres import EmbeddedPostgres
from kosha.adapters.local.minilm import PRECISION, MiniLmEmbedder
from kosha.adapters.local.minilm_graph import Precision
from kosha.adapters.local.weights import NoWeights, find_weights
from kosha.adapters.postgres.database import Database
from kosha.adapters.postgres.index import PgvectorIndex
from kosha.adapters.postgres.migrate import migrate
from kosha.ports import TokenEmbedder

NAMES = ("scifact", "npl", "ruff-rule-codes", "xquad-en", "xquad-es", "xquad-de", "cmrc2018-zh")
FOREIGN_QUESTIONS = 100  # of each other collection
BM25S_PYTHON = ROOT / ".venv-bench/bin/python"


def main() -> None:
    """Measure every collection that is there."""
    arguments = _arguments()
    collections = [
        read(arguments.folder / name, split=arguments.split, limit=arguments.questions)
        for name in arguments.collections
        if (arguments.folder / name / "qrels" / f"{arguments.split}.tsv").is_file()
    ]
    report: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder)) as postgres:
        embedder = _embedder(Path(folder), arguments.keep, arguments.passages)
        with closing(Database(postgres.dsn)) as database:
            database.open()
            migrate(database)
            index = PgvectorIndex(database)
            for one in collections:
                report[one.name] = _measured(one, collections, filled(one, index, embedder), arguments.bm25s)
                print(json.dumps({one.name: report[one.name]}), file=sys.stderr, flush=True)
    json.dump(report, sys.stdout, indent=2)
    print()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("../shared/data/ir"))
    parser.add_argument("--collections", nargs="+", default=NAMES)
    parser.add_argument("--split", default="test", help="which judgements: qrels/SPLIT.tsv")
    parser.add_argument("--questions", type=int, default=None, help="at most, of each collection")
    parser.add_argument("--keep", type=Path, default=None, help="a folder for the vectors, to use them again")
    parser.add_argument("--passages", choices=get_args(Precision), default=PRECISION["passage"], help="embedded in")
    parser.add_argument("--bm25s", type=Path, default=BM25S_PYTHON, help="a Python that has bm25s")
    return parser.parse_args()


def _embedder(cache: Path, keep: Path | None, passages: Precision) -> TokenEmbedder:
    weights = find_weights(folder=None, cache=cache, may_download=False)
    if isinstance(weights, NoWeights):
        raise SystemExit(weights.reason)
    minilm = MiniLmEmbedder(weights, cache=cache, precision={**PRECISION, "passage": passages})
    if keep is None:
        return minilm
    (keep / passages).mkdir(parents=True, exist_ok=True)
    return KeepingEmbedder(minilm, keep / passages)


def _measured(
    collection: Collection, all_collections: Sequence[Collection], shelf: Shelf, bm25s: Path
) -> dict[str, object]:
    rankings: dict[Way, dict[str, Ranking]] = {}
    answered: list[bool] = []
    milliseconds: list[float] = []
    stored = shelf.token_bytes
    for question, text in collection.questions.items():
        outcome = shelf.ask(text)
        answered.append(outcome.is_answered)
        milliseconds.append(outcome.rerank_ms)
        for way, ranking in outcome.rankings.items():
            rankings.setdefault(way, {})[question] = ranking
    if bm25s.exists():
        rankings = {"bm25s": _by_bm25s(collection, bm25s), **rankings}
    refused = {
        other.name: _share([not shelf.is_answered(text) for text in list(other.questions.values())[:FOREIGN_QUESTIONS]])
        for other in all_collections
        # The collections of XQuAD are translations of each other: their questions are not off the topic.
        if other.name.split("-")[0] != collection.name.split("-")[0]
    }
    shelf.drop()
    return {
        "texts": len(collection.texts),
        "questions": len(collection.questions),
        "ways": {way: means(found, collection.relevant) for way, found in rankings.items()},
        "ndcg_at_10_by_kind": _by_kind(collection, rankings),
        "answered": _share(answered),
        "refused": refused,
        "rerank_ms_p50_p95": [round(float(np.percentile(milliseconds, part)), 2) for part in (50, 95)],
        "read_again": _share([one > 0.1 for one in milliseconds]),
        "token_bytes_a_text": stored,
    }


def _by_bm25s(collection: Collection, python: Path) -> dict[str, Ranking]:
    texts = {chunk_id: embedded_text(title, text) for chunk_id, (title, text) in collection.texts.items()}
    task = {"texts": texts, "questions": dict(collection.questions), "language": collection.language}
    command = [str(python), str(Path(__file__).with_name("plain_bm25.py"))]
    done = subprocess.run(command, input=json.dumps(task), stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def _by_kind(collection: Collection, rankings: Mapping[Way, Mapping[str, Ranking]]) -> dict[str, dict[str, float]]:
    return {
        kind: {
            way: round(
                float(
                    np.mean(
                        [
                            ndcg(found[one], collection.relevant[one])
                            for one in found
                            if collection.kinds.get(one) == kind
                        ]
                    )
                ),
                4,
            )
            for way, found in rankings.items()
        }
        for kind in sorted(set(collection.kinds.values()))
    }


def _share(truths: Sequence[bool]) -> float:
    return round(sum(truths) / len(truths), 3)


if __name__ == "__main__":
    main()
