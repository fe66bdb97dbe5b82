"""Sees to what a crash or a closed browser left half way, so that no document is stuck."""

from contextlib import suppress
from datetime import timedelta
from functools import partial

from kosha.errors import Cancelled, KoshaError, NotFound
from kosha.ingestion import changes, keys, lifecycle, remove
from kosha.model.document import Document, DocumentError
from kosha.model.page import every
from kosha.observe import log
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
            _settle(document, ports)
    importing = {keys.execution(one): one for one in unfinished if one.status in lifecycle.IMPORTING}
    for name in importing.keys() - ports.workflows.live(importing.keys()):
        lifecycle.begin(importing[name], ports)  # a name that was started is not started again
        if not ports.workflows.is_live(name):
            with suppress(Cancelled):  # it ended well between the two looks
                lifecycle.advance(importing[name], "error", ports, stage=None, error=LOST)


def deletions(ports: Ports) -> None:
    """The same for workspaces that are being deleted."""
    for workspace in every(ports.workspaces.all):
        if workspace.status == "deleting":
            remove.resume(workspace, ports)


def indexes(ports: Ports) -> None:
    """See to the index of every workspace: one whose build was killed is built, without waiting for an import."""
    for workspace in every(ports.workspaces.all):
        if workspace.status == "ready":
            with suppress(NotFound):  # deleted meanwhile
                ports.index(workspace.engine).tend(workspace)


def uploads(ports: Ports) -> None:
    """Remove documents whose bytes never came, once their ticket is long over."""
    oldest = ports.now() - timedelta(seconds=ports.limits.ticket_seconds) - UPLOAD_GRACE
    for workspace in every(ports.workspaces.all):
        for document in every(partial(ports.documents.of, workspace.id, status="awaiting")):
            if document.created_at < oldest:
                remove.forget(document, workspace, ports)


def uploads_at_the_hour(ports: Ports) -> None:
    """`uploads`, in the first minute of an hour only: it reads every workspace, and a clock asks every minute."""
    if ports.now().minute == 0:
        uploads(ports)


def _settle(document: Document, ports: Ports) -> None:
    """Finish a change. One that cannot be finished now waits for the next sweep, and holds up nothing else."""
    try:
        changes.settle(document, ports)
    except NotFound:  # it was deleted since
        return
    except KoshaError as error:
        fields = {"documentId": document.id, "reason": str(error)}
        log.warning("a change of a document is still half way", extra={"fields": fields})
