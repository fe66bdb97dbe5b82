"""Which passages go into the prompt."""

from collections.abc import Callable, Sequence

from kosha.model.chunk import Hit

# Two passages that share this much of the shorter one's words say the same.
_SAME_SHARE = 0.8


def choose(hits: Sequence[Hit], *, budget_tokens: int, top_k: int, tokens: Callable[[str], int]) -> list[Hit]:
    """The best hits that fit, best first: at most `top_k`, `budget_tokens` in all by the count of `tokens`.

    A passage that says again what a better one said is left out, and so is one that does not fit; a shorter one
    after it may. The best one is always there, whatever its length.
    """
    chosen: list[Hit] = []
    said: list[frozenset[str]] = []
    left = budget_tokens
    for hit in hits:
        if len(chosen) == top_k:
            break
        words = frozenset(hit.answerable.casefold().split())
        if any(_is_same(words, other) for other in said):
            continue
        cost = tokens(hit.answerable)
        if cost > left and chosen:
            continue
        chosen.append(hit)
        said.append(words)
        left -= cost
    return chosen


def _is_same(words: frozenset[str], other: frozenset[str]) -> bool:
    shorter = min(len(words), len(other))
    return shorter > 0 and len(words & other) >= _SAME_SHARE * shorter
