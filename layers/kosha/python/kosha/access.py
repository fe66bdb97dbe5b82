"""Who may do what: one table, asked by every use case before it reads anything."""

from typing import Literal, NamedTuple

from kosha.errors import Forbidden, NotFound
from kosha.model.user import Caller, Grant, Role
from kosha.model.workspace import Workspace
from kosha.ports import Workspaces

Verb = Literal["see", "read", "search", "ask", "write", "configure", "share", "remove"]
Office = Literal["create workspaces", "list every workspace", "manage users"]


class Rule(NamedTuple):
    """The least grant that allows a verb, and whether an administrator needs none."""

    grant: Grant
    admin: bool = False


RULES: dict[Verb, Rule] = {
    "see": Rule("viewer", admin=True),  # name, settings and counts, no content
    "read": Rule("viewer"),  # documents, their chunks and their bytes
    "search": Rule("viewer"),
    "ask": Rule("viewer"),
    "write": Rule("editor"),  # add, import again, cancel and remove documents
    "configure": Rule("owner"),
    "share": Rule("owner", admin=True),
    "remove": Rule("owner"),
}
OFFICES: dict[Office, frozenset[Role]] = {
    "create workspaces": frozenset(["admin", "manager"]),
    "list every workspace": frozenset(["admin"]),
    "manage users": frozenset(["admin"]),
}
_RANK: dict[Grant, int] = {"viewer": 1, "editor": 2, "owner": 3}


def allow(caller: Caller, verb: Verb, workspace_id: str, workspaces: Workspaces) -> Workspace:
    """The workspace, for a caller who may do this in it.

    Raises NotFound without a grant, whether the workspace is there or not; Forbidden where the caller knows of it
    but the grant is too low.
    """
    rule = RULES[verb]
    workspace, grant = workspaces.seen_by(workspace_id, caller.user.id)
    if grant is None and not caller.is_admin:
        raise NotFound("workspace", workspace_id)
    if not _is_enough(grant, rule, caller):
        held = f"your grant is {grant}" if grant else "you have no grant of it"
        raise Forbidden(
            f"To {verb} in workspace {workspace.name!r} takes the grant {rule.grant}; {held}. Ask an owner for it."
        )
    return workspace


def may(caller: Caller, office: Office) -> bool:
    """Whether a role of the caller's allows what concerns no single workspace."""
    return not OFFICES[office].isdisjoint(caller.user.roles)


def require(caller: Caller, office: Office) -> None:
    """Raises Forbidden where `may` says no."""
    if not may(caller, office):
        needed = " or ".join(sorted(OFFICES[office]))
        raise Forbidden(f"To {office} takes the role {needed}; yours: {', '.join(caller.user.roles)}.")


def _is_enough(grant: Grant | None, rule: Rule, caller: Caller) -> bool:
    if rule.admin and caller.is_admin:
        return True
    return grant is not None and _RANK[grant] >= _RANK[rule.grant]
