"""Sources: what people may say of the folders and buckets that a workspace follows."""

from uuid import uuid4

from kosha import access
from kosha.errors import Conflict, Invalid
from kosha.ingestion import keys
from kosha.model.page import Page, PageOf
from kosha.model.schedule import Schedule
from kosha.model.source import Source, SourceSettings, SyncCounts
from kosha.model.user import Caller
from kosha.ports import Ports
from kosha.workspaces import open_to_documents

MACHINE = "source_sync"


def add(caller: Caller, workspace_id: str, wanted: SourceSettings, ports: Ports) -> Source:
    """Follow a place from now on; the first look at it begins at once.

    Raises Invalid for a place that may not be followed, Conflict while the workspace goes away.
    """
    open_to_documents(caller, workspace_id, ports)
    reason = ports.place(wanted.kind).why_not(wanted.location)
    if reason:
        raise Invalid(f"location: {reason}.", (("location", reason),))
    source = Source(**wanted.model_dump(), id=str(uuid4()), workspace_id=workspace_id, created_at=ports.now())
    ports.sources.add(source)
    schedule(source, ports)  # first: the clock begins the look that a crash keeps us from beginning
    return begin(source, ports)


def of(caller: Caller, workspace_id: str, page: PageOf, ports: Ports) -> Page[Source]:
    """The sources of a workspace, newest first."""
    access.allow(caller, "read", workspace_id, ports.workspaces)
    return ports.sources.of(workspace_id, page)


def sync(caller: Caller, workspace_id: str, source_id: str, ports: Ports) -> Source:
    """Look at a source now. Raises Conflict while a look is under way."""
    access.allow(caller, "write", workspace_id, ports.workspaces)
    source = ports.sources.get(workspace_id, source_id)
    if is_live(source, ports):
        raise Conflict(f"{source.location!r} is being looked at now. Wait until that has ended.")
    return begin(source, ports)


def remove(caller: Caller, workspace_id: str, source_id: str, ports: Ports) -> None:
    """Follow a place no more. The documents that came of it stay, as if they had been added by hand."""
    access.allow(caller, "write", workspace_id, ports.workspaces)
    forget(ports.sources.get(workspace_id, source_id), ports)


def forget(source: Source, ports: Ports) -> None:
    """Take a source away, its record last."""
    ports.schedules.remove("source", source.workspace_id, source.id)
    ports.workflows.stop(keys.sync(source))
    ports.sources.remove(source.workspace_id, source.id)


def begin(source: Source, ports: Ports) -> Source:
    """Begin a look; the source as it is now kept. Where another caller was faster, that one's look is it."""
    looking = source.model_copy(
        update={"syncs": source.syncs + 1, "status": "syncing", "status_reason": None, "counts": SyncCounts()}
    )
    if not ports.sources.replace(source, looking):
        return ports.sources.get(source.workspace_id, source.id)
    arguments = {"workspaceId": looking.workspace_id, "sourceId": looking.id, "number": looking.syncs}
    ports.workflows.start(MACHINE, keys.sync(looking), arguments)
    return looking


def begin_due(workspace_id: str, source_id: str, ports: Ports) -> None:
    """The clock's look at a source; nothing happens while one is under way. Raises NotFound."""
    source = ports.sources.get(workspace_id, source_id)
    if not is_live(source, ports):
        begin(source, ports)


def is_live(source: Source, ports: Ports) -> bool:
    """Whether a look at it is under way."""
    return source.syncs > 0 and ports.workflows.is_live(keys.sync(source))


def schedule(source: Source, ports: Ports) -> None:
    """See that it is looked at again, for the first time when its interval has passed."""
    unscheduled = Schedule("source", source.workspace_id, source.id, source.every_minutes, due_at=ports.now())
    ports.schedules.put(unscheduled.after(ports.now()))
