"""An embedder that keeps what it made on the disk: embedding eleven thousand texts takes minutes."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kosha.adapters.local.minilm import MiniLmEmbedder
from kosha.ports import Embedded, Kind, TokenVectors, Vectors


class KeepingEmbedder:
    """Fits the port TokenEmbedder; passages of one call are kept as one file, named for the texts."""

    def __init__(self, embedder: MiniLmEmbedder, folder: Path) -> None:
        self._embedder = embedder
        self._folder = folder
        self.provider, self.name = embedder.provider, embedder.name
        self.dimensions, self.token_dimensions = embedder.dimensions, embedder.token_dimensions
        self.window_tokens = embedder.window_tokens

    def embed(self, texts: Sequence[str], *, kind: Kind) -> Vectors:
        """As the embedder's."""
        return self.embed_tokens(texts, kind=kind).vectors

    def embed_tokens(self, texts: Sequence[str], *, kind: Kind) -> Embedded:
        """As the embedder's; the fluency of passages, which nobody asks for, is not kept."""
        if kind == "query":
            return self._embedder.embed_tokens(texts, kind=kind)
        digest = hashlib.sha256("\0".join(texts).encode()).hexdigest()[:32]
        file = self._folder / f"{digest}.npz"
        if not file.exists():
            keep(file, self._embedder.embed_tokens(texts, kind=kind))
        return _kept(file)

    def tokens(self, text: str) -> int:
        """As the embedder's."""
        return self._embedder.tokens(text)


def keep(file: Path, made: Embedded) -> None:
    """Write it whole or not at all."""
    part = file.with_suffix(".part.npz")
    lengths = np.array([len(tokens) for tokens in made.token_vectors])
    np.savez(part, vectors=made.vectors, lengths=lengths, tokens=np.concatenate(made.token_vectors))
    part.replace(file)


def _kept(file: Path) -> Embedded:
    with np.load(file) as kept:
        parts: list[TokenVectors] = np.split(kept["tokens"], np.cumsum(kept["lengths"])[:-1])
        return Embedded(kept["vectors"], parts, [1.0] * len(parts))
