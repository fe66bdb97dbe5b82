"""The best candidates are read again: word by word, or by a model that reads question and passage together."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from kosha.errors import Unavailable
from kosha.ports import CrossEncoder, Index, TokenVectors
from kosha.retrieval.fuse import Fused, Stood, tempered

# Of the fused order; twice as many change nDCG@10 by less than .003 (docs/quality.md).
CANDIDATES = 40
# A first that leads the second by so much of the scale is the first after reading too (docs/quality.md).
CLEAR_LEAD = 0.3
_WORDS_WEIGHT = 0.25  # flat between .2 and .35 on SciFact's training questions (docs/quality.md)
_ENCODER_WEIGHT = 0.7  # it was trained to tell this; the rest keeps what shares a rare word from falling far


class Reader(Protocol):
    """Compares a question with passages more closely than an index can.

    weight: how much of the final score is the reader's. least_span: scores that lie closer together than this hardly
    tell good from bad, so they are not stretched to the whole scale.
    """

    rule: str
    weight: float
    least_span: float

    def scores(self, chunk_ids: Sequence[str]) -> dict[str, float]:
        """Of those that can be read, higher is better. Raises Unavailable."""
        ...


class WordByWord:
    """A Reader by late interaction: the vectors of the passages' tokens were stored when they came."""

    rule = "each word of the question against every word of the passage"
    least_span = 0.3  # of cosine

    def __init__(self, question: TokenVectors, index: Index, workspace_id: str, *, fluency: float) -> None:
        """fluency: how well the model knows the words of the question."""
        self.weight = tempered(_WORDS_WEIGHT, fluency)
        self._question = question
        self._index = index
        self._workspace_id = workspace_id

    def scores(self, chunk_ids: Sequence[str]) -> dict[str, float]:
        """-1..1; a chunk that was stored without token vectors has none."""
        from kosha.retrieval.late_interaction import scores_of  # numpy takes 0.12 s of CPU to import

        return scores_of(self._question, self._index.token_vectors(self._workspace_id, chunk_ids))


class ReadTogether:
    """A Reader by a cross-encoder, whose scores are of any scale."""

    weight = _ENCODER_WEIGHT
    least_span = 0.0

    def __init__(self, question: str, encoder: CrossEncoder, index: Index, workspace_id: str) -> None:
        self.rule = f"question and passage read together by {encoder.name}"
        self._question = question
        self._encoder = encoder
        self._index = index
        self._workspace_id = workspace_id

    def scores(self, chunk_ids: Sequence[str]) -> dict[str, float]:
        """Raises Unavailable."""
        hits = self._index.hits(self._workspace_id, chunk_ids)
        scores = self._encoder.score(self._question, [hit.content for hit in hits])
        return {hit.chunk_id: float(score) for hit, score in zip(hits, scores, strict=True)}


class Reranked(NamedTuple):
    """order: every chunk of the fused order, best first. read: how many have a score of the reader. rule: how, or why
    not."""

    order: list[Fused]
    read: int
    rule: str


def rerank(fused: list[Fused], readers: Sequence[Reader]) -> Reranked:
    """Read the first CANDIDATES with the first of the readers that answers; without one the order stays."""
    if not readers:
        return Reranked(fused, 0, "left out: the workspace does not want it, or has nothing that reads passages")
    if len(fused) < 2:
        return Reranked(fused, 0, "left out: there is nothing to put in order")
    lead = fused[0].score - fused[1].score
    if lead >= CLEAR_LEAD:
        return Reranked(fused, 0, f"left out: the first leads by {lead:.2f}, {CLEAR_LEAD:g} is clear enough")
    chunk_ids = [entry.chunk_id for entry in fused[:CANDIDATES]]
    for reader in readers:
        try:
            scores = reader.scores(chunk_ids)
        except Unavailable:
            continue
        if scores:
            return Reranked(_mixed(fused, scores, reader), len(scores), _told(reader))
    return Reranked(fused, 0, "left out: what reads passages again does not answer, or knows none of them")


def _told(reader: Reader) -> str:
    return f"{reader.rule}: {reader.weight:.2g} of that and {1 - reader.weight:.2g} of the fused score added"


def _mixed(fused: list[Fused], scores: dict[str, float], reader: Reader) -> list[Fused]:
    """A candidate that could not be read keeps its fused score; what was no candidate gets nothing from the reader."""
    least = min(scores.values())
    span = max(max(scores.values()) - least, reader.least_span) or 1.0

    def final(place: int, entry: Fused) -> float:
        score = scores.get(entry.chunk_id)
        if score is None and place < CANDIDATES:
            return entry.score
        scaled = 0.0 if score is None else (score - least) / span
        return (1 - reader.weight) * entry.score + reader.weight * scaled

    finals = [(final(place, entry), entry) for place, entry in enumerate(fused)]
    ordered = sorted(finals, key=lambda one: -one[0])  # stable: equals stay in the fused order
    return [
        _reread(entry, score, rank, scores.get(entry.chunk_id)) for rank, (score, entry) in enumerate(ordered, start=1)
    ]


def _reread(entry: Fused, final: float, rank: int, score: float | None) -> Fused:
    rerank = None if score is None else Stood(rank, score)
    return Fused(entry.chunk_id, final, entry.fused, entry.vector, entry.keyword, rerank)
