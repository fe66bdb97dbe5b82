"""Routes of the people of one machine (administrators)."""

from kosha import users
from kosha.api.call import Call
from kosha.api.members import UserNamePath
from kosha.api.replies import Items, page_of
from kosha.api.resource import Cursor, Limit, Resource
from kosha.model.page import PageOf
from kosha.model.record import Record
from kosha.model.user import Role, User
from kosha.users import NewUser, UserChange

ROUTES = Resource("users")


class UserView(Record):
    """A user as an administrator sees them."""

    id: str
    user_name: str
    roles: tuple[Role, ...]


class UserList(Items[UserView]):
    """Users by name."""


@ROUTES.on("GET", "/users")
def of(call: Call, limit: Limit = 50, cursor: Cursor = None) -> UserList:
    """Everybody who can sign in."""
    return page_of(UserList, users.of(call.caller, PageOf(limit, cursor), call.ports), _view)


@ROUTES.on("POST", "/users", status=201, is_creating=True)
def add(call: Call, new: NewUser) -> UserView:
    """A new user; without a password they need a sign-in link."""
    return _view(users.add(call.caller, new, call.ports))


@ROUTES.on("PATCH", "/users/<user_name>")
def change(call: Call, user_name: UserNamePath, wish: UserChange) -> UserView:
    """Other roles or another password, which voids every token they hold."""
    return _view(users.change(call.caller, user_name, wish, call.ports))


@ROUTES.on("DELETE", "/users/<user_name>", status=204)
def remove(call: Call, user_name: UserNamePath) -> None:
    """Remove a user with grants, sessions and tokens; the last administrator stays."""
    users.remove(call.caller, user_name, call.ports)


def _view(user: User) -> UserView:
    return UserView(id=user.id, user_name=user.name, roles=user.roles)
