"""BM25 over packed postings: the rare words of a question find the candidates, the frequent ones add to their scores.

k1 = 1.2 and b = 0.75, idf = ln(1 + (N - n + 0.5) / (n + 0.5)) as in Lucene: never negative.
Source: Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kosha.adapters.postgres.postings import Records

K1, B = 1.2, 0.75

Numbers = NDArray[np.int64]  # of chunks
Scores = NDArray[np.float64]


class Corpus(NamedTuple):
    """How many chunks have words, and how many words those have together."""

    chunks: int
    words: int


class Candidates(NamedTuple):
    """Chunks by their numbers, ascending, and what each scores so far."""

    chunk_nos: Numbers
    scores: Scores

    def best(self, limit: int) -> "Candidates":
        """Those with the highest scores, best first; equal scores in the order of their numbers."""
        chosen = self._highest(limit)
        order = np.lexsort((self.chunk_nos[chosen], -self.scores[chosen]))[:limit]
        return Candidates(self.chunk_nos[chosen][order], self.scores[chosen][order])

    def most_likely(self, limit: int, *, wanted: int, missing: float) -> "Candidates":
        """Those that may still be among the best `wanted` when up to `missing` is added to any; at most `limit`."""
        chosen = self._highest(limit)
        scores = self.scores[chosen]
        if len(scores) > wanted:
            least = np.partition(scores, -wanted)[-wanted] - missing
            chosen = chosen[scores >= least]
        chosen.sort()
        return Candidates(self.chunk_nos[chosen], self.scores[chosen])

    def _highest(self, limit: int) -> Numbers:
        """Places of the highest scores and of all that equal the least of them, in no order."""
        if len(self.scores) <= limit:
            return np.arange(len(self.scores))
        least = np.partition(self.scores, -limit)[-limit]
        return np.flatnonzero(self.scores >= least)


def idf(corpus: Corpus, chunks: int) -> float:
    """The weight of a word that so many chunks have."""
    return float(np.log1p((corpus.chunks - chunks + 0.5) / (chunks + 0.5)))


def bound(weight: float) -> float:
    """More than a word of this weight gives no chunk."""
    return weight * (K1 + 1)


def scores_of(records: Records, weight: float, corpus: Corpus) -> Scores:
    """What a word of this weight adds to the chunks that have it, record by record."""
    frequency = records["frequency"].astype(np.float64)
    per_word = K1 * B * max(corpus.chunks, 1) / max(corpus.words, 1)
    return weight * (K1 + 1) * frequency / (frequency + (K1 * (1 - B) + per_word * records["length"]))


def gathered(postings: Sequence[tuple[Records, float]], corpus: Corpus) -> Candidates:
    """Every chunk that has one of the words: (records, weight) a word."""
    if not postings:
        return Candidates(np.empty(0, np.int64), np.empty(0))
    chunk_nos = np.concatenate([records["chunk_no"] for records, _ in postings]).astype(np.int64)
    scores = np.concatenate([scores_of(records, weight, corpus) for records, weight in postings])
    order = np.argsort(chunk_nos, kind="stable")  # which merges: the records of a word are in order
    chunk_nos, scores = chunk_nos[order], scores[order]
    starts = np.flatnonzero(np.diff(chunk_nos, prepend=-1))
    return (
        Candidates(chunk_nos[starts], np.add.reduceat(scores, starts)) if len(starts) else Candidates(chunk_nos, scores)
    )


def added(candidates: Candidates, records: Records, weight: float, corpus: Corpus) -> Candidates:
    """The same chunks with what one more word gives them."""
    if not len(records):
        return candidates
    chunk_nos = records["chunk_no"].astype(np.int64)
    places = np.minimum(np.searchsorted(chunk_nos, candidates.chunk_nos), len(chunk_nos) - 1)
    has_word = chunk_nos[places] == candidates.chunk_nos
    scores = candidates.scores.copy()
    scores[has_word] += scores_of(records[places[has_word]], weight, corpus)
    return Candidates(candidates.chunk_nos, scores)


def only(records: Records, chunk_nos: Numbers) -> Records:
    """The records of these chunks."""
    return records[np.isin(records["chunk_no"], chunk_nos)]
