"""What a ranking is worth: nDCG@10, recall@10, recall@100 and the mean reciprocal rank of the first ten."""

from collections.abc import Callable, Mapping, Sequence
from math import log2

import numpy as np

Ranking = Sequence[str]
Relevant = frozenset[str]
Measure = Callable[[Ranking, Relevant], float]


def ndcg(ranking: Ranking, relevant: Relevant) -> float:
    """Normalised discounted cumulative gain of the first ten, every relevant text worth the same."""
    gained = sum(1 / log2(place + 1) for place, found in enumerate(ranking[:10], start=1) if found in relevant)
    return gained / sum(1 / log2(place + 1) for place in range(1, min(10, len(relevant)) + 1))


def recall(depth: int) -> Measure:
    """The share of the relevant texts among the first `depth`."""
    return lambda ranking, relevant: len(relevant.intersection(ranking[:depth])) / len(relevant)


def reciprocal_rank(ranking: Ranking, relevant: Relevant) -> float:
    """1 over the place of the first relevant text, 0 where it is not among ten."""
    return next((1 / place for place, found in enumerate(ranking[:10], start=1) if found in relevant), 0.0)


MEASURES: dict[str, Measure] = {
    "ndcg_at_10": ndcg,
    "recall_at_10": recall(10),
    "recall_at_100": recall(100),
    "mrr_at_10": reciprocal_rank,
}


def means(rankings: Mapping[str, Ranking], relevant: Mapping[str, Relevant]) -> dict[str, float]:
    """Every measure, its mean over the questions."""
    return {
        name: round(float(np.mean([measure(ranking, relevant[question]) for question, ranking in rankings.items()])), 4)
        for name, measure in MEASURES.items()
    }
