"""Routes of the members of a workspace."""

from typing import Annotated
from urllib.parse import unquote

from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import AfterValidator

from kosha import workspaces
from kosha.api.call import Call
from kosha.api.replies import Items, page_of
from kosha.api.resource import Cursor, Id, Limit, Resource
from kosha.model.page import PageOf, page_in
from kosha.model.user import Member
from kosha.workspaces import GrantChange

ROUTES = Resource("members")
# Names hold no percent sign, so one in a path is an escape that the door has left in.
UserNamePath = Annotated[str, AfterValidator(unquote), Path()]


class MemberList(Items[Member]):
    """Members by name."""


@ROUTES.on("GET", "/workspaces/<workspace_id>/members")
def of(call: Call, workspace_id: Id, limit: Limit = 100, cursor: Cursor = None) -> MemberList:
    """Who has a grant (owners and administrators)."""
    members = workspaces.members(call.caller, workspace_id, call.ports)
    return page_of(MemberList, page_in(members, PageOf(limit, cursor)))


@ROUTES.on("PUT", "/workspaces/<workspace_id>/members/<user_name>")
def share(call: Call, workspace_id: Id, user_name: UserNamePath, wish: GrantChange) -> Member:
    """Give somebody a grant, or another one (owners and administrators)."""
    return workspaces.share(call.caller, workspace_id, user_name, wish.grant, call.ports)


@ROUTES.on("DELETE", "/workspaces/<workspace_id>/members/<user_name>", status=204)
def unshare(call: Call, workspace_id: Id, user_name: UserNamePath) -> None:
    """Take somebody's grant; the last owner stays (owners and administrators)."""
    workspaces.unshare(call.caller, workspace_id, user_name, call.ports)
