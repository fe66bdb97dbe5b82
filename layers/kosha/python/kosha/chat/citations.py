"""From markers in an answer to the passages they stand for and the words that bear them out."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from kosha.model.chunk import Hit
from kosha.model.wire import Citation
from kosha.sentences import sentences

_MARKER = re.compile(r"\[(\d{1,3})\]")
_WORD = re.compile(r"\w+")
_STOPS = re.compile(r"[.!?\n]")
_WORDS_BEFORE = 3
QUOTE_LIMIT_CHARACTERS = 400


def cite(
    content: str, passages: Sequence[Hit], around: Mapping[str, Sequence[Hit]] = MappingProxyType({})
) -> tuple[Citation, ...]:
    """One citation a marker in `content`, in the order of first appearance.

    passages: what the model was given, `[1]` first. around: by the id of a passage the chunks beside it that the model
    read with it. The quote is the sentence, verbatim, of the passage or else of a neighbour, that shares most words
    with the sentence of the answer that carries the marker first; the citation names the chunk that has it.
    """
    said: dict[int, str] = {}
    for marker, claim in _claims(content):
        said.setdefault(marker, claim)
    citations: list[Citation] = []
    for marker, claim in said.items():
        if not 1 <= marker <= len(passages):
            continue
        hit = passages[marker - 1]
        bearing, words = max(
            ((one, quote(one.answerable, claim)) for one in (hit, *around.get(hit.chunk_id, ()))),
            key=lambda found: _likeness(found[1], claim),
        )
        citations.append(_citation(marker, bearing, words))
    return tuple(citations)


def cited_beside(citations: Sequence[Citation], around: Mapping[str, Sequence[Hit]]) -> tuple[Hit, ...]:
    """The neighbours of passages that citations name, each once."""
    named = {citation.chunk_id for citation in citations}
    return tuple({hit.chunk_id: hit for hits in around.values() for hit in hits if hit.chunk_id in named}.values())


def _citation(marker: int, hit: Hit, words: str) -> Citation:
    return Citation(
        marker=marker,
        chunk_id=hit.chunk_id,
        document_id=hit.document_id,
        title=hit.title,
        page=hit.page,
        quote=words,
    )


def quote(passage: str, claim: str) -> str:
    """The sentence of `passage`, a verbatim part of it, that shares most words with `claim`."""
    candidates = [sentence for sentence in sentences(passage) if sentence.strip()] or [passage]
    best = max(candidates, key=lambda sentence: _likeness(sentence, claim))
    return best.strip()[:QUOTE_LIMIT_CHARACTERS]


def _claims(content: str) -> list[tuple[int, str]]:
    """(marker, the text it follows) for every marker; neighbours `[1][2]` share their text.

    A marker that opens its sentence ("According to [1], ...") is given the rest of it too.
    """
    claims: list[tuple[int, str]] = []
    begin, text = 0, ""
    for match in _MARKER.finditer(content):
        between = content[begin : match.start()]
        if between.strip() or not text:
            text = between + (_rest_of_sentence(content, match.end()) if _opens_sentence(between) else "")
        claims.append((int(match[1]), text))
        begin = match.end()
    return claims


def _opens_sentence(before: str) -> bool:
    """Whether a marker after this stands so early in its sentence that what it says is still to come."""
    begun = _STOPS.split(before)[-1]
    return len(_words(begun)) < _WORDS_BEFORE and not (before.strip() and not begun.strip())


def _rest_of_sentence(content: str, begin: int) -> str:
    return _STOPS.split(_MARKER.split(content[begin:], maxsplit=1)[0], maxsplit=1)[0]


def _words(text: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(text)}


def _likeness(text: str, other: str) -> float:
    """Dice's coefficient of their words: shared words count, padding does not."""
    words, wanted = _words(text), _words(other)
    return 2 * len(words & wanted) / (len(words) + len(wanted) or 1)
