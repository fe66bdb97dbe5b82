"""What every embedding model behind an API needs: windows, batches, and rows of unit length.

Tokens are estimated, for no tokenizer is downloaded. Estimates err on the safe side, and a text that the provider still
finds too long is halved and tried again: nothing is cut in silence.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from kosha.adapters.pooling import pooled
from kosha.errors import ModelUnavailable, TooLarge
from kosha.model.record import Record
from kosha.ports import Kind, Vectors

BYTES_PER_TOKEN = 3  # of UTF-8: English has 4-5, Chinese and Hindi about 3, code 3
OVERLAP_TOKENS = 32
BLANK = "."  # providers refuse a text of nothing


class EmbeddingFacts(Record):
    """A row of models.toml: an embedding model and what it takes.

    window_tokens, window_characters: the longest text of one piece; the narrower counts.
    batch_texts, batch_tokens: the most of one call. calls_at_once: how many calls run side by side.
    """

    provider: str
    name: str
    label: str = ""
    dimensions: int
    window_tokens: int
    window_characters: int | None = None
    batch_texts: int = 1
    batch_tokens: int | None = None
    calls_at_once: int = 4
    payload: str = ""
    price_per_million: float | None = None


class Window(NamedTuple):
    """A piece of one text that the model takes at once."""

    row: int
    text: str


Embed = Callable[[Sequence[str], Kind], Vectors]  # one call: (texts, dimensions); TooLarge where one text is too long


class RemoteEmbedder:
    """Fits the port Embedder over one call of a provider's API. Safe to call from many threads."""

    def __init__(self, facts: EmbeddingFacts, call: Embed) -> None:
        self.provider = facts.provider
        self.name = facts.name
        self.dimensions = facts.dimensions
        self.window_tokens = facts.window_tokens
        self._facts = facts
        self._call = call

    def embed(self, texts: Sequence[str], *, kind: Kind) -> Vectors:
        """float32 (len(texts), dimensions), rows of unit length, in the order of the texts.

        A text longer than the window is embedded window by window. Raises Unavailable.
        """
        if not texts:
            return np.zeros((0, self.dimensions), np.float32)
        windows = [Window(row, text) for row, whole in enumerate(texts) for text in self._windows(whole)]
        batches = list(self._batches(windows))

        def embed(batch: list[Window]) -> Vectors:
            return self._vectors([window.text for window in batch], kind)

        results = map(embed, batches) if len(batches) == 1 else self._threads.map(embed, batches)
        weights = [float(len(window.text)) for window in windows]
        return pooled(np.concatenate(list(results)), [window.row for window in windows], weights, len(texts))

    def tokens(self, text: str) -> int:
        """About how many tokens a text has, rather too many than too few."""
        return estimated_tokens(text)

    def _vectors(self, texts: Sequence[str], kind: Kind) -> Vectors:
        """One call; where a text is too long after all, smaller ones."""
        try:
            vectors = self._call(texts, kind)
        except TooLarge:
            if len(texts) > 1:
                return np.concatenate([self._vectors([text], kind) for text in texts])
            if len(texts[0]) < 2 * OVERLAP_TOKENS:
                raise
            halves = list(_cut(texts[0], len(texts[0].encode()) // 2 + BYTES_PER_TOKEN * OVERLAP_TOKENS, None))
            parts = np.concatenate([self._vectors([half], kind) for half in halves])
            return pooled(parts, [0] * len(halves), [float(len(half)) for half in halves], 1)
        if vectors.shape != (len(texts), self.dimensions):
            shape, words = vectors.shape, "An administrator must correct its dimensions in the catalogue."
            raise ModelUnavailable(f"{self.name} sent vectors of shape {shape}, not of {self.dimensions}. {words}")
        return vectors

    def _windows(self, text: str) -> Iterator[str]:
        if not text.strip():
            yield BLANK
            return
        yield from _cut(text, self._facts.window_tokens * BYTES_PER_TOKEN, self._facts.window_characters)

    def _batches(self, windows: Sequence[Window]) -> Iterator[list[Window]]:
        """In the order given, within both limits of a call."""
        batch: list[Window] = []
        size_tokens = 0
        for window in windows:
            cost = estimated_tokens(window.text)
            is_over = self._facts.batch_tokens is not None and size_tokens + cost > self._facts.batch_tokens
            if batch and (len(batch) == self._facts.batch_texts or is_over):
                yield batch
                batch, size_tokens = [], 0
            batch.append(window)
            size_tokens += cost
        if batch:
            yield batch

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._facts.calls_at_once, thread_name_prefix="embeddings")


def estimated_tokens(text: str) -> int:
    """Bytes of UTF-8 over three, rounded up."""
    return -(-len(text.encode(errors="replace")) // BYTES_PER_TOKEN)


def rows(sent: Any) -> Vectors:
    """What a provider sent as an array. Raises ModelUnavailable where it is no rows of numbers."""
    try:
        return np.asarray(sent, np.float32)
    except (TypeError, ValueError) as error:
        raise ModelUnavailable("The embedding model sent what are no vectors. Try again.") from error


def _cut(text: str, limit_bytes: int, limit_characters: int | None) -> Iterator[str]:
    """The text in pieces that overlap a little, each within both limits, cut between words where there are any."""
    overlap = OVERLAP_TOKENS * BYTES_PER_TOKEN
    if len(text.encode(errors="replace")) <= limit_bytes and len(text) <= (limit_characters or len(text)):
        yield text
        return
    start = 0
    while True:
        end = start + _fits(islice(text, start, None), limit_bytes, limit_characters)
        if end >= len(text):
            yield text[start:]
            return
        blank = max(text.rfind(" ", start + (end - start) // 2, end), text.rfind("\n", start + (end - start) // 2, end))
        end = blank + 1 if blank > 0 else end
        yield text[start:end]
        start = max(start + 1, end - min(overlap, (end - start) // 4))


def _fits(characters: Iterator[str], limit_bytes: int, limit_characters: int | None) -> int:
    """How many of the characters are within the limits, at least one."""
    size_bytes, number = 0, 0
    for character in characters:
        size_bytes += len(character.encode(errors="replace"))
        if size_bytes > limit_bytes or number == limit_characters:
            return max(1, number)
        number += 1
    return number
