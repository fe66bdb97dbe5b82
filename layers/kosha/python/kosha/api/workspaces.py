"""Routes of workspaces."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import Field

from kosha import workspace_versions, workspaces
from kosha.api.call import Call
from kosha.api.replies import Items, page_of
from kosha.api.resource import Cursor, Id, Limit, Resource
from kosha.ingestion import remove as removal
from kosha.model.index_report import IndexReport
from kosha.model.page import PageOf
from kosha.model.workspace import WorkspaceSettings, WorkspaceVersion, WorkspaceView
from kosha.workspaces import WorkspaceChange

ROUTES = Resource("workspaces")


# Powertools keeps what stands beside its own marker.
Version = Annotated[int, Field(ge=1), Path()]


class WorkspaceVersionList(Items[WorkspaceVersion]):
    """Versions of a workspace's settings, newest first."""


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


@ROUTES.on("GET", "/workspaces/<workspace_id>/versions")
def versions(call: Call, workspace_id: Id, limit: Limit = 50, cursor: Cursor = None) -> WorkspaceVersionList:
    """What a workspace was set to, newest first, with what changed, when and by whom."""
    found = workspace_versions.of(call.caller, workspace_id, PageOf(limit, cursor), call.ports)
    return page_of(WorkspaceVersionList, found)


@ROUTES.on("POST", "/workspaces/<workspace_id>/versions/<version>/restore")
def restore(call: Call, workspace_id: Id, version: Version) -> WorkspaceView:
    """Set a workspace to what it was in a version, which becomes a new version (owners).

    What cannot be changed (`engine`, `languages`, `metric`, `index` and the embedding model) never differs.
    """
    return workspace_versions.restore(call.caller, workspace_id, version, call.ports)


@ROUTES.on("GET", "/workspaces/<workspace_id>/recall")
def recall(call: Call, workspace_id: Id) -> IndexReport:
    """How well the index of a workspace finds what an exact search finds, measured now on a sample of its vectors.

    1.0 where searches are exact. Takes some seconds where there are many chunks.
    """
    return workspaces.index_report(call.caller, workspace_id, call.ports)


@ROUTES.on("DELETE", "/workspaces/<workspace_id>", status=204)
def remove(call: Call, workspace_id: Id) -> None:
    """Delete a workspace with all that is in it (owners). Its status is `deleting` until nothing is left."""
    removal.workspace(call.caller, workspace_id, call.ports)
