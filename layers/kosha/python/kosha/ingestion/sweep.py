"""Sees to what a crash or a closed browser left half way, so that no document is stuck."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

from kosha.errors import Cancelled
from kosha.ingestion import keys, lifecycle, remove
from kosha.model.document import Document, DocumentError
from kosha.model.page import PageOf
from kosha.model.workspace import Workspace
from kosha.ports import Ports

# Only the beginning of an upload must lie before its ticket's end; on a slow line it goes on for long.
UPLOAD_GRACE = timedelta(hours=6)
LOST = DocumentError(
    code="internal",
    message="The import ended without a result. Nothing of yours is lost: try it again.",
    retryable=True,
)


def imports(ports: Ports) -> None:
    """Start what was recorded and never started; what ended without a word ends in an error."""
    for document in ports.documents.unfinished():
        name = keys.execution(document)
        if not ports.workflows.is_live(name):
            lifecycle.begin(document, ports)  # a name that was started is not started again
            if not ports.workflows.is_live(name):
                with suppress(Cancelled):  # it ended well between the two looks
                    lifecycle.advance(document, "error", ports, stage=None, error=LOST)


def deletions(ports: Ports) -> None:
    """The same for workspaces that are being deleted."""
    for workspace in _workspaces(ports):
        if workspace.status == "deleting":
            remove.resume(workspace, ports)


def uploads(ports: Ports) -> None:
    """Remove documents whose bytes never came, once their ticket is long over."""
    oldest = ports.now() - timedelta(seconds=ports.limits.ticket_seconds) - UPLOAD_GRACE
    for workspace in _workspaces(ports):
        for document in _awaiting(workspace, ports):
            if document.created_at < oldest:
                remove.forget(document, workspace, ports)


def uploads_at_the_hour(ports: Ports) -> None:
    """`uploads`, in the first minute of an hour only: it reads every workspace, and a clock asks every minute."""
    if ports.now().minute == 0:
        uploads(ports)


def _workspaces(ports: Ports) -> Iterator[Workspace]:
    cursor: str | None = None
    while True:
        page = ports.workspaces.all(PageOf(100, cursor))
        yield from page.items
        if (cursor := page.next_cursor) is None:
            return


def _awaiting(workspace: Workspace, ports: Ports) -> Iterator[Document]:
    cursor: str | None = None
    while True:
        page = ports.documents.of(workspace.id, PageOf(100, cursor), status="awaiting")
        yield from page.items
        if (cursor := page.next_cursor) is None:
            return
