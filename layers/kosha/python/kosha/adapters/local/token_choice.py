"""Which tokens of a text are kept for reading it word by word: those that tell it from other texts."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kosha.ports import Kind, TokenVectors, Vectors

CLASSIFY, SEPARATE = 101, 102  # [CLS] and [SEP] of BERT's vocabulary
MARKS = 2
STEPS = 127  # of int8: so many stand for 1
# Of one text: four chunks of the usual length. What comes behind is found, and not read again.
TOKENS_LIMIT = 512

# Left out on both sides: they stand in every text, so that their best match says nothing, and are four tokens in ten.
_SAID_EVERYWHERE = """
    a about also an and are as at be been but by can could did do does for from had has have he her his how i if in
    into is it its may might more most no not of on or our out over s she should so some such t than that the their them
    then there these they this those to under up was we were what when where which who whose why will with would you
    your
"""
_STOP_WORDS = frozenset(_SAID_EVERYWHERE.split())


class Window(NamedTuple):
    """A piece of one text (its row) that the model takes at once. known: tokens that the piece before it has too."""

    row: int
    ids: list[int]
    known: int = 0


class Vocabulary(NamedTuple):
    """Of each token by its id. telling: whether it is kept; punctuation, marks and stop words are not."""

    telling: NDArray[np.bool_]
    has_letters: NDArray[np.bool_]


def read_vocabulary(numbers: Mapping[str, int]) -> Vocabulary:
    """numbers: the ids of the tokens."""
    telling, has_letters = np.zeros((2, max(numbers.values()) + 1), np.bool_)
    for token, number in numbers.items():
        is_mark = token.startswith("[") and token.endswith("]")
        has_letters[number] = any(map(str.isalpha, token))
        telling[number] = any(map(str.isalnum, token)) and not is_mark and token not in _STOP_WORDS
    return Vocabulary(telling, has_letters)


def chosen_tokens(
    batches: Iterable[Sequence[Window]], results: Iterable[Vectors], vocabulary: Vocabulary, texts: int, kind: Kind
) -> list[TokenVectors]:
    """The vectors of each text's kept tokens in their order, at most TOKENS_LIMIT.

    results: of each batch (windows, tokens, dimensions), of any length. Those of a passage become of unit length, those
    of a query keep their proportions, the longest of unit length: a word that the kept dimensions tell well counts more
    (nDCG@10 on SciFact's training questions .749 instead of .745; 2026-11).
    """
    pieces: list[list[Vectors]] = [[] for _ in range(texts)]
    for batch, result in zip(batches, results, strict=True):
        for window, vectors in zip(batch, result, strict=True):
            pieces[window.row].append(_chosen(window, vectors, vocabulary.telling))
    return [_rounded(np.concatenate(piece)[:TOKENS_LIMIT], kind) for piece in pieces]


def _chosen(window: Window, vectors: Vectors, telling: NDArray[np.bool_]) -> Vectors:
    """vectors: (tokens and padding, dimensions) of one window."""
    own = np.asarray(window.ids[1 + window.known : -1], np.intp)  # without the marks
    found = vectors[1 + window.known : len(window.ids) - 1]
    return found[telling[own]]


def _rounded(vectors: Vectors, kind: Kind) -> TokenVectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = lengths if kind == "passage" else lengths.max(initial=0)
    return np.rint(vectors / np.maximum(unit, np.finfo(np.float32).tiny) * STEPS).astype(np.int8)
