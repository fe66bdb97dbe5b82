"""A made-up collection for the search benchmark: topics, words by Zipf's law, and vectors that lie in clusters."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

DIMENSIONS = 384
_TOPICS = 400
_TOPIC_WORDS = 400
_VOCABULARY = 60_000
_WORDS_A_CHUNK = 150
_LATENT = 40  # text embeddings fill far fewer directions than they have numbers
# English has these at the head of Zipf's curve, and the dictionary drops them.
_STOP_WORDS = re.findall(
    r"\w+",
    """the of and to a in is that for it as was with be by on not he his but at are this have from or had an they which
    one you were all her she there would their we him been has when who will no more if out so what up about into than
    them can only other some very after most such before own through over while where just each few those both between
    under again further once here why how any same too doing does did having being until against during above below""",
)


@dataclass(frozen=True)
class Sample:
    """A slice of the collection: texts and their unit vectors, row by row."""

    texts: list[str]
    vectors: NDArray[np.float32]


class Collection:
    """The same chunks for the same seed, made on demand. after: how many were made before; others come then."""

    def __init__(self, seed: int = 7, *, after: int = 0) -> None:
        self._random = np.random.default_rng(seed)
        self._words = np.array(_STOP_WORDS + _made_up_words(_VOCABULARY - len(_STOP_WORDS)), dtype=object)
        zipf = 1.0 / (np.arange(_VOCABULARY) + 2.7)
        self._general = np.cumsum(zipf / zipf.sum())
        own = 1.0 / (np.arange(_TOPIC_WORDS) + 2.7)
        self._own = np.cumsum(own / own.sum())
        self._topic_words = self._random.integers(len(_STOP_WORDS), _VOCABULARY, size=(_TOPICS, _TOPIC_WORDS))
        self._spread = self._random.normal(size=(_LATENT, DIMENSIONS))
        self._centres = self._random.normal(size=(_TOPICS, _LATENT))
        self._random = np.random.default_rng([seed, after])

    def slices(self, chunks: int, *, size: int = 500) -> Iterator[Sample]:
        """The next `chunks` chunks, `size` at a time."""
        for start in range(0, chunks, size):
            yield self._slice(min(size, chunks - start))

    def questions(self, sample: Sample, count: int) -> Sample:
        """Questions about chunks of a sample: some of its words among stop words, and a vector not far from its own."""
        chosen = self._random.integers(0, len(sample.texts), size=count)
        texts: list[str] = []
        for row in chosen:
            words = self._random.choice(sample.texts[row].split(), size=self._random.integers(5, 13), replace=False)
            texts.append("what is " + " ".join(words) + "?")
        noise = self._random.normal(size=(count, _LATENT)) @ self._spread
        return Sample(texts, _unit(sample.vectors[chosen] + 0.4 * _unit(noise)))

    def _slice(self, size: int) -> Sample:
        topics = self._random.integers(0, _TOPICS, size=size)
        places = self._centres[topics] + 0.8 * self._random.normal(size=(size, _LATENT))
        vectors = places @ self._spread + 0.3 * self._random.normal(size=(size, DIMENSIONS))
        return Sample([self._text(topic) for topic in topics], _unit(vectors))

    def _text(self, topic: int) -> str:
        length = int(self._random.integers(_WORDS_A_CHUNK - 40, _WORDS_A_CHUNK + 40))
        general = np.searchsorted(self._general, self._random.random(length))
        own = self._topic_words[topic, np.searchsorted(self._own, self._random.random(length))]
        return " ".join(self._words[np.where(self._random.random(length) < 0.75, general, own)])


def _made_up_words(count: int) -> list[str]:
    syllables = ["".join(parts) for parts in product("bdfgklmnprstv", "aeiou", ["", "n", "r"])]
    words = ["".join(parts) for parts in product(syllables, syllables)]
    order = np.random.default_rng(1).permutation(len(words))
    made = [words[place] for place in order]
    return (made + [word + syllables[place % 195] for place, word in enumerate(made)])[:count]


def _unit(rows: NDArray[np.float64] | NDArray[np.float32]) -> NDArray[np.float32]:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
