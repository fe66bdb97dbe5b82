"""Sees to what a crash or a closed browser left half way, so that no document is stuck."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

from kosha.errors import Cancelled, NotFound
from kosha.ingestion import changes, keys, lifecycle, remove
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
    """Start what was recorded and never started; what ended without a word ends in an error.

    Changes of documents that a crash stopped half way are finished.
    """
    unfinished = ports.documents.unfinished()
    for document in unfinished:
        if document.change_pending:
            with suppress(NotFound):  # it was deleted since
                changes.settle(document, ports)
    importing = {keys.execution(one): one for one in unfinished if one.status in lifecycle.IMPORTING}
    for name in importing.keys() - ports.workflows.live(importing.keys()):
        lifecycle.begin(importing[name], ports)  # a name that was started is not started again
        if not ports.workflows.is_live(name):
            with suppress(Cancelled):  # it ended well between the two looks
                lifecycle.advance(importing[name], "error", ports, stage=None, error=LOST)


def deletions(ports: Ports) -> None:
    """The same for workspaces that are being deleted."""
    for workspace in _workspaces(ports):
        if workspace.status == "deleting":
            remove.resume(workspace, ports)


def indexes(ports: Ports) -> None:
    """See to the index of every workspace: one whose build was killed is built, without waiting for an import."""
    for workspace in _workspaces(ports):
        if workspace.status == "ready":
            with suppress(NotFound):  # deleted meanwhile
                ports.index(workspace.engine).tend(workspace)


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
