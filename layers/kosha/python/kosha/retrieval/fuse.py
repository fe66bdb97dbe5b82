"""One ranking out of two: scores on a common scale, added with weights."""

from typing import NamedTuple

from kosha.model.chunk import StageNumbers, StageRanks
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


class Fused(NamedTuple):
    """A chunk in the fused order: `score` in 0..1, with its numbers in the rankings it was made of."""

    chunk_id: str
    score: float
    scores: StageNumbers
    ranks: StageRanks


class _Place(NamedTuple):
    rank: int
    score: float
    scaled: float


_NOWHERE = _Place(0, 0.0, 0.0)


def fuse(rankings: Rankings, *, vector_weight: float) -> list[Fused]:
    """Merge two rankings by a convex combination of their scores.

    Each list is scaled so that its least score is 0 and its best 1, or less than 1 where the list has no more than a
    usual spread. A chunk that a list does not have counts 0 there; where one list is empty the other decides alone.
    Returns each chunk once, best first; equal scores are in the order of their ids.
    Source: Bruch, Gai and Ingber, An Analysis of Fusion Functions for Hybrid Retrieval, TOIS 2023; the least spans are
    ours.
    """
    by_vector = _placed(rankings.vector, LEAST_VECTOR_SPAN)
    by_keyword = _placed(rankings.keyword, LEAST_KEYWORD_SPAN * rankings.keyword_full)
    if not (by_vector and by_keyword):
        vector_weight = 1.0 if by_vector else 0.0

    def total(chunk_id: str) -> float:
        vector, keyword = by_vector.get(chunk_id, _NOWHERE), by_keyword.get(chunk_id, _NOWHERE)
        return vector_weight * vector.scaled + (1 - vector_weight) * keyword.scaled

    totals = {chunk_id: total(chunk_id) for chunk_id in by_vector.keys() | by_keyword.keys()}
    ordered = sorted(totals.items(), key=lambda entry: (-entry[1], entry[0]))
    return [
        _fused(chunk_id, score, rank, by_vector.get(chunk_id), by_keyword.get(chunk_id))
        for rank, (chunk_id, score) in enumerate(ordered, start=1)
    ]


def _placed(ranking: list[Scored], least_span: float) -> dict[str, _Place]:
    if not ranking:
        return {}
    best, least = ranking[0].score, ranking[-1].score
    floor = least if best > least else 0.0  # one alone, or equals: judged by themselves
    span = max(best - floor, least_span) or 1.0
    return {
        scored.chunk_id: _Place(rank, scored.score, max(0.0, scored.score - floor) / span)
        for rank, scored in enumerate(ranking, start=1)
    }


def _fused(chunk_id: str, score: float, rank: int, vector: _Place | None, keyword: _Place | None) -> Fused:
    return Fused(
        chunk_id,
        score,
        StageNumbers(vector=vector.score if vector else None, keyword=keyword.score if keyword else None, fused=score),
        StageRanks(vector=vector.rank if vector else None, keyword=keyword.rank if keyword else None, fused=rank),
    )
