"""Routes of sources: folders and buckets whose files a workspace follows."""

from kosha.api.call import Call
from kosha.api.replies import Items, page_of
from kosha.api.resource import Cursor, Id, Limit, Resource
from kosha.ingestion import sources
from kosha.model.page import PageOf
from kosha.model.source import Source, SourceSettings

ROUTES = Resource("sources")
_ALL = "/workspaces/<workspace_id>/sources"
_ONE = f"{_ALL}/<source_id>"


class SourceList(Items[Source]):
    """Sources, newest first."""


@ROUTES.on("GET", _ALL)
def of(call: Call, workspace_id: Id, limit: Limit = 50, cursor: Cursor = None) -> SourceList:
    """The places that a workspace follows, newest first, and how the last look at each went."""
    return page_of(SourceList, sources.of(call.caller, workspace_id, PageOf(limit, cursor), call.ports))


@ROUTES.on("POST", _ALL, status=201, is_creating=True)
def add(call: Call, workspace_id: Id, wanted: SourceSettings) -> Source:
    """Follow a folder of the server or a prefix of a bucket: its documents follow additions, changes and removals.

    An administrator names the folders and buckets that may be followed.
    """
    return sources.add(call.caller, workspace_id, wanted, call.ports)


@ROUTES.on("POST", f"{_ONE}/sync")
def sync(call: Call, workspace_id: Id, source_id: Id) -> Source:
    """Look at a source now, not only when its time has come."""
    return sources.sync(call.caller, workspace_id, source_id, call.ports)


@ROUTES.on("DELETE", _ONE, status=204)
def remove(call: Call, workspace_id: Id, source_id: Id) -> None:
    """Follow a place no more; the documents that came of it stay."""
    sources.remove(call.caller, workspace_id, source_id, call.ports)
