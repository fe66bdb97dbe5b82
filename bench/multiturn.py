"""How well follow-up questions find their passages, as typed and rewritten: `python -m bench.multiturn`.

Reads the human-evaluated subset of MT-RAG where it is present (default ../shared/data/multiturn/mtrag): conversations,
and for each turn the passages that answer it, out of 350. Each passage is a chunk, as in the original collection. Every
way is searched as the product searches. No language model runs here: in its stead, `multiturn_rewrites.json` has for
each follow-up what a capable one wrote from the conversation alone, before any search. JSON out; about a minute.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from math import log2
from pathlib import Path
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid4, uuid5

from kosha.adapters.local.embedded_postgres import EmbeddedPostgres
from kosha.adapters.local.minilm import MiniLmEmbedder
from kosha.adapters.local.weights import NoWeights, find_weights
from kosha.adapters.postgres.database import Database
from kosha.adapters.postgres.index import PgvectorIndex
from kosha.adapters.postgres.migrate import migrate
from kosha.model.chunk import IndexedChunk
from kosha.model.document import Document
from kosha.model.prompt import Utterance
from kosha.model.workspace import RetrievalOptions, Workspace
from kosha.ports import Embedder
from kosha.retrieval.clean import cleaned
from kosha.retrieval.follow_up import Query, carried, leaning
from kosha.retrieval.queries import Place, find
from kosha.retrieval.rewrite import ASKED_WEIGHT

REWRITES = Path(__file__).with_name("multiturn_rewrites.json")
DEPTH = 10
Way = Callable[["Turn"], Sequence[Query]]


class Turn(NamedTuple):
    """A question in its conversation. rewrite: as it can be understood alone. relevant: ids of chunks."""

    conversation: str
    number: int
    question: str
    history: tuple[Utterance, ...]
    answer: str
    rewrite: str
    relevant: frozenset[str]


def main() -> None:
    """Measure every way on every turn that has passages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("../shared/data/multiturn/mtrag"))
    folder = parser.parse_args().folder
    if not folder.is_dir():
        raise SystemExit(f"{folder} is not there.")
    turns = _turns(folder)
    with (
        tempfile.TemporaryDirectory() as data,
        EmbeddedPostgres(Path(data)) as postgres,
        closing(Database(postgres.dsn)) as database,
    ):
        database.open()
        migrate(database)
        place = _filled(_lines(folder / "passages.jsonl"), PgvectorIndex(database), _embedder(Path(data)))
        report = {name: _measured(turns, way, place) for name, way in WAYS.items()}
    told = {"turns": len(turns), "leaning": _counted(turns), "ways": report}
    json.dump(told, sys.stdout, indent=2)
    print()


def as_typed(turn: Turn) -> Sequence[Query]:
    """The question alone."""
    return [Query(turn.question)]


def by_rules(turn: Turn) -> Sequence[Query]:
    """What the product does without a language model."""
    return as_typed(turn) if leaning(turn.question) == "alone" else carried(turn.question, turn.history)


def rewritten(turn: Turn) -> Sequence[Query]:
    """What the product does with a language model."""
    if leaning(turn.question) != "leaning" or not turn.history:
        return by_rules(turn)
    return [Query(turn.rewrite), Query(turn.question, ASKED_WEIGHT)]


def _concatenated(turn: Turn) -> Sequence[Query]:
    asked = [said.content for said in turn.history if said.role == "user"]
    return [Query(" ".join([*asked[-1:], turn.question]))]


WAYS: Mapping[str, Way] = {
    "as typed": as_typed,
    "last question put in front": _concatenated,
    "rules": by_rules,
    "model where it leans": rewritten,
    "every follow-up rewritten": lambda turn: [Query(turn.rewrite)],
    "the reference answer as the question": lambda turn: [Query(turn.answer)],
}


