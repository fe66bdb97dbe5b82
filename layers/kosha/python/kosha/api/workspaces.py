"""Routes of workspaces."""

from kosha import workspaces
from kosha.api.call import Call
from kosha.api.replies import Items, page_of
from kosha.api.resource import Cursor, Id, Limit, Resource
from kosha.ingestion import remove as removal
from kosha.model.page import PageOf
from kosha.model.workspace import WorkspaceSettings, WorkspaceView
from kosha.workspaces import WorkspaceChange

ROUTES = Resource("workspaces")


class WorkspaceList(Items[WorkspaceView]):
    """Workspaces by name."""


@ROUTES.on("GET", "/workspaces")
def of(call: Call, limit: Limit = 50, cursor: Cursor = None) -> WorkspaceList:
    """The workspaces of the caller; an administrator's are all there are."""
    return page_of(WorkspaceList, workspaces.of(call.caller, PageOf(limit, cursor), call.ports))


@ROUTES.on("POST", "/workspaces", status=201, is_creating=True)
def create(call: Call, settings: WorkspaceSettings) -> WorkspaceView:
    """A new workspace, owned by the caller (administrators and managers). Only the name is needed."""
    return workspaces.create(call.caller, settings, call.ports)


@ROUTES.on("GET", "/workspaces/<workspace_id>")
def get(call: Call, workspace_id: Id) -> WorkspaceView:
    """One workspace with its counts."""
    return workspaces.get(call.caller, workspace_id, call.ports)


@ROUTES.on("PATCH", "/workspaces/<workspace_id>")
def change(call: Call, workspace_id: Id, wish: WorkspaceChange) -> WorkspaceView:
    """Change the name, how questions are answered, or how documents are split from now on (owners)."""
    return workspaces.change(call.caller, workspace_id, wish, call.ports)


@ROUTES.on("DELETE", "/workspaces/<workspace_id>", status=204)
def remove(call: Call, workspace_id: Id) -> None:
    """Delete a workspace with all that is in it (owners). Its status is `deleting` until nothing is left."""
    removal.workspace(call.caller, workspace_id, call.ports)
