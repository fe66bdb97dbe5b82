"""Routes of cross-encoders: models that score a passage against a question."""

from kosha.api.call import Call
from kosha.api.replies import Items
from kosha.api.resource import Resource
from kosha.model.record import Record

ROUTES = Resource("cross-encoders")


class CrossEncoder(Record):
    """A model that can be used now."""

    provider: str
    name: str


class CrossEncoderList(Items[CrossEncoder]):
    """Cross-encoders."""


@ROUTES.on("GET", "/cross-encoders/models")
def models(_: Call) -> CrossEncoderList:
    """The cross-encoders at hand: this version has none."""
    return CrossEncoderList(items=())


ROUTES.later("POST", "/cross-encoders", "Cross-encoders are")
