"""Routes of embedding models: which there are, and what they make of a text."""

from kosha.api.call import Call
from kosha.api.replies import Items, page_of
from kosha.api.resource import Cursor, Limit, Resource
from kosha.model.page import PageOf, page_in
from kosha.retrieval import playground
from kosha.retrieval.playground import EmbeddingModel, Embeddings, TextsToEmbed

ROUTES = Resource("embeddings")


class EmbeddingModelList(Items[EmbeddingModel]):
    """Embedding models, the default one first."""


@ROUTES.on("GET", "/embeddings/models")
def models(call: Call, limit: Limit = 100, cursor: Cursor = None) -> EmbeddingModelList:
    """The embedding models at hand, the default one first."""
    return page_of(EmbeddingModelList, page_in(playground.models(call.ports), PageOf(limit, cursor)))


@ROUTES.on("POST", "/embeddings")
def embed(call: Call, texts: TextsToEmbed) -> Embeddings:
    """The vectors of some texts, in their order."""
    return playground.embed(texts, call.ports)
