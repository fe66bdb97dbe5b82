"""One ranking out of two: scores on a common scale, added with weights."""

from typing import NamedTuple

from kosha.model.chunk import StageNumbers, StageRanks
from kosha.model.search import Rankings, Scored


class Fused(NamedTuple):
    """A chunk in the fused order: `score` in 0..1, with its numbers in the rankings it was made of."""

    chunk_id: str
    score: float
    scores: StageNumbers
    ranks: StageRanks


def fuse(rankings: Rankings, *, vector_weight: float) -> list[Fused]:
    """Merge two rankings by a convex combination of their scores, each list scaled from its least to its best to 0..1.

    A chunk that one list does not have counts 0 there; where one list is empty the other decides alone.
    Returns each chunk once, best first; equal scores are in the order of their ids.
    Source: Bruch, Gai and Ingber, An Analysis of Fusion Functions for Hybrid Retrieval, TOIS 2023. Measured here
    against reciprocal rank fusion: docs/quality.md.
    """
    vector, keyword = _scaled(rankings.vector), _scaled(rankings.keyword)
    if not (vector and keyword):
        vector_weight = 1.0 if vector else 0.0
    vector_places = {scored.chunk_id: (place, scored.score) for place, scored in enumerate(rankings.vector, start=1)}
    keyword_places = {scored.chunk_id: (place, scored.score) for place, scored in enumerate(rankings.keyword, start=1)}
    totals = {
        chunk_id: vector_weight * vector.get(chunk_id, 0.0) + (1 - vector_weight) * keyword.get(chunk_id, 0.0)
        for chunk_id in vector.keys() | keyword.keys()
    }
    ordered = sorted(totals.items(), key=lambda entry: (-entry[1], entry[0]))
    fused: list[Fused] = []
    for place, (chunk_id, total) in enumerate(ordered, start=1):
        vector_rank, vector_score = vector_places.get(chunk_id, (None, None))
        keyword_rank, keyword_score = keyword_places.get(chunk_id, (None, None))
        scores = StageNumbers(vector=vector_score, keyword=keyword_score, fused=total)
        fused.append(Fused(chunk_id, total, scores, StageRanks(vector=vector_rank, keyword=keyword_rank, fused=place)))
    return fused


def _scaled(ranking: list[Scored]) -> dict[str, float]:
    if not ranking:
        return {}
    best, least = ranking[0].score, ranking[-1].score
    span = best - least
    return {scored.chunk_id: (scored.score - least) / span if span > 0 else 1.0 for scored in ranking}
