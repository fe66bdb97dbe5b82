"""How much of the evidence five passages carry, by the way of cutting: `python -m bench.ragqa`.

Reads Chroma's chunking evaluation where it is present (default ../shared/data/ragqa/chroma-chunking): documents, and
questions with the exact excerpts that answer them. Every configuration is cut, embedded, published and searched as the
product does, and measured in characters that are not white space. JSON out. No text is embedded twice.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import numpy as np

from kosha.adapters.local.embedded_postgres import EmbeddedPostgres
from kosha.adapters.local.minilm import MiniLmEmbedder
from kosha.adapters.local.weights import NoWeights, find_weights
from kosha.adapters.postgres.database import Database
from kosha.adapters.postgres.index import PgvectorIndex
from kosha.adapters.postgres.migrate import migrate
from kosha.ingestion.passages import indexed
from kosha.ingestion.splitting import Cutter
from kosha.model.chunk import Hit
from kosha.model.document import Document
from kosha.model.section import Section
from kosha.model.workspace import ChunkOptions, RetrievalOptions, Workspace
from kosha.ports import Embedder, Kind, Vectors
from kosha.retrieval.search import Question, search

T = TypeVar("T")
PASSAGES, DEPTH = 5, 30
BUDGET_CHARACTERS = 4000  # of what a model is given; white space is not counted
BATCH = 64
CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "recursive 400": {"chunk_size": 400, "chunk_overlap": 0},
    "recursive 600/90": {"chunk_size": 600, "chunk_overlap": 90},
    "recursive 800/0": {"chunk_size": 800, "chunk_overlap": 0},
    "recursive 800/120": {"chunk_size": 800, "chunk_overlap": 120},
    "recursive 1000/0": {"chunk_size": 1000, "chunk_overlap": 0},
    "recursive 1000/150": {"chunk_size": 1000, "chunk_overlap": 150},
    "recursive 1000/250": {"chunk_size": 1000, "chunk_overlap": 250},
    "sentence 600/90": {"chunking_strategy": "sentence", "chunk_size": 600, "chunk_overlap": 90},
    "sentence 1000/150": {"chunking_strategy": "sentence", "chunk_size": 1000, "chunk_overlap": 150},
    "token 128/20": {"chunking_strategy": "token", "chunk_size": 128, "chunk_overlap": 20},
    "token 250/40": {"chunking_strategy": "token", "chunk_size": 250, "chunk_overlap": 40},
    "semantic 80": {"chunking_strategy": "semantic", "chunk_overlap": 0, "percentile": 80},
    "semantic 90": {"chunking_strategy": "semantic", "chunk_overlap": 0, "percentile": 90},
    "semantic 95": {"chunking_strategy": "semantic", "chunk_overlap": 0, "percentile": 95},
    "parent-child 1000/300": {"chunking_strategy": "parent-child", "parent_size": 1000, "child_size": 300},
    "parent-child 2000/400": {"chunking_strategy": "parent-child", "parent_size": 2000, "child_size": 400},
}


@dataclass(frozen=True)
class Asked:
    """A question, the name of its document, and where its evidence lies in it (in characters without white space)."""

    text: str
    document: str
    evidence: frozenset[int]


@dataclass
class Remembering:
    """An embedder that embeds each text once, however many configurations have it."""

    model: Embedder
    provider: str = "kosha"
    name: str = "minilm"
    known: dict[tuple[str, Kind], Vectors] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.dimensions = self.model.dimensions
        self.window_tokens = self.model.window_tokens
        self.tokens = cache(self.model.tokens)

    def embed(self, texts: Sequence[str], *, kind: Kind) -> Vectors:
        """As the model does."""
        new = list(dict.fromkeys(text for text in texts if (text, kind) not in self.known))
        for some in _batches(new):
            for text, vector in zip(some, self.model.embed(some, kind=kind), strict=True):
                self.known[text, kind] = vector
        return np.stack([self.known[text, kind] for text in texts])


def main() -> None:
    """Measure every configuration."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("../shared/data/ragqa/chroma-chunking"))
    parser.add_argument("--characters", type=int, default=150_000, help="of each document; none beyond is asked for")
    parser.add_argument("--only", nargs="+", choices=list(CONFIGURATIONS), default=list(CONFIGURATIONS))
    arguments = parser.parse_args()
    texts = {
        path.name: path.read_text(encoding="utf-8")[: arguments.characters]
        for path in sorted((arguments.folder / "docs").glob("*.md"))
    }
    questions = list(_questions(arguments.folder / "questions.jsonl", texts))
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder)) as postgres:
        embedder = _embedder(Path(folder))
        with closing(Database(postgres.dsn)) as database:
            database.open()
            migrate(database)
            index = PgvectorIndex(database)
            measured = {name: _measured(name, texts, questions, index, embedder) for name in arguments.only}
    sizes = {name: len(text) for name, text in texts.items()}
    json.dump({"documents": sizes, "questions": len(questions), "passages": PASSAGES, **measured}, sys.stdout, indent=2)
    print()


