"""The models: those that answer, those that make vectors, those that score a passage against a question."""

from collections.abc import AsyncGenerator, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, runtime_checkable

from kosha.model.prompt import ModelInfo, Piece, Prompt

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]
    TokenVectors = NDArray[np.int8]  # (tokens, token_dimensions); 127 stands for 1
else:
    Vectors = TokenVectors = Any  # numpy takes 0.12 s of CPU to import, and most functions on AWS never see a vector
Kind = Literal["query", "passage"]


class ChatModel(Protocol):
    """A model that answers."""

    info: ModelInfo

    def stream(self, prompt: Prompt) -> AsyncGenerator[Piece, None]:
        """The answer as it is made; closing the iterator cancels the provider's call. Raises ModelUnavailable."""
        ...


class ChatModels(Protocol):
    """The catalogue of models that answer."""

    def list(self) -> list[ModelInfo]:
        """Every model known, the default one first, those that cannot be used with the reason."""
        ...

    def get(self, provider: str | None, name: str | None) -> ChatModel:
        """The model named, or the default one. Raises Rejected for one that is unknown or cannot be used."""
        ...


class Embedder(Protocol):
    """Text to vectors. `window_tokens` is the longest text embedded in one piece."""

    provider: str
    name: str
    dimensions: int
    window_tokens: int

    def embed(self, texts: Sequence[str], *, kind: Kind) -> Vectors:
        """float32 (len(texts), dimensions), rows of unit length. Raises Unavailable."""
        ...

    def tokens(self, text: str) -> int:
        """How many tokens of this model a text has."""
        ...


class Embedded(NamedTuple):
    """What one pass of a model over texts gives: a vector of each, as `Embedder.embed`, and one of each of its tokens.

    token_vectors: of a passage of unit length; of a query, as long as the token weighs, 1 at most.
    fluency: how well the model knows the words of each text, 1 for a language it was made for, less for others: so
    much less should its vectors weigh.
    """

    vectors: Vectors
    token_vectors: list[TokenVectors]
    fluency: list[float]


@runtime_checkable
class TokenEmbedder(Embedder, Protocol):
    """An embedder that also tells the tokens of a text apart, so that passages can be read word by word (reranking)."""

    token_dimensions: int

    def embed_tokens(self, texts: Sequence[str], *, kind: Kind) -> Embedded:
        """Both in one pass: it costs hardly more than `embed`. Raises Unavailable."""
        ...


class Embedders(Protocol):
    """The embedding models at hand."""

    def list(self) -> list[Embedder]:
        """Those that can be used now, the default one first; none means that keyword search answers alone."""
        ...

    def get(self, provider: str, name: str) -> Embedder | None:
        """None where its weights or its endpoint are missing."""
        ...

    def missing(self) -> str | None:
        """Why there is none, and what would bring one; None where there is."""
        ...


class CrossEncoder(Protocol):
    """Scores a passage against a question, reading both at once."""

    provider: str
    name: str

    def score(self, question: str, passages: Sequence[str]) -> Vectors:
        """float32 (len(passages),), the higher the better. Raises Unavailable."""
        ...


class CrossEncoders(Protocol):
    """The cross-encoders at hand."""

    def list(self) -> list[CrossEncoder]:
        """Those that can be used now, the default one first."""
        ...

    def get(self, provider: str, name: str) -> CrossEncoder | None:
        """None where it is not at hand."""
        ...

    def missing(self) -> str | None:
        """Why there is none, and what would bring one; None where there is."""
        ...
