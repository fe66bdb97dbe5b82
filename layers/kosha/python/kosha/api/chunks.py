"""Routes of the chunks that documents are cut into."""

from typing import Any

from kosha.api.call import Call
from kosha.api.replies import Items, page_of
from kosha.api.resource import Cursor, Id, Limit, Resource
from kosha.ingestion import changes, read
from kosha.ingestion.changes import ChunkChange
from kosha.ingestion.read import ChunkPreview
from kosha.model.chunk import IndexedChunk
from kosha.model.page import PageOf
from kosha.model.record import Record
from kosha.model.section import Chunk

ROUTES = Resource("chunks")
_CHUNKS = "/workspaces/<workspace_id>/documents/<document_id>/chunks"


class ChunkView(Record):
    """A chunk as it is served."""

    chunk_id: str
    index: int
    content: str
    content_complement: str | None = None
    page: int | None = None
    heading: str | None = None
    enabled: bool


class ChunkList(Items[ChunkView]):
    """Chunks in the order of their document."""


class PreviewedChunk(Record):
    """A chunk as it would be. Children of one parent passage share its index."""

    index: int
    content: str
    parent_index: int | None = None
    page: int | None = None
    heading: str | None = None


class PreviewedChunks(Record):
    """The first of the chunks, how many there would be, and what to know of them: what was left out, what differs."""

    items: tuple[PreviewedChunk, ...]
    count: int
    warnings: tuple[str, ...] = ()


@ROUTES.on("GET", _CHUNKS)
def of(call: Call, workspace_id: Id, document_id: Id, limit: Limit = 50, cursor: Cursor = None) -> ChunkList:
    """The chunks that are served of a document, in its order."""
    found = read.chunks(call.caller, workspace_id, document_id, PageOf(limit, cursor), call.ports)
    return page_of(ChunkList, found, _served)


@ROUTES.on("PATCH", f"{_CHUNKS}/<chunk_id>")
def change(call: Call, workspace_id: Id, document_id: Id, chunk_id: Id, wish: ChunkChange) -> ChunkView:
    """Change a chunk's words, or leave it out of search (editors). Its id stays.

    Search finds it by the new words and their meaning at once. A new import of the document keeps the change where the
    document still says what the chunk said before it, and undoes it elsewhere.
    """
    return _served(changes.chunk(call.caller, workspace_id, document_id, chunk_id, wish, call.ports))


@ROUTES.on("POST", "/workspaces/<workspace_id>/chunk-preview")
def preview(call: Call, workspace_id: Id, wanted: ChunkPreview) -> PreviewedChunks:
    """How a text or a document would be cut, with any chunking field of a workspace; nothing is stored."""
    found = read.preview(call.caller, workspace_id, wanted, call.ports)
    items = tuple(_previewed(chunk) for chunk in found.chunks)
    return PreviewedChunks(items=items, count=found.count, warnings=tuple(found.warnings))


def _served(chunk: IndexedChunk) -> ChunkView:
    fields: dict[str, Any] = {field: getattr(chunk, field) for field in ChunkView.model_fields}
    return ChunkView(**fields)


def _previewed(chunk: Chunk) -> PreviewedChunk:
    fields: dict[str, Any] = {field: getattr(chunk, field) for field in PreviewedChunk.model_fields}
    return PreviewedChunk(**fields)
