"""Takes documents and workspaces away, so that no row, vector, blob or stored citation tells of them."""

from collections.abc import Iterator
from contextlib import suppress
from functools import partial

from kosha import access
from kosha.errors import Cancelled, NotFound
from kosha.ingestion import keys, lifecycle, sources
from kosha.model.document import Document
from kosha.model.page import PageOf, every
from kosha.model.record import rfc3339
from kosha.model.user import Caller
from kosha.model.workspace import Workspace
from kosha.ports import Ports

MACHINE = "workspace_delete"
SLICE = 50


def document(caller: Caller, workspace_id: str, document_id: str, ports: Ports) -> None:
    """Remove a document and its sub-documents. Raises NotFound where it is gone already."""
    workspace = access.allow(caller, "write", workspace_id, ports.workspaces)
    forget(ports.documents.get(workspace_id, document_id), workspace, ports)


def workspace(caller: Caller, workspace_id: str, ports: Ports) -> Workspace:
    """Begin to delete a workspace: from now on nothing can be added to it; a workflow does the rest."""
    kept = access.allow(caller, "remove", workspace_id, ports.workspaces)
    if kept.status != "deleting":
        kept = kept.model_copy(update={"status": "deleting", "status_reason": None, "updated_at": ports.now()})
        ports.workspaces.put(kept)
    resume(kept, ports)
    return kept


def resume(workspace: Workspace, ports: Ports) -> None:
    """See that the deletion of a workspace is on its way; one that ended half way is told in its status."""
    name = f"{workspace.id}-delete-{rfc3339(workspace.updated_at)}"
    if not ports.workflows.is_live(name):
        ports.workflows.start(MACHINE, name, {"workspaceId": workspace.id})
        if not ports.workflows.is_live(name):
            stop_deletion(workspace.id, "Deleting it ended half way. Delete it again.", ports)


def stop_deletion(workspace_id: str, reason: str, ports: Ports) -> None:
    """Tell in the workspace why it is still there; nothing happens where it is gone."""
    with suppress(NotFound):
        kept = ports.workspaces.get(workspace_id)
        told = {"status": "error", "status_reason": reason, "updated_at": ports.now()}
        ports.workspaces.put(kept.model_copy(update=told))


def part_of_workspace(workspace_id: str, ports: Ports) -> bool:
    """Remove a slice of a workspace's documents, and with the last of them the workspace; True when it is gone."""
    try:
        kept = ports.workspaces.get(workspace_id)
    except NotFound:
        return True
    while followed := ports.sources.of(workspace_id, PageOf(SLICE)).items:  # first: they bring documents in
        for source in followed:
            sources.forget(source, ports)
    documents = ports.documents.of(workspace_id, PageOf(SLICE)).items
    for each in documents:
        forget(each, kept, ports)
    if len(documents) == SLICE:
        return False
    ports.index(kept.engine).drop(workspace_id)
    ports.blobs.remove(keys.workspace(workspace_id))
    ports.workspace_versions.forget(workspace_id)
    ports.workspaces.remove(workspace_id)
    return True


def forget(document: Document, workspace: Workspace, ports: Ports) -> None:
    """Remove all that is kept of a document, its record last: after a crash half way it can be removed again."""
    with suppress(Cancelled):  # it was not being imported; a crawl makes no page for a site that is
        document = lifecycle.advance(document, "cancelled", ports, stage=None)
    ports.workflows.stop(keys.execution(document))
    while children := ports.documents.of(workspace.id, PageOf(SLICE), parent_id=document.id).items:
        for child in children:
            forget(child, workspace, ports)
    for child in _pages_crawled(document, ports):  # a list of documents may not have the newest yet
        forget(child, workspace, ports)
    ports.schedules.remove("document", workspace.id, document.id)
    ports.frontier.forget(document.id)
    ports.index(workspace.engine).remove(workspace.id, document.id)
    ports.blobs.remove(keys.document(document))
    ports.sessions.forget_document(document.id)
    ports.documents.remove(workspace.id, document.id)


def _pages_crawled(document: Document, ports: Ports) -> Iterator[Document]:
    """The pages that the crawls of a site have kept and that are still there; none of any other document."""
    if lifecycle.machine_of(document) == lifecycle.CRAWL_MACHINE:
        for page in every(partial(ports.frontier.pages, document.id)):
            with suppress(NotFound):
                yield ports.documents.get(document.workspace_id, page.page_id)
