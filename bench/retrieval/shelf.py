"""One collection in the product's own index, and what each way of ranking makes of a question."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, NamedTuple
from uuid import uuid4

from bench.retrieval.beir import Collection, embedded_text
from bench.retrieval.measures import Ranking
from kosha.adapters.postgres.index import PgvectorIndex
from kosha.model.chunk import IndexedChunk
from kosha.model.document import Document
from kosha.model.search import Filters, Found, Rankings, Scored
from kosha.model.workspace import RetrievalOptions, Workspace
from kosha.ports import TokenEmbedder
from kosha.retrieval.relevance import DEFAULT_THRESHOLD
from kosha.retrieval.search import Question, search

Way = Literal["bm25s", "vectors", "keywords", "reciprocal_rank_60", "fused", "search"]
DEPTH = 100
_RRF_K = 60
_BATCH = 200


class Outcome(NamedTuple):
    """The rankings of one question, each DEPTH deep. is_answered: with the usual threshold."""

    rankings: dict[Way, Ranking]
    is_answered: bool
    rerank_ms: float


@dataclass(frozen=True)
class Shelf:
    """A workspace filled with a collection. token_bytes: what the token vectors of a text take, on average."""

    workspace: Workspace
    index: PgvectorIndex
    embedder: TokenEmbedder
    token_bytes: int

    def ask(self, text: str) -> Outcome:
        """Every way. What the search shows is the first ten as it finds them, then those of a deeper search."""
        [vector] = self.embedder.embed([text], kind="query")
        alone = self.index.rankings(self.workspace, text, vector, limit=DEPTH, filters=Filters())
        shown = self._searched(text, limit=10)
        deeper = self._searched(text, limit=DEPTH).items
        return Outcome(
            {
                "vectors": _ids(alone.vector),
                "keywords": _ids(alone.keyword),
                "reciprocal_rank_60": _reciprocal(alone),
                "fused": [hit.chunk_id for hit in sorted(deeper, key=lambda hit: hit.ranks.fused or DEPTH)],
                "search": list(dict.fromkeys(hit.chunk_id for hit in (*shown.items, *deeper))),
            },
            shown.relevance >= DEFAULT_THRESHOLD,
            shown.timings_ms.rerank,
        )

    def is_answered(self, text: str) -> bool:
        """Whether a search with the usual threshold finds anything."""
        return self._searched(text, limit=1).relevance >= DEFAULT_THRESHOLD

    def drop(self) -> None:
        """Make room for the next."""
        self.index.drop(self.workspace.id)

    def _searched(self, text: str, *, limit: int) -> Found:
        """Without a threshold, so that every question has a ranking."""
        return search(Question(text, limit=limit), workspace=self.workspace, index=self.index, embedder=self.embedder)


def filled(collection: Collection, index: PgvectorIndex, embedder: TokenEmbedder) -> Shelf:
    """The collection in a workspace of its own, one chunk a text."""
    now = datetime.now(UTC)
    workspace = Workspace(
        id=str(uuid4()), name=collection.name, languages=(collection.language,),
        embeddings_model_provider=embedder.provider, embeddings_model_name=embedder.name,
        embeddings_model_dimensions=embedder.dimensions, created_at=now, updated_at=now,
        retrieval=RetrievalOptions(threshold=0),
    )  # fmt: skip
    index.create(workspace)
    document = Document(
        id=str(uuid4()), workspace_id=workspace.id, type="text", title="", path=collection.name,
        content_type="text/plain", status="processing", run=1, created_at=now, updated_at=now,
    )  # fmt: skip
    entries = list(collection.texts.items())
    token_bytes = 0
    for start in range(0, len(entries), _BATCH):
        batch = entries[start : start + _BATCH]
        chunks = [
            IndexedChunk(
                chunk_id=chunk_id, document_id=document.id, index=start + place, content=text, heading=title or None
            )
            for place, (chunk_id, (title, text)) in enumerate(batch)
        ]
        made = embedder.embed_tokens([embedded_text(title, text) for _, (title, text) in batch], kind="passage")
        token_bytes += sum(tokens.nbytes for tokens in made.token_vectors)
        index.stage(document, chunks, made.vectors, made.token_vectors)
    index.publish(workspace, document)
    return Shelf(workspace, index, embedder, token_bytes // len(entries))


def _ids(ranking: list[Scored]) -> Ranking:
    return [scored.chunk_id for scored in ranking]


def _reciprocal(rankings: Rankings) -> Ranking:
    scores: dict[str, float] = {}
    for ranking in (rankings.vector, rankings.keyword):
        for rank, scored in enumerate(ranking, start=1):
            scores[scored.chunk_id] = scores.get(scored.chunk_id, 0.0) + 1 / (_RRF_K + rank)
    return sorted(scores, key=lambda chunk_id: (-scores[chunk_id], chunk_id))
