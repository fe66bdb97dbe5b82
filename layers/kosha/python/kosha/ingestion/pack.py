"""Packing pieces into chunks of even size, cut where it hurts least."""

import math
from collections.abc import Iterator, Sequence

from kosha.ingestion.pieces import INSIDE, PARAGRAPH, Piece

_LEAST_SHARE = 0.6  # of the even size: a chunk is not cut smaller for the sake of a paragraph's end


def pack(pieces: Sequence[Piece], *, overlap: float, at_paragraphs: bool) -> Iterator[list[Piece]]:
    """Chunks as lists of pieces, in order, each filled to at most 1.0 (a single piece may not be more).

    overlap: 0..1 of a chunk; so many whole sentences of prose of one chunk open the next.
    at_paragraphs: rather end a chunk early than cut a paragraph.
    """
    rest = math.fsum(piece.fill for piece in pieces)
    carried: list[Piece] = []
    start = 0
    while start < len(pieces):
        while carried and _fill(carried) + pieces[start].fill > 1:
            carried = carried[1:]
        opening = _fill(carried)
        chunks_left = max(1, math.ceil((rest + opening - overlap) / max(0.1, 1 - overlap) - 1e-9))
        even = (rest + opening + (chunks_left - 1) * overlap) / chunks_left
        end = _end(pieces, start, opening, even, at_paragraphs=at_paragraphs)
        yield [*carried, *pieces[start:end]]
        rest -= _fill(pieces[start:end])
        carried = _overlap(pieces[start:end], overlap) if end < len(pieces) else []
        start = end


def _fill(pieces: Sequence[Piece]) -> float:
    return math.fsum(piece.fill for piece in pieces)


def _end(pieces: Sequence[Piece], start: int, opening: float, even: float, *, at_paragraphs: bool) -> int:
    """Where the chunk that begins at `start` ends: at the best cut near the even size that still fits."""
    fill, end, best, best_score = opening, start, start + 1, (-1, -math.inf)
    while end < len(pieces) and (end == start or fill + pieces[end].fill <= 1):
        fill += pieces[end].fill
        end += 1
        if end == len(pieces):
            return end
        if fill < _LEAST_SHARE * even:
            best = end
            continue
        cut = pieces[end].cut
        rank = min(cut, PARAGRAPH) if at_paragraphs else min(cut, 1)
        score = (rank, -abs(fill - even))
        if score >= best_score:
            best, best_score = end, score
    return best


def _overlap(pieces: Sequence[Piece], most: float) -> list[Piece]:
    """The last whole sentences of a chunk that together fill no more than `most`; rows and code are not repeated."""
    kept: list[Piece] = []
    fill = 0.0
    for position in range(len(pieces) - 1, 0, -1):
        piece = pieces[position]
        fill += piece.fill
        if fill > most or piece.kind != "text" or piece.cut == INSIDE:
            break
        kept.insert(0, piece)
    return kept
