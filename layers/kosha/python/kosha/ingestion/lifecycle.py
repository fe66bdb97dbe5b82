"""A document's life: the one table of allowed moves, and the one function that makes them."""

from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import TypedDict, Unpack

from kosha import access
from kosha.errors import Cancelled, Conflict, NotFound
from kosha.ingestion import keys
from kosha.model.document import Document, DocumentError, DocumentStatus, DocumentType, Stage
from kosha.model.page import every
from kosha.model.user import Caller
from kosha.model.workspace import Workspace
from kosha.ports import Ports

MOVES: dict[DocumentStatus, frozenset[DocumentStatus]] = {
    "awaiting": frozenset(["submitted", "cancelled"]),
    "submitted": frozenset(["processing", "error", "cancelled"]),
    "processing": frozenset(["processing", "processed", "error", "cancelled"]),
    "processed": frozenset(["submitted"]),
    "error": frozenset(["submitted"]),
    "cancelled": frozenset(["submitted"]),
}
IMPORTING: frozenset[DocumentStatus] = frozenset(["submitted", "processing"])
SITES: frozenset[DocumentType] = frozenset(["website", "rssfeed"])
MACHINE = "file_import"
CRAWL_MACHINE = "website_crawl"


class Changes(TypedDict, total=False):
    """What else changes with a move."""

    run: int
    stage: Stage | None
    progress: float
    remaining_seconds: float | None
    error: DocumentError | None
    warnings: tuple[str, ...]
    language: str | None
    vectors: int
    title: str
    content_type: str
    size_in_bytes: int
    sub_documents: int
    original: str
    incoming: str | None
    made_of: str | None


def advance(document: Document, status: DocumentStatus, ports: Ports, **changes: Unpack[Changes]) -> Document:
    """Move a document on, and return it as it is now kept.

    `document.run` is the fence: raises Cancelled when the record has another run by now, stands where the table does
    not allow the move (a person has stopped the import), or is gone.
    """
    while True:
        kept = present(document, ports)
        if kept.run != document.run:
            raise Cancelled(f"The import of {kept.title!r} was begun anew.")
        if status not in MOVES[kept.status]:
            raise Cancelled(f"{kept.title!r} is {kept.status}: it cannot become {status}.")
        now = later(kept, ports)
        timed = {"stage_since": now, "remaining_seconds": None} if _enters(kept, changes) else {}
        moved = kept.model_copy(update={**timed, **changes, "status": status, "updated_at": now})
        if ports.documents.replace(kept, moved):
            return moved


def _enters(document: Document, changes: Changes) -> bool:
    """Whether the document comes into another stage of its import, or out of the last one."""
    return "stage" in changes and changes["stage"] != document.stage


def submit(document: Document, ports: Ports, **changes: Unpack[Changes]) -> Document:
    """Begin an import of the bytes that are there: a new run, and a workflow for it. Raises Cancelled as `advance`."""
    begun = Changes(run=document.run + 1, stage="queued", progress=0.0, error=None, warnings=())
    begun.update(changes)
    submitted = advance(document, "submitted", ports, **begun)
    begin(submitted, ports)
    return submitted


def begin(document: Document, ports: Ports) -> None:
    """Start the workflow of a submitted document; nothing happens where it was started."""
    arguments = {"workspaceId": document.workspace_id, "documentId": document.id, "run": document.run}
    ports.workflows.start(machine_of(document), keys.execution(document), arguments)


def machine_of(document: Document) -> str:
    """The state machine that brings a document in: a site or feed is crawled; its pages are files like any other."""
    return CRAWL_MACHINE if document.type in SITES and document.parent_id is None else MACHINE


def retry(caller: Caller, workspace_id: str, document_id: str, ports: Ports) -> Document:
    """Import the same bytes again. What is served now is served until the new import is published."""
    access.allow(caller, "write", workspace_id, ports.workspaces)
    document = ports.documents.get(workspace_id, document_id)
    if "submitted" not in MOVES[document.status] or document.status == "awaiting":
        raise Conflict(f"{document.title!r} is {document.status}. It can be tried again when its import has ended.")
    try:
        with ports.blobs.open(keys.newest(document)):  # it is only asked whether they are there
            return submit(document, ports)
    except NotFound as error:
        raise Conflict(f"The bytes of {document.title!r} never arrived. Delete it and upload it again.") from error
    except Cancelled as error:
        raise Conflict(f"{document.title!r} changed meanwhile. Reload it and try again.") from error


def cancel(caller: Caller, workspace_id: str, document_id: str, ports: Ports) -> Document:
    """Stop an import or a crawl with its pages, or give up an upload. What an earlier import made goes on serving."""
    workspace = access.allow(caller, "write", workspace_id, ports.workspaces)
    document = ports.documents.get(workspace_id, document_id)
    try:
        cancelled = stop(document, workspace, ports)
    except Cancelled as error:
        raise Conflict(f"Nothing of {document.title!r} is being imported now; it is {document.status}.") from error
    for page in importing_pages(cancelled, ports):
        with suppress(Cancelled):  # it has just ended
            stop(page, workspace, ports)
    return cancelled


def stop(document: Document, workspace: Workspace, ports: Ports) -> Document:
    """Have an import end where it is. Raises Cancelled where there is none."""
    cancelled = advance(document, "cancelled", ports, stage=None)
    ports.workflows.stop(keys.execution(cancelled))
    ports.index(workspace.engine).discard(document.id)
    ports.blobs.remove(keys.run(cancelled))
    return cancelled


def importing_pages(document: Document, ports: Ports) -> list[Document]:
    """The pages of a site or entries of a feed that are being imported; none of any other document."""
    if machine_of(document) != CRAWL_MACHINE:
        return []
    pages = partial(ports.documents.of, document.workspace_id, parent_id=document.id)
    return [page for status in ("submitted", "processing") for page in every(partial(pages, status=status))]


def is_current(document: Document, ports: Ports) -> bool:
    """Whether this run of the document is still wanted: neither stopped, nor begun anew, nor deleted."""
    try:
        kept = ports.documents.get(document.workspace_id, document.id)
    except NotFound:
        return False
    return kept.run == document.run and kept.status in IMPORTING


def later(document: Document, ports: Ports) -> datetime:
    """The time of a change: after the one before, so that of two changes at once one finds that it came too late."""
    return max(ports.now(), document.updated_at + timedelta(milliseconds=1))


def present(document: Document, ports: Ports) -> Document:
    """The record as it is kept now. Raises Cancelled where it is gone."""
    try:
        return ports.documents.get(document.workspace_id, document.id)
    except NotFound as error:
        raise Cancelled(f"{document.title!r} was deleted.") from error
