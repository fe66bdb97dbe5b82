"""Cutting sections into chunks: at paragraphs, then sentences, then words; nothing is lost."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import get_args

from kosha.errors import Invalid
from kosha.ingestion.pack import pack
from kosha.ingestion.parsers.headings import SEPARATOR
from kosha.ingestion.pieces import Measure, Piece, pieces_of, text_of
from kosha.ingestion.semantic import Subjects
from kosha.model.section import Chunk, Section
from kosha.model.workspace import BREAKPOINT_PERCENTILE, CHILD_SIZE, PARENT_SIZE, ChunkingStrategy

STRATEGIES: tuple[str, ...] = get_args(ChunkingStrategy)

CountTokens = Callable[[str], int]

_MOST_WAITING = 100  # chunks' worth of text under one heading that is packed at once
_TINY = 0.25  # of a chunk: a section this small joins its neighbour under another heading


@dataclass(frozen=True, slots=True)
class SplitOptions:
    """How to cut. Sizes are characters, with strategy "token" tokens.

    chunk_size 1000: English prose has 4.3 characters a token (measured on a novel and a handbook), so a chunk fills
    MiniLM's window of 256 tokens and seldom passes it. chunk_overlap 150: one sentence, which is what an answer cut in
    two needs; more only costs vectors.
    breakpoint_percentile: with strategy "semantic", the share of neighbouring sentences that stay together.
    window_tokens: what the embedder reads at once; a chunk is never longer, whatever its size in characters.
    """

    strategy: str = "recursive"
    chunk_size: int = 1000
    chunk_overlap: int = 150
    parent_size: int = PARENT_SIZE
    child_size: int = CHILD_SIZE
    breakpoint_percentile: int = BREAKPOINT_PERCENTILE
    window_tokens: int | None = None

    def check(self) -> None:
        """Raise Invalid for what cannot be kept."""
        if self.strategy not in STRATEGIES:
            raise Invalid(
                f"The chunking strategy {self.strategy!r} is not in this version. "
                f"Choose one of {', '.join(STRATEGIES)}."
            )
        if min(self.chunk_size, self.child_size) < 1 or not 0 <= self.chunk_overlap < self.chunk_size:
            raise Invalid(
                f"A chunk overlap of {self.chunk_overlap} does not fit a chunk size of {self.chunk_size}. "
                "Choose an overlap from 0 to less than the size.",
                (("chunkOverlap", f"0 to {self.chunk_size - 1}"),),
            )
        if self.strategy == "parent-child" and self.parent_size < self.child_size:
            raise Invalid(
                f"A parent of {self.parent_size} cannot hold a child of {self.child_size}. Choose a larger parent.",
                (("chunkOptions.parentSize", f"at least {self.child_size}, the childSize"),),
            )


def split(
    sections: Iterable[Section],
    options: SplitOptions,
    count_tokens: CountTokens | None = None,
    subjects: Subjects | None = None,
) -> Iterator[Chunk]:
    """Chunks in the order of the document; each keeps to one page. Every character but white space is in one at least.

    count_tokens: of the embedder; needed for strategy "token" and for `window_tokens`. subjects: needed for strategy
    "semantic". Raises Invalid for the options.
    """
    options.check()
    if options.strategy == "parent-child":
        chunks = _children(sections, options, count_tokens)
    else:
        size = _measure(options.chunk_size, options, count_tokens)
        passages = _passages(sections, options, size, subjects)
        chunks = (Chunk(0, text_of(pieces), pieces[0].page, _heading(pieces)) for pieces in passages)
    for index, chunk in enumerate(chunks):
        yield Chunk(index, chunk.content, chunk.page, chunk.heading, chunk.complement, chunk.parent_index)


def _measure(size: int, options: SplitOptions, count_tokens: CountTokens | None, *, embedded: bool = True) -> Measure:
    if options.strategy == "token":
        if count_tokens is None:
            raise ValueError("strategy 'token' needs count_tokens")
        in_tokens = count_tokens
        return lambda text: in_tokens(text) / size
    if count_tokens is None or options.window_tokens is None or not embedded:
        return lambda text: len(text) / size
    counted, window = count_tokens, options.window_tokens
    return lambda text: max(len(text) / size, counted(text) / window)


def _passages(
    sections: Iterable[Section], options: SplitOptions, measure: Measure, subjects: Subjects | None
) -> Iterator[list[Piece]]:
    overlap = options.chunk_overlap / options.chunk_size
    groups = _groups(sections, measure, by_heading=options.strategy == "heading")
    if options.strategy == "semantic":
        if subjects is None:
            raise ValueError("strategy 'semantic' needs subjects")
        groups = subjects.parts(groups)
    for group in groups:
        yield from pack(group, overlap=overlap, at_paragraphs=options.strategy != "sentence")


def _groups(sections: Iterable[Section], measure: Measure, *, by_heading: bool) -> Iterator[list[Piece]]:
    """Pieces that may share chunks: of one page and one heading, tiny neighbours included."""
    waiting: list[Piece] = []
    fill = 0.0
    for section in sections:
        if waiting and (fill > _MOST_WAITING or not _may_join(waiting, fill, section, by_heading=by_heading)):
            yield waiting
            waiting, fill = [], 0.0
        pieces = list(pieces_of(section, measure))
        waiting.extend(pieces)
        fill += sum(piece.fill for piece in pieces)
    if waiting:
        yield waiting


def _may_join(waiting: Sequence[Piece], fill: float, section: Section, *, by_heading: bool) -> bool:
    last = waiting[-1]
    if last.page != section.page:
        return False
    if last.heading == section.heading or all(piece.is_its_heading for piece in waiting):
        return True
    return fill < _TINY and not by_heading


def _heading(pieces: Sequence[Piece]) -> str | None:
    """The heading of a chunk: of several what they share, else the first; one that only says itself does not count."""
    headings = [piece.heading for piece in pieces if not piece.is_its_heading] or [piece.heading for piece in pieces]
    paths = [heading.split(SEPARATOR) if heading else [] for heading in dict.fromkeys(headings)]
    shared: list[str] = []
    for names in zip(*paths, strict=False):
        if len(set(names)) > 1:
            break
        shared.append(names[0])
    return SEPARATOR.join(shared or paths[0]) or None


def _children(sections: Iterable[Section], options: SplitOptions, count_tokens: CountTokens | None) -> Iterator[Chunk]:
    """Small chunks to be found by; each carries the passage around it, its parent, to be answered from."""
    parent_size = _measure(options.parent_size, options, count_tokens, embedded=False)
    child_size = _measure(options.child_size, options, count_tokens)
    for parent_index, group in enumerate(_parents(sections, parent_size)):
        complement = text_of(group)
        for pieces in _parents(_sections_of(group), child_size):
            yield Chunk(0, text_of(pieces), pieces[0].page, _heading(pieces), complement, parent_index)


def _parents(sections: Iterable[Section], measure: Measure) -> Iterator[list[Piece]]:
    for group in _groups(sections, measure, by_heading=False):
        yield from pack(group, overlap=0, at_paragraphs=True)


def _sections_of(pieces: Sequence[Piece]) -> Iterator[Section]:
    for (page, heading, kind), run in groupby(pieces, key=lambda piece: (piece.page, piece.heading, piece.kind)):
        yield Section(text_of(list(run)), page, heading, kind)
