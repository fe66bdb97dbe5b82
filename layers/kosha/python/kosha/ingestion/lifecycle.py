"""A document's life: the one table of allowed moves, and the one function that makes them."""

from typing import TypedDict, Unpack

from kosha import access
from kosha.errors import Cancelled, Conflict, NotFound
from kosha.ingestion import keys
from kosha.model.document import Document, DocumentError, DocumentStatus, Stage
from kosha.model.user import Caller
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
MACHINE = "file_import"


class Changes(TypedDict, total=False):
    """What else changes with a move."""

    run: int
    stage: Stage | None
    progress: float
    error: DocumentError | None
    warnings: tuple[str, ...]
    vectors: int


def advance(document: Document, status: DocumentStatus, ports: Ports, **changes: Unpack[Changes]) -> Document:
    """Move a document on, and return it as it is now kept.

    `document.run` is the fence: raises Cancelled when the record has another run by now, stands where the table does
    not allow the move (a person has stopped the import), or is gone.
    """
    while True:
        kept = _kept(document, ports)
        if kept.run != document.run:
            raise Cancelled(f"The import of {kept.title!r} was begun anew.")
        if status not in MOVES[kept.status]:
            raise Cancelled(f"{kept.title!r} is {kept.status}: it cannot become {status}.")
        moved = kept.model_copy(update={**changes, "status": status, "updated_at": ports.now()})
        if ports.documents.replace(kept, moved):
            return moved


def submit(document: Document, ports: Ports) -> Document:
    """Begin an import of the bytes that are there: a new run, and a workflow for it. Raises Cancelled as `advance`."""
    run = document.run + 1
    submitted = advance(document, "submitted", ports, run=run, stage="queued", progress=0.0, error=None, warnings=())
    begin(submitted, ports)
    return submitted


def begin(document: Document, ports: Ports) -> None:
    """Start the workflow of a submitted document; nothing happens where it was started."""
    arguments = {"workspaceId": document.workspace_id, "documentId": document.id, "run": document.run}
    ports.workflows.start(MACHINE, keys.execution(document), arguments)


def retry(caller: Caller, workspace_id: str, document_id: str, ports: Ports) -> Document:
    """Import the same bytes again. What is served now is served until the new import is published."""
    access.allow(caller, "write", workspace_id, ports.workspaces)
    document = ports.documents.get(workspace_id, document_id)
    if "submitted" not in MOVES[document.status] or document.status == "awaiting":
        raise Conflict(f"{document.title!r} is {document.status}. It can be tried again when its import has ended.")
    try:
        with ports.blobs.open(keys.original(document)):  # it is only asked whether they are there
            return submit(document, ports)
    except NotFound as error:
        raise Conflict(f"The bytes of {document.title!r} never arrived. Delete it and upload it again.") from error
    except Cancelled as error:
        raise Conflict(f"{document.title!r} changed meanwhile. Reload it and try again.") from error


def cancel(caller: Caller, workspace_id: str, document_id: str, ports: Ports) -> Document:
    """Stop an import, or give up an upload. What an earlier import made goes on serving."""
    workspace = access.allow(caller, "write", workspace_id, ports.workspaces)
    document = ports.documents.get(workspace_id, document_id)
    try:
        cancelled = advance(document, "cancelled", ports, stage=None)
    except Cancelled as error:
        raise Conflict(f"Nothing of {document.title!r} is being imported now; it is {document.status}.") from error
    ports.workflows.stop(keys.execution(cancelled))
    ports.index(workspace.engine).discard(document_id)
    ports.blobs.remove(keys.run(cancelled))
    return cancelled


def is_current(document: Document, ports: Ports) -> bool:
    """Whether this run of the document is still wanted: neither stopped, nor begun anew, nor deleted."""
    try:
        kept = ports.documents.get(document.workspace_id, document.id)
    except NotFound:
        return False
    return kept.run == document.run and kept.status in IMPORTING


def _kept(document: Document, ports: Ports) -> Document:
    try:
        return ports.documents.get(document.workspace_id, document.id)
    except NotFound as error:
        raise Cancelled(f"{document.title!r} was deleted.") from error
