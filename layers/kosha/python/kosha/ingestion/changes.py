"""What people change of documents that are here: title, own fields, whether they are searched, and single chunks.

The record of a document is written first, with a mark; then what is served follows, and the mark goes. Whoever finds
the mark (a restarted worker, the sweep) lets what is served follow again, so a crash in between leaves no half state.
"""

from collections.abc import Iterable
from functools import partial
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from kosha import access
from kosha.errors import Invalid
from kosha.ingestion import clock, lifecycle
from kosha.ingestion.index import embed_passages, embedder_of
from kosha.model.chunk import IndexedChunk
from kosha.model.document import Document
from kosha.model.page import every
from kosha.model.record import Request
from kosha.model.schedule import EveryMinutes
from kosha.model.user import Caller
from kosha.model.workspace import Workspace
from kosha.ports import ChunkEdit, Ports

CHUNK_LIMIT_CHARACTERS = 20_000

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
FieldName = Annotated[str, StringConstraints(min_length=1, max_length=100)]
FieldText = Annotated[str, StringConstraints(max_length=1000)]


class DocumentChange(Request):
    """What may be changed of a document. What is left out, or null, stays as it is.

    metadata: own fields for filters, all of them: they take the place of those before. every_minutes: of a site or
    feed, how often it is looked at again; null: only when somebody asks for it.
    """

    title: Title | None = None
    metadata: dict[FieldName, bool | float | FieldText] | None = Field(default=None, max_length=50)
    enabled: bool | None = None
    every_minutes: EveryMinutes | None = None


class ChunkChange(Request):
    """What may be changed of a chunk. What is left out, or null, stays as it is."""

    content: Annotated[str, StringConstraints(max_length=CHUNK_LIMIT_CHARACTERS)] | None = None
    enabled: bool | None = None


def document(caller: Caller, workspace_id: str, document_id: str, wish: DocumentChange, ports: Ports) -> Document:
    """Change a document's record and what is served of it; of a site or feed, the switch and fields of its pages too.

    Raises NotFound, and Invalid where something other than a site or feed is to be looked at again. The same change
    again changes nothing.
    """
    workspace = access.allow(caller, "write", workspace_id, ports.workspaces)
    told = wish.model_dump(exclude_none=True)
    kept = ports.documents.get(workspace_id, document_id)
    if "every_minutes" in wish.model_fields_set:
        told["every_minutes"] = wish.every_minutes
        _reschedule(kept, wish.every_minutes, ports)
    if not told:
        return kept
    return _follow(_written(kept, told, ports), workspace, ports, pages=told.keys() & {"metadata", "enabled"})


def settle(document: Document, ports: Ports) -> Document:
    """Finish a change that a crash stopped half way."""
    workspace = ports.workspaces.get(document.workspace_id)
    return _follow(document, workspace, ports, pages={"metadata", "enabled"})


def chunk(
    caller: Caller, workspace_id: str, document_id: str, chunk_id: str, wish: ChunkChange, ports: Ports
) -> IndexedChunk:
    """Change a chunk's words, which are embedded again, or whether it is found.

    Raises NotFound where it is not served, Invalid for no words at all, Unavailable where the model does not answer.
    """
    workspace = access.allow(caller, "write", workspace_id, ports.workspaces)
    content = wish.content
    if content is not None and not content.strip():
        message = "A passage needs words. To leave it out of search, disable it."
        raise Invalid(message, (("content", message),))
    kept = ports.documents.get(workspace_id, document_id)
    where = ports.index(workspace.engine)
    wanted = ChunkEdit(enabled=wish.enabled)
    if content is not None:
        made = embed_passages([content], embedder_of(workspace, ports))
        vector = None if made.vectors is None else made.vectors[0]
        token_vectors = None if made.token_vectors is None else made.token_vectors[0]
        wanted = ChunkEdit(content, vector, token_vectors, wish.enabled)
    changed = where.edit(workspace, kept, chunk_id, wanted)
    where.describe(workspace, ports.documents.get(workspace_id, document_id))  # it may have been changed meanwhile
    return changed


def _reschedule(document: Document, minutes: int | None, ports: Ports) -> None:
    if lifecycle.machine_of(document) != lifecycle.CRAWL_MACHINE:
        message = "Only a site or a feed is looked at again. Leave it out."
        raise Invalid(message, (("everyMinutes", message),))
    clock.look_again_every(document, minutes, ports)


def _written(document: Document, told: dict[str, Any], ports: Ports) -> Document:
    """The record with the change and the mark, whatever an import writes to it meanwhile."""
    while True:
        changed = document.model_copy(
            update={**told, "change_pending": True, "updated_at": lifecycle.later(document, ports)}
        )
        if ports.documents.replace(document, changed):
            return changed
        document = ports.documents.get(document.workspace_id, document.id)


def _follow(document: Document, workspace: Workspace, ports: Ports, *, pages: set[str]) -> Document:
    """Let what is served of a document be as its record says, then take the mark from the record."""
    where = ports.index(workspace.engine)
    while True:
        where.describe(workspace, document)
        for page in _pages(document, ports):
            told = {name: getattr(document, name) for name in pages if getattr(page, name) != getattr(document, name)}
            if told or page.change_pending:
                _follow(_written(page, told, ports), workspace, ports, pages=set())
        served, document = document, ports.documents.get(document.workspace_id, document.id)
        while _told(document) == _told(served):
            done = document.model_copy(update={"change_pending": False, "updated_at": lifecycle.later(document, ports)})
            if not document.change_pending or ports.documents.replace(document, done):
                return done if document.change_pending else document
            document = ports.documents.get(document.workspace_id, document.id)


def _told(document: Document) -> tuple[Any, ...]:
    """What a record says of what is served."""
    return document.title, document.metadata, document.enabled


def _pages(document: Document, ports: Ports) -> Iterable[Document]:
    """The pages of a site or entries of a feed; none of any other document."""
    if lifecycle.machine_of(document) != lifecycle.CRAWL_MACHINE:
        return ()
    return every(partial(ports.documents.of, document.workspace_id, parent_id=document.id))
