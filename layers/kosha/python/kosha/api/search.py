"""The route of semantic search."""

from kosha.api.call import Call
from kosha.api.resource import Resource
from kosha.model.search import Found, SearchRequest
from kosha.retrieval import semantic_search

ROUTES = Resource("search")


@ROUTES.on("POST", "/semantic-search")
def search(call: Call, request: SearchRequest) -> Found:
    """The passages that answer a query, best first; with `explain`, how each stage came to them."""
    return semantic_search.ask_index(call.caller, request, call.ports)
