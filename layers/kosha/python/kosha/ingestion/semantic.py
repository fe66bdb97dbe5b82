"""Parts a text where its subject changes: between sentences that are less alike than most neighbours are."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from kosha.ingestion.pieces import Piece
from kosha.ports import Vectors

Embed = Callable[[Sequence[str]], Vectors]

# Sentences of a document that are compared, about 250 pages: a model that takes 0.1 s for each has a step's time.
LIMIT_SENTENCES = 5_000
_NEIGHBOURS = 3  # sentences on each side of a place that are compared as one: alone, "It does." is like nothing
BATCH = 32  # texts embedded at once: between two batches a stop is heard
_STRETCH = 2_000  # sentences whose likenesses are ranked together, and held at once
_LEAST_PART = 0.25  # of a chunk: a smaller part stays with its neighbour


class Subjects:
    """Parts groups of pieces by their meaning, a stretch of a document at a time.

    percentile: the share (50..99) of neighbours, the most alike, that stay together; the higher, the fewer parts.
    """

    def __init__(self, embed: Embed, *, percentile: int, limit_sentences: int = LIMIT_SENTENCES) -> None:
        self._embed = embed
        self._percentile = percentile
        self._left = limit_sentences
        self.is_over_limit = False

    def parts(self, groups: Iterable[list[Piece]]) -> Iterator[list[Piece]]:
        """The same pieces in the same order, in smaller groups. A group is never joined with another.

        Beyond the limit of sentences groups stay as they are, which `is_over_limit` tells afterwards.
        """
        for stretch in _stretches(groups):
            self._left -= sum(map(len, stretch))
            if self._left < 0:
                self.is_over_limit = True
                yield from stretch
                continue
            distances = [self._distances(group) for group in stretch]
            limit = _percentile([distance for some in distances for distance in some], self._percentile)
            for group, some in zip(stretch, distances, strict=True):
                yield from _parted(group, some, limit)

    def _distances(self, pieces: Sequence[Piece]) -> list[float]:
        """How unlike (1 - cosine) what stands before a piece is to what begins with it, from the second piece on."""
        if len(pieces) < 2:
            return []
        vectors = [
            vector
            for start in range(0, len(pieces), BATCH)
            for vector in self._embed([piece.text for piece in pieces[start : start + BATCH]])
        ]
        return [
            1 - _cosine(sum(vectors[max(0, at - _NEIGHBOURS) : at]), sum(vectors[at : at + _NEIGHBOURS]))
            for at in range(1, len(vectors))
        ]


def _cosine(one: Any, other: Any) -> float:
    return float(one @ other) / ((float(one @ one) * float(other @ other)) ** 0.5 or 1.0)


def _stretches(groups: Iterable[list[Piece]]) -> Iterator[list[list[Piece]]]:
    """Groups together, as many as have _STRETCH pieces; at least one."""
    waiting: list[list[Piece]] = []
    pieces = 0
    for group in groups:
        if waiting and pieces + len(group) > _STRETCH:
            yield waiting
            waiting, pieces = [], 0
        waiting.append(group)
        pieces += len(group)
    if waiting:
        yield waiting


def _percentile(values: list[float], percentile: int) -> float:
    """The value that about so many percent of the values stay below; infinite where they are all the same."""
    ordered = sorted(values)
    if not ordered or ordered[0] == ordered[-1]:
        return float("inf")
    return ordered[min(len(ordered) - 1, len(ordered) * percentile // 100)]


def _parted(pieces: Sequence[Piece], distances: Sequence[float], limit: float) -> Iterator[list[Piece]]:
    """Cut before each piece that is at least `limit` away, where both sides are large enough to stand alone.

    Places beside such a one are nearly as far apart, for they have sentences in common: of those only the farthest.
    """
    rest = sum(piece.fill for piece in pieces)
    cuts, fill = [0], 0.0
    around = [0.0, *distances, 0.0]
    for at in range(len(pieces)):
        is_farthest = around[at] >= max(around[at - 1 : at + 2], default=0.0)
        if at and is_farthest and around[at] >= limit and min(fill, rest) >= _LEAST_PART:
            cuts.append(at)
            fill = 0.0
        fill += pieces[at].fill
        rest -= pieces[at].fill
    for start, end in pairwise([*cuts, len(pieces)]):
        yield list(pieces[start:end])
