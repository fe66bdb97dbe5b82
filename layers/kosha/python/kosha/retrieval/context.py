"""Which passages go into the prompt, how much of each, and in which order."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from kosha.model.chunk import Hit
from kosha.model.workspace import ContextKind, PassageOrder, RetrievalOptions
from kosha.ports import Index
from kosha.retrieval.compress import compressed
from kosha.retrieval.listwise import PASSAGES_AT_MOST
from kosha.retrieval.widen import widened

# Two passages that share this much of the shorter one's words say the same.
_SAME_SHARE = 0.8
# Passages below this share of the best one's score are left out where a workspace wants no more than it needs.
CLEAR_SHARE = 0.4
_CANDIDATES_LIMIT = 50  # where some are left out for another reason than their rank


class Context(NamedTuple):
    """The passages of a prompt, `[1]` first.

    hits: as the index keeps them. read: the same, with the text a model reads. around: by the id of a hit the chunks
    beside it whose text is read with it.
    """

    hits: tuple[Hit, ...] = ()
    read: tuple[Hit, ...] = ()
    around: Mapping[str, tuple[Hit, ...]] = MappingProxyType({})


def candidates_for(options: RetrievalOptions) -> int:
    """How many hits are looked for so that `top_k` passages can be made of them."""
    picks = options.diversity > 0 or options.context == "neighbours"
    picked_from = min(3 * options.top_k, _CANDIDATES_LIMIT) if picks else 0
    return max(options.top_k, picked_from, PASSAGES_AT_MOST if options.rerank_by_model else 0)


def context_of(
    hits: Sequence[Hit],
    *,
    question: str,
    options: RetrievalOptions,
    index: Index,
    workspace_id: str,
    budget_tokens: int,
) -> Context:
    """What a model reads of the hits (best first) under a workspace's settings; reads from the index where it must.

    Best first and in full where a model is to shorten it: `shrunk` does the rest then.
    """
    if options.adaptive_depth:
        hits = clear(hits)
    around: dict[str, tuple[Hit, ...]] = {}
    read = [_as_read(hit, options.context) for hit in hits]
    if options.context == "neighbours":
        read, around = widened(read, index, workspace_id, reach=options.neighbours)
    if options.compress and not options.compress_by_model:
        read = compressed(read, question)
    chosen = choose(
        read, budget_tokens=budget_tokens, top_k=options.top_k, tokens=estimated_tokens, diversity=options.diversity
    )
    ordered = chosen if options.compress_by_model else arranged(chosen, options.order)
    return _context(ordered, hits, around)


def shrunk(context: Context, read: Sequence[Hit], options: RetrievalOptions, *, budget_tokens: int) -> Context:
    """The same with less to read of each passage (best first): those that fit, in the order of the workspace."""
    chosen = choose(read, budget_tokens=budget_tokens, top_k=options.top_k, tokens=estimated_tokens)
    return _context(arranged(chosen, options.order), context.hits, context.around)


def choose(
    hits: Sequence[Hit], *, budget_tokens: int, top_k: int, tokens: Callable[[str], int], diversity: float = 0
) -> list[Hit]:
    """The best hits that fit, best first: at most `top_k`, `budget_tokens` in all by the count of `tokens`.

    A passage that says again what a better one said is left out, and so is one that does not fit; a shorter one
    after it may. The best one is always there, whatever its length. diversity: 0..1, how much more what is new counts
    than what scores well.
    Source: Carbonell and Goldstein, The Use of MMR, SIGIR 1998, with shared words for the likeness of two passages.
    """
    chosen: list[Hit] = []
    said: list[frozenset[str]] = []
    left = budget_tokens
    waiting = [(hit, frozenset(hit.answerable.casefold().split())) for hit in hits]
    while waiting and len(chosen) < top_k:
        place = _next_place(waiting, said, diversity)
        hit, words = waiting.pop(place)
        cost = tokens(hit.answerable)
        if any(_is_same(words, other) for other in said) or (cost > left and chosen):
            continue
        chosen.append(hit)
        said.append(words)
        left -= cost
    return chosen


def clear(hits: Sequence[Hit]) -> Sequence[Hit]:
    """Those that come near the best one; the others are hardly ever what was asked for."""
    return [hit for hit in hits if hit.score >= CLEAR_SHARE * hits[0].score]


def arranged(hits: Sequence[Hit], order: PassageOrder) -> list[Hit]:
    """ "edges": the best first, the second best last, the worst in the middle, where models read least.

    Source: Liu et al., Lost in the Middle, TACL 2024.
    """
    return [*hits[::2], *reversed(hits[1::2])] if order == "edges" else list(hits)


def estimated_tokens(text: str) -> int:
    """About four characters a token."""
    return (len(text) + 3) // 4


def _as_read(hit: Hit, kind: ContextKind) -> Hit:
    """A hit whose content is all there is to read; a question and answer pair keeps both."""
    if hit.content_complement is None or hit.document_type == "qna":
        return hit
    content = hit.content_complement if kind == "parent" else hit.content
    return hit.model_copy(update={"content": content, "content_complement": None})


def _context(read: Sequence[Hit], hits: Sequence[Hit], around: Mapping[str, tuple[Hit, ...]]) -> Context:
    stored = {hit.chunk_id: hit for hit in hits}
    return Context(tuple(stored[hit.chunk_id] for hit in read), tuple(read), around)


def _next_place(waiting: Sequence[tuple[Hit, frozenset[str]]], said: Sequence[frozenset[str]], diversity: float) -> int:
    if diversity == 0 or not said:
        return 0

    def worth(place: int) -> float:
        hit, words = waiting[place]
        return (1 - diversity) * hit.score - diversity * max(_likeness(words, other) for other in said)

    return max(range(len(waiting)), key=worth)


def _likeness(words: frozenset[str], other: frozenset[str]) -> float:
    """Dice's coefficient."""
    return 2 * len(words & other) / (len(words) + len(other) or 1)


def _is_same(words: frozenset[str], other: frozenset[str]) -> bool:
    shorter = min(len(words), len(other))
    return shorter > 0 and len(words & other) >= _SAME_SHARE * shorter
