"""Routes of embedding models: which there are, and what they make of a text."""

from kosha.api.call import Call
from kosha.api.replies import Items
from kosha.api.resource import Resource
from kosha.retrieval import playground
from kosha.retrieval.playground import EmbeddingModel, Embeddings, TextsToEmbed

ROUTES = Resource("embeddings")


class EmbeddingModelList(Items[EmbeddingModel]):
    """Embedding models, the default one first."""


@ROUTES.on("GET", "/embeddings/models")
def models(call: Call) -> EmbeddingModelList:
    """The embedding models at hand, the default one first."""
    return EmbeddingModelList(items=tuple(playground.models(call.ports)))


@ROUTES.on("POST", "/embeddings")
def embed(call: Call, texts: TextsToEmbed) -> Embeddings:
    """The vectors of some texts, in their order."""
    return playground.embed(texts, call.ports)
