"""One ranking out of two: scores on a common scale, added with weights."""

from typing import NamedTuple

from kosha.model.chunk import RankedStage, StageNumbers, StageRanks
from kosha.model.search import Rankings, Scored

# Scores that lie closer together than this hardly tell good from bad, so they are not stretched to the whole scale:
# cosines of a model that does not know the language, or words that every text has. Measured, see docs/quality.md.
LEAST_VECTOR_SPAN = 0.4  # of cosine
LEAST_KEYWORD_SPAN = 0.75  # of the score of a chunk with every word of the question


def tempered(weight: float, fluency: float) -> float:
    """A weight, 0..1, of what comes of a model that knows the question's words only so well (`Embedded.fluency`).

    Its odds shrink, so that what a person wants alone stays alone.
    """
    return weight / (weight + (1 - weight) / fluency)


class Stood(NamedTuple):
    """Where a chunk stood at one stage: its place from 1, and the stage's score."""

    rank: int
    score: float


class Fused(NamedTuple):
    """A chunk in the fused order: `score` in 0..1, and where it stood at each stage that saw it.

    Most candidates are never shown: what tells of the stages is made of those that are, for a record takes its time.
    """

    chunk_id: str
    score: float
    fused: Stood
    vector: Stood | None = None
    keyword: Stood | None = None
    rerank: Stood | None = None

    @property
    def scores(self) -> StageNumbers:
        """The score of each stage."""
        return StageNumbers(**{stage: stood.score for stage, stood in self._stages()})

    @property
    def ranks(self) -> StageRanks:
        """The rank at each stage."""
        return StageRanks(**{stage: stood.rank for stage, stood in self._stages()})

    def _stages(self) -> list[tuple[RankedStage, Stood]]:
        stages: tuple[tuple[RankedStage, Stood | None], ...] = (
            ("vector", self.vector),
            ("keyword", self.keyword),
            ("fused", self.fused),
            ("rerank", self.rerank),
        )
        return [(stage, stood) for stage, stood in stages if stood is not None]


class _Scaled(NamedTuple):
    """A ranking by chunk id: where each stood, and its score on the common scale."""

    stood: dict[str, Stood]
    scores: dict[str, float]


def fuse(rankings: Rankings, *, vector_weight: float) -> list[Fused]:
    """Merge two rankings by a convex combination of their scores.

    Each list is scaled so that its least score is 0 and its best 1, or less than 1 where the list has no more than a
    usual spread. A chunk that a list does not have counts 0 there; where one list is empty the other decides alone.
    Returns each chunk once, best first; equal scores are in the order of their ids.
    Source: Bruch, Gai and Ingber, An Analysis of Fusion Functions for Hybrid Retrieval, TOIS 2023; the least spans are
    ours.
    """
    by_vector = _scaled(rankings.vector, LEAST_VECTOR_SPAN)
    by_keyword = _scaled(rankings.keyword, LEAST_KEYWORD_SPAN * rankings.keyword_full)
    if not (by_vector.stood and by_keyword.stood):
        vector_weight = 1.0 if by_vector.stood else 0.0
    totals = {chunk_id: vector_weight * score for chunk_id, score in by_vector.scores.items()}
    for chunk_id, score in by_keyword.scores.items():
        totals[chunk_id] = totals.get(chunk_id, 0.0) + (1 - vector_weight) * score
    ordered = sorted(totals.items(), key=lambda entry: (-entry[1], entry[0]))
    return [
        Fused(chunk_id, score, Stood(rank, score), by_vector.stood.get(chunk_id), by_keyword.stood.get(chunk_id))
        for rank, (chunk_id, score) in enumerate(ordered, start=1)
    ]


def _scaled(ranking: list[Scored], least_span: float) -> _Scaled:
    if not ranking:
        return _Scaled({}, {})
    best, least = ranking[0].score, ranking[-1].score
    floor = least if best > least else 0.0  # one alone, or equals: judged by themselves
    span = max(best - floor, least_span) or 1.0
    return _Scaled(
        {chunk_id: Stood(rank, score) for rank, (chunk_id, score) in enumerate(ranking, start=1)},
        {chunk_id: max(0.0, score - floor) / span for chunk_id, score in ranking},
    )
