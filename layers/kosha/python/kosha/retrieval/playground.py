"""Embedding models and cross-encoders tried out by hand: texts in, vectors or scores out."""

from typing import Annotated

from pydantic import Field, StringConstraints

from kosha.errors import Invalid
from kosha.model.record import Record, Request
from kosha.ports import Kind, Ports

TEXTS_AT_MOST = 32
CHARACTERS_AT_MOST = 10_000


class EmbeddingModel(Record):
    """A model that can be used now. `window_tokens` is the longest text it reads in one piece."""

    provider: str
    name: str
    dimensions: int
    window_tokens: int


class TextsToEmbed(Request):
    """Texts and what they are: questions, or passages that answer them."""

    provider: str
    model: str
    input: tuple[Annotated[str, StringConstraints(min_length=1, max_length=CHARACTERS_AT_MOST)], ...] = Field(
        min_length=1, max_length=TEXTS_AT_MOST
    )
    task: Kind = "passage"


class CrossEncoderModel(Record):
    """A model that can be used now."""

    provider: str
    name: str


class PassagesToScore(Request):
    """A question, and passages that may answer it."""

    provider: str
    model: str
    query: Annotated[str, StringConstraints(min_length=1, max_length=CHARACTERS_AT_MOST)]
    passages: tuple[Annotated[str, StringConstraints(min_length=1, max_length=CHARACTERS_AT_MOST)], ...] = Field(
        min_length=1, max_length=TEXTS_AT_MOST
    )


class PassageScores(Record):
    """A score for each passage, in their order; the higher, the better it answers."""

    scores: tuple[float, ...]


class Embeddings(Record):
    """A vector of unit length for each text, in their order."""

    dimensions: int
    embeddings: tuple[tuple[float, ...], ...]


def models(ports: Ports) -> list[EmbeddingModel]:
    """Those at hand, the default one first."""
    return [
        EmbeddingModel(provider=one.provider, name=one.name, dimensions=one.dimensions, window_tokens=one.window_tokens)
        for one in ports.embedders.list()
    ]


def embed(texts: TextsToEmbed, ports: Ports) -> Embeddings:
    """The vectors. Raises Invalid for a model that is not at hand, Unavailable where it does not answer."""
    embedder = ports.embedders.get(texts.provider, texts.model)
    if embedder is None:
        reason = ports.embedders.missing() or "GET /embeddings/models lists those that are."
        message = f"The embedding model {texts.provider}/{texts.model} is not at hand. {reason}"
        raise Invalid(message, (("model", message),))
    vectors = embedder.embed(texts.input, kind=texts.task)
    rows = tuple(tuple(float(number) for number in row) for row in vectors)
    return Embeddings(dimensions=embedder.dimensions, embeddings=rows)


def cross_encoders(ports: Ports) -> list[CrossEncoderModel]:
    """Those at hand, the default one first."""
    return [CrossEncoderModel(provider=one.provider, name=one.name) for one in ports.cross_encoders.list()]


def score(wanted: PassagesToScore, ports: Ports) -> PassageScores:
    """The scores. Raises Invalid for a model that is not at hand, Unavailable where it does not answer."""
    encoder = ports.cross_encoders.get(wanted.provider, wanted.model)
    if encoder is None:
        reason = ports.cross_encoders.missing() or "GET /cross-encoders/models lists those that are."
        message = f"The cross-encoder {wanted.provider}/{wanted.model} is not at hand. {reason}"
        raise Invalid(message, (("model", message),))
    return PassageScores(scores=tuple(float(one) for one in encoder.score(wanted.query, wanted.passages)))
