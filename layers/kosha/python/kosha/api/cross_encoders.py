"""Routes of cross-encoders: models that score a passage against a question."""

from kosha.api.call import Call
from kosha.api.replies import Items, page_of
from kosha.api.resource import Cursor, Limit, Resource
from kosha.model.page import PageOf, page_in
from kosha.model.record import Record

ROUTES = Resource("cross-encoders")


class CrossEncoder(Record):
    """A model that can be used now."""

    provider: str
    name: str


class CrossEncoderList(Items[CrossEncoder]):
    """Cross-encoders."""


@ROUTES.on("GET", "/cross-encoders/models")
def models(_: Call, limit: Limit = 100, cursor: Cursor = None) -> CrossEncoderList:
    """The cross-encoders at hand: this version has none."""
    return page_of(CrossEncoderList, page_in((), PageOf(limit, cursor)))


ROUTES.later("POST", "/cross-encoders", "Cross-encoders are")