def _measured(
    name: str, texts: Mapping[str, str], questions: Sequence[Asked], index: PgvectorIndex, embedder: Embedder
) -> dict[str, float]:
    started = time.perf_counter()
    workspace = _workspace(**CONFIGURATIONS[name])
    index.create(workspace)
    served = {title: _served(title, text, workspace, index, embedder) for title, text in texts.items()}
    filled = time.perf_counter()
    scores = [_scores(asked, texts, workspace, index, embedder) for asked in questions]
    index.drop(workspace.id)
    report = {
        "chunks": sum(served.values()),
        **{name: round(float(np.mean([one[name] for one in scores])), 4) for name in scores[0]},
        "seconds_to_index": round(filled - started, 1),
    }
    print(json.dumps({name: report}), file=sys.stderr, flush=True)
    return report


def _scores(
    asked: Asked, texts: Mapping[str, str], workspace: Workspace, index: PgvectorIndex, embedder: Embedder
) -> dict[str, float]:
    """Of the first PASSAGES, and of as many as fit BUDGET_CHARACTERS, because large passages find more and cost more.

    What is found in other documents, and what is found twice, counts as read and as not asked for.
    """
    found = search(Question(asked.text, limit=DEPTH), workspace=workspace, index=index, embedder=embedder).items
    passages = list(dict.fromkeys((hit.title, _read(hit)) for hit in found[:PASSAGES]))
    own = _covered(passages, asked, texts)
    read = sum(len(_squeezed(passage)) for _, passage in passages)
    foreign = sum(len(_squeezed(passage)) for title, passage in passages if title != asked.document)
    hit = len(own & asked.evidence)
    fitting = _covered(_fitting(list(dict.fromkeys((hit.title, _read(hit)) for hit in found))), asked, texts)
    return {
        "recall": hit / len(asked.evidence),
        "precision": hit / max(read, 1),
        "iou": hit / (len(own | asked.evidence) + foreign),
        "characters_read": read,
        "recall_in_budget": len(fitting & asked.evidence) / len(asked.evidence),
    }


def _covered(passages: Sequence[tuple[str, str]], asked: Asked, texts: Mapping[str, str]) -> frozenset[int]:
    """The characters of the question's document that the passages hold."""
    own = (_place(passage, texts[title]) for title, passage in passages if title == asked.document)
    return frozenset[int]().union(*own)


def _fitting(passages: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The first passages that together have no more than BUDGET_CHARACTERS."""
    sizes = np.cumsum([len(_squeezed(passage)) for _, passage in passages])
    return list(passages[: int(np.searchsorted(sizes, BUDGET_CHARACTERS, side="right"))])


def _read(hit: Hit) -> str:
    """What a model is given of a hit: the passage around it where there is one."""
    return hit.content_complement or hit.content


def _served(title: str, text: str, workspace: Workspace, index: PgvectorIndex, embedder: Embedder) -> int:
    now = workspace.created_at
    document = Document(
        id=str(uuid4()), workspace_id=workspace.id, type="text", title=title, path=title, content_type="text/plain",
        status="processing", run=1, created_at=now, updated_at=now,
    )  # fmt: skip
    for chunks in _batches(indexed(document.id, Cutter(workspace, embedder).chunks([Section(text)]))):
        vectors = embedder.embed([chunk.content for chunk in chunks], kind="passage")
        index.stage(document, chunks, vectors)
    return index.publish(workspace, document)


def _questions(path: Path, texts: Mapping[str, str]) -> Iterator[Asked]:
    for line in path.read_text(encoding="utf-8").splitlines():
        told = json.loads(line)
        text = texts[told["doc"]]
        spans = [(one["start_index"], one["end_index"]) for one in told["references"]]
        if all(end <= len(text) for _, end in spans):
            places = (range(_before(text, start), _before(text, end)) for start, end in spans)
            yield Asked(told["question"], told["doc"], frozenset(place for some in places for place in some))


def _before(text: str, position: int) -> int:
    """How many characters that are not white space stand before a position."""
    return sum(map(len, text[:position].split()))


def _place(passage: str, text: str) -> range:
    """Where a passage lies in its document; the first place of several."""
    start = _squeezed(text).find(_squeezed(passage))
    if start < 0:
        raise AssertionError(f"no passage of the document: {passage[:80]!r}")
    return range(start, start + len(_squeezed(passage)))


def _batches(things: Iterable[T]) -> Iterator[list[T]]:
    waiting = iter(things)
    while batch := list(islice(waiting, BATCH)):
        yield batch


@cache
def _squeezed(text: str) -> str:
    return "".join(text.split())


def _workspace(**choices: Any) -> Workspace:
    now = datetime.now(UTC)
    options = {name: choices.pop(name) for name in ("parent_size", "child_size") if name in choices}
    if "percentile" in choices:
        options["breakpoint_percentile"] = choices.pop("percentile")
    return Workspace(
        id=str(uuid4()), name="chunking", embeddings_model_provider="kosha", embeddings_model_name="minilm",
        embeddings_model_dimensions=384, chunk_options=ChunkOptions(**options),
        retrieval=RetrievalOptions(threshold=0), created_at=now, updated_at=now, **choices,
    )  # fmt: skip


def _embedder(folder: Path) -> Embedder:
    weights = find_weights(folder=None, cache=folder, may_download=False)
    if isinstance(weights, NoWeights):
        raise SystemExit(weights.reason)
    return Remembering(MiniLmEmbedder(weights, cache=folder))


if __name__ == "__main__":
    main()
