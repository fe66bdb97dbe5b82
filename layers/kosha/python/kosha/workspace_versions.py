"""What a workspace was set to before: its versions, what changed with each, and the way back."""

from collections.abc import Iterator
from typing import Any, cast

from kosha.access import allow
from kosha.errors import NotFound
from kosha.model.page import Page, PageOf
from kosha.model.user import Caller
from kosha.model.workspace import KeptSettings, KeptVersion, SettingChange, WorkspaceVersion, WorkspaceView
from kosha.ports import Ports
from kosha.workspaces import FIXED, WorkspaceChange, adopt, settings_of


def of(caller: Caller, workspace_id: str, page: PageOf, ports: Ports) -> Page[WorkspaceVersion]:
    """Newest first: the first one is what holds now. A workspace that was never changed has one."""
    workspace = allow(caller, "see", workspace_id, ports.workspaces)
    kept = ports.workspace_versions.of(workspace_id, page)
    items = list(kept.items)
    if not items and page.cursor is None:
        items = [KeptVersion(1, workspace.created_at, None, settings_of(workspace), None)]
    names = {user_id: _name(user_id, ports) for user_id in {item.changed_by for item in items}}
    return Page([_shown(item, names[item.changed_by]) for item in items], kept.next_cursor)


def restore(caller: Caller, workspace_id: str, version: int, ports: Ports) -> WorkspaceView:
    """Set all that can be changed to what it was then, as a new version. Raises NotFound, Conflict and Invalid."""
    workspace = allow(caller, "configure", workspace_id, ports.workspaces)
    settings = ports.workspace_versions.get(workspace_id, version).settings
    changeable = WorkspaceChange.model_fields.keys() - FIXED.keys()
    old = {field: getattr(settings, field) for field in changeable}
    return adopt(caller, workspace, workspace.model_copy(update=old), ports)


def _shown(kept: KeptVersion, changed_by: str | None) -> WorkspaceVersion:
    changes = tuple(_changes(kept.previous, kept.settings)) if kept.previous else ()
    settings = kept.settings.model_dump(mode="json", by_alias=True)
    return WorkspaceVersion(
        version=kept.version, changed_at=kept.changed_at, changed_by=changed_by, changes=changes, settings=settings
    )


def _changes(old: KeptSettings, new: KeptSettings) -> Iterator[SettingChange]:
    """Field by field, those within another as `retrieval.topK`."""
    before, after = _flat(old.model_dump(mode="json", by_alias=True)), _flat(new.model_dump(mode="json", by_alias=True))
    for field in [*before, *(after.keys() - before.keys())]:
        if before.get(field) != after.get(field):
            yield SettingChange(field=field, old=before.get(field), new=after.get(field))


def _flat(settings: dict[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        if isinstance(value, dict):
            flat |= {f"{name}.{field}": one for field, one in cast("dict[str, Any]", value).items()}
        else:
            flat[name] = value
    return flat


def _name(user_id: str | None, ports: Ports) -> str | None:
    """None for somebody who is gone."""
    try:
        return ports.users.get(user_id).name if user_id else None
    except NotFound:
        return None
