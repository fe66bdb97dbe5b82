"""Routes of cross-encoders: models that score a passage against a question."""

from kosha.api.call import Call
from kosha.api.replies import Items, page_of
from kosha.api.resource import Cursor, Limit, Resource
from kosha.model.page import PageOf, page_in
from kosha.retrieval import playground
from kosha.retrieval.playground import CrossEncoderModel, PassageScores, PassagesToScore

ROUTES = Resource("cross-encoders")


class CrossEncoderList(Items[CrossEncoderModel]):
    """Cross-encoders, the default one first."""


@ROUTES.on("GET", "/cross-encoders/models")
def models(call: Call, limit: Limit = 100, cursor: Cursor = None) -> CrossEncoderList:
    """The cross-encoders at hand, the default one first."""
    return page_of(CrossEncoderList, page_in(playground.cross_encoders(call.ports), PageOf(limit, cursor)))


@ROUTES.on("POST", "/cross-encoders")
def score(call: Call, wanted: PassagesToScore) -> PassageScores:
    """How well each passage answers the query, in the order given."""
    return playground.score(wanted, call.ports)
