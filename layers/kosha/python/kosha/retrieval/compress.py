"""Passages cut down to the sentences that bear on the question."""

import math
import re
from collections import Counter
from collections.abc import Sequence

from kosha.model.chunk import Hit
from kosha.sentences import Span, sentence_spans

# Of the weight of the question's words that the best sentence of all passages has.
_LEAST_SHARE = 0.2
SHORTEST_CHARACTERS = 400  # a passage this short is worth its words
_GAP = " … "
_WORD = re.compile(r"\w+")
_STEM_CHARACTERS = 5  # `leave` and `leaves`, `Urlaub` and `Urlaubs`: the same word for this


def compressed(hits: Sequence[Hit], question: str) -> list[Hit]:
    """The hits with the sentences that share words with the question, and the one after each; gaps show as `…`.

    A passage without such a sentence keeps its first two. Every sentence is verbatim, so that what a model quotes is in
    the passage as it is kept.
    """
    spans = [list(sentence_spans(hit.answerable)) for hit in hits]
    bags = [[_words(hit.answerable[start:end]) for start, end in own] for hit, own in zip(hits, spans, strict=True)]
    weights = _weights(_words(question), [bag for own in bags for bag in own])
    scores = [[sum(weights.get(word, 0.0) for word in bag) for bag in own] for own in bags]
    least = _LEAST_SHARE * max((score for own in scores for score in own), default=0.0)
    return [_cut(hit, own, score, least) for hit, own, score in zip(hits, spans, scores, strict=True)]


def _weights(wanted: frozenset[str], bags: Sequence[frozenset[str]]) -> dict[str, float]:
    """How much each word of the question tells sentences apart."""
    frequency = Counter(word for bag in bags for word in bag & wanted)
    return {word: math.log(1 + len(bags) / (1 + frequency[word])) for word in wanted}


def _cut(hit: Hit, spans: Sequence[Span], scores: Sequence[float], least: float) -> Hit:
    if len(hit.answerable) <= SHORTEST_CHARACTERS or hit.document_type == "qna":
        return hit
    bearing = [place for place, score in enumerate(scores) if score > 0 and score >= least]
    kept = sorted({after for place in bearing or [0] for after in (place, place + 1) if after < len(spans)})
    text, last = "", None
    for place in kept:
        start, end = spans[place]
        if last is not None:
            text += hit.answerable[spans[last][1] : start] if place == last + 1 else _GAP
        text, last = text + hit.answerable[start:end], place
    return hit.model_copy(update={"content": text, "content_complement": None})


def _words(text: str) -> frozenset[str]:
    return frozenset(word[:_STEM_CHARACTERS] for word in _WORD.findall(text.casefold()) if len(word) > 2)
