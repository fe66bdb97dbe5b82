"""Workspaces, who may do what in them, and what they were set to before."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from kosha.model.page import Page, PageOf
from kosha.model.user import Grant, Member, User
from kosha.model.workspace import KeptSettings, KeptVersion, Workspace


class Counts(NamedTuple):
    """What a workspace holds."""

    documents: int = 0
    vectors: int = 0
    size_bytes: int = 0


class Workspaces(Protocol):
    """Workspaces and who may do what in them. Grants belong to user ids, never to names."""

    def add(self, workspace: Workspace, owner: User) -> None:
        """Keep a new workspace and its owner's grant together. Conflict if the id is taken."""
        ...

    def get(self, workspace_id: str) -> Workspace:
        """Raises NotFound."""
        ...

    def put(self, workspace: Workspace) -> None:
        """Replace what is kept of it. Raises NotFound."""
        ...

    def remove(self, workspace_id: str) -> None:
        """Forget it with its grants; nothing happens where it is gone."""
        ...

    def of(self, user_id: str, page: PageOf) -> Page[tuple[Workspace, Grant]]:
        """The workspaces a user has a grant of, by name."""
        ...

    def all(self, page: PageOf) -> Page[Workspace]:
        """Every workspace, by name."""
        ...

    def seen_by(self, workspace_id: str, user_id: str) -> tuple[Workspace, Grant | None]:
        """The workspace and what the user may do in it, at once. Raises NotFound."""
        ...

    def grant_of(self, workspace_id: str, user_id: str) -> Grant | None:
        """None where the user has none, or the workspace is not there."""
        ...

    def members(self, workspace_id: str) -> list[Member]:
        """Who has a grant, by name."""
        ...

    def set_grant(self, workspace_id: str, user_id: str, grant: Grant) -> None:
        """Raises Conflict rather than leave a workspace without an owner."""
        ...

    def remove_grant(self, workspace_id: str, user_id: str) -> None:
        """Raises Conflict rather than leave a workspace without an owner."""
        ...

    def counts(self, workspace_ids: Sequence[str]) -> dict[str, Counts]:
        """What each holds; one that holds nothing may be absent."""
        ...


class WorkspaceVersions(Protocol):
    """What workspaces were set to. In PostgreSQL wherever the records are."""

    def keep(self, workspace_id: str, before: KeptSettings, after: KeptSettings, *, by: str, at: datetime) -> None:
        """Add `after` as the newest version, and `before` under it where the newest one is not that.

        Nothing happens where `after` is the newest. by: a user's id.
        """
        ...

    def of(self, workspace_id: str, page: PageOf) -> Page[KeptVersion]:
        """Newest first; numbers run from 1 without a gap."""
        ...

    def get(self, workspace_id: str, version: int) -> KeptVersion:
        """Raises NotFound."""
        ...

    def forget(self, workspace_id: str) -> None:
        """No version of the workspace is kept any more."""
        ...