def _measured(turns: Sequence[Turn], way: Way, place: Place) -> dict[str, dict[str, float]]:
    found = [(turn, [hit.chunk_id for hit in find(way(turn), place, limit=DEPTH).items]) for turn in turns]
    conversations = sorted({turn.conversation for turn in turns})
    chosen_on = set(conversations[::2])
    groups: dict[str, Callable[[Turn], bool]] = {
        "all": lambda turn: True,
        "follow-ups": lambda turn: turn.number > 1,
        "follow-ups chosen on": lambda turn: turn.number > 1 and turn.conversation in chosen_on,
        "follow-ups checked on": lambda turn: turn.number > 1 and turn.conversation not in chosen_on,
        "leaning follow-ups": lambda turn: turn.number > 1 and leaning(turn.question) == "leaning",
    }
    return {name: _mean([_scores(turn, ids) for turn, ids in found if is_in(turn)]) for name, is_in in groups.items()}


def _scores(turn: Turn, ranking: Sequence[str]) -> dict[str, float]:
    relevant = turn.relevant
    gained = sum(1 / log2(place + 1) for place, one in enumerate(ranking, start=1) if one in relevant)
    ideal = sum(1 / log2(place + 1) for place in range(1, min(DEPTH, len(relevant)) + 1))
    return {
        "recall_at_5": sum(one in relevant for one in ranking[:5]) / len(relevant),
        "recall_at_10": sum(one in relevant for one in ranking) / len(relevant),
        "ndcg_at_10": gained / ideal,
    }


def _mean(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    means = {name: round(sum(row[name] for row in rows) / len(rows), 3) for name in rows[0]}
    return {"questions": len(rows), **means}


def _counted(turns: Sequence[Turn]) -> dict[str, int]:
    kinds = [leaning(turn.question) for turn in turns if turn.number > 1]
    return {kind: kinds.count(kind) for kind in ("alone", "leaning")}


def _turns(folder: Path) -> list[Turn]:
    rewrites: dict[str, str] = json.loads(REWRITES.read_text(encoding="utf-8"))
    return [_turn(task, rewrites) for task in _lines(folder / "tasks.jsonl") if task["contexts"]]


def _turn(task: dict[str, Any], rewrites: Mapping[str, str]) -> Turn:
    *said, asked = task["conversation"]
    question = cleaned(asked["text"])
    return Turn(
        conversation=task["_id"].split("<")[0],
        number=int(task["turn"]),
        question=question,
        history=tuple(
            Utterance(role="user" if one["speaker"] == "user" else "assistant", content=one["text"].strip())
            for one in said
        ),
        answer=task["reference_answer"],
        rewrite=rewrites.get(task["_id"], question),
        relevant=frozenset(_chunk_id(one) for one in task["contexts"]),
    )


def _filled(passages: Sequence[dict[str, Any]], index: PgvectorIndex, embedder: Embedder) -> Place:
    now = datetime.now(UTC)
    workspace = Workspace(
        id=str(uuid4()), name="MT-RAG", embeddings_model_provider=embedder.provider,
        embeddings_model_name=embedder.name, embeddings_model_dimensions=embedder.dimensions,
        retrieval=RetrievalOptions(threshold=0), created_at=now, updated_at=now,
    )  # fmt: skip
    index.create(workspace)
    document = Document(
        id=str(uuid4()), workspace_id=workspace.id, type="text", title="", path="mtrag", content_type="text/plain",
        status="processing", run=1, created_at=now, updated_at=now,
    )  # fmt: skip
    chunks = [
        IndexedChunk(
            chunk_id=_chunk_id(one["_id"]), document_id=document.id, index=place, content=one["text"],
            heading=one["title"] or None,
        )
        for place, one in enumerate(passages)
    ]  # fmt: skip
    texts = [f"{chunk.heading or ''}\n{chunk.content}".strip() for chunk in chunks]
    index.stage(document, chunks, embedder.embed(texts, kind="passage"))
    index.publish(workspace, document)
    return Place(workspace, index, embedder)


def _chunk_id(passage_id: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"mtrag/{passage_id}"))


def _embedder(cache: Path) -> Embedder:
    weights = find_weights(folder=None, cache=cache, may_download=False)
    if isinstance(weights, NoWeights):
        raise SystemExit(weights.reason)
    return MiniLmEmbedder(weights, cache=cache)


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    main()
