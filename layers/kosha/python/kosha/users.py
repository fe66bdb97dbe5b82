"""The people, as an administrator manages them, and what those leave behind who are managed elsewhere."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Protocol, get_args
from uuid import uuid4

from pydantic import Field, StringConstraints

from kosha.access import require
from kosha.errors import Conflict, Invalid, NotFound
from kosha.model.page import Page, PageOf
from kosha.model.record import Request
from kosha.model.user import Account, Caller, Role, User
from kosha.ports import Holdings, Ports, Users

FIRST_ADMINISTRATOR = "admin"
NAME_PATTERN = r"^[\w.@+-]{1,64}$"
PASSWORD_CHARACTERS = (8, 256)
UNSEEN = timedelta(days=1)
LOOKED_FOR_AT_ONCE = 10  # people in each holding: 14,400 a day where this is done every minute

UserName = Annotated[str, StringConstraints(strip_whitespace=True, pattern=NAME_PATTERN)]
Password = Annotated[str, StringConstraints(min_length=PASSWORD_CHARACTERS[0], max_length=PASSWORD_CHARACTERS[1])]
Roles = Annotated[tuple[Role, ...], Field(min_length=1, max_length=len(get_args(Role)))]


class NewUser(Request):
    """Somebody who shall be able to sign in. Without a password they need a sign-in link or token."""

    user_name: UserName
    password: Password | None = None
    roles: Roles = ("user",)


class UserChange(Request):
    """What changes of a user; a new password voids every token they hold."""

    password: Password | None = None
    roles: Roles | None = None


class People(Protocol):
    """What is needed to look after the people of one machine."""

    @property
    def users(self) -> Users:
        """The people."""
        ...

    def now(self) -> datetime:
        """The time in UTC."""
        ...


class PoolOfPeople(Protocol):
    """What is needed to look for people who have left a pool that is managed elsewhere."""

    @property
    def users(self) -> Users:
        """The people."""
        ...

    @property
    def holdings(self) -> Sequence[Holdings]:
        """Where something is kept of them."""
        ...

    def now(self) -> datetime:
        """The time in UTC."""
        ...


def of(caller: Caller, page: PageOf, ports: Ports) -> Page[User]:
    """Everybody, by name."""
    require(caller, "manage users")
    return ports.users.list(page)


def add(caller: Caller, new: NewUser, ports: Ports) -> User:
    """A new user. Raises Conflict where the name is taken."""
    require(caller, "manage users")
    user = User(id=str(uuid4()), name=new.user_name, roles=_distinct(new.roles))
    password_hash = ports.passwords.hash(new.password) if new.password else None
    ports.users.add(Account(user=user, password_hash=password_hash, created_at=ports.now()))
    return user


def change(caller: Caller, user_name: str, wish: UserChange, ports: Ports) -> User:
    """Other roles, another password. Raises Conflict rather than leave nobody to administer."""
    require(caller, "manage users")
    if wish.roles is None and wish.password is None:
        raise Invalid("Nothing to change was named: send roles, a password, or both.")
    user = ports.users.named(user_name)
    if wish.roles is not None:
        user = ports.users.set_roles(user.id, _distinct(wish.roles))
    if wish.password is not None:
        ports.users.set_password(user.id, ports.passwords.hash(wish.password))
    return user


def remove(caller: Caller, user_name: str, ports: Ports) -> None:
    """Remove a user with grants, sessions and tokens. Raises Conflict for the last administrator."""
    require(caller, "manage users")
    ports.users.remove(ports.users.named(user_name).id)


def forget_those_who_left(ports: PoolOfPeople) -> int:
    """Forget what is kept of people whom the pool no longer has; returns of how many nothing is left.

    A few at a call, those first who were not seen for longest, so that the next call goes on where this one ended, or
    broke off. Who left has no access from then on; this is about what they leave behind. Raises Unavailable.
    """
    since = ports.now() - UNSEEN
    return sum(
        _is_forgotten(user_id, holding, ports.users)
        for holding in ports.holdings
        for user_id in holding.unseen(since, LOOKED_FOR_AT_ONCE)
    )


def _is_forgotten(user_id: str, holding: Holdings, users: Users) -> bool:
    try:
        users.get(user_id)
    except NotFound:
        return holding.forget_user(user_id)
    holding.seen(user_id)
    return False


def first_administrator(people: People) -> User:
    """Who is given the sign-in link at a start: `admin`, made without a password where nobody is there yet."""
    administrators = [user for user in _everybody(people.users) if "admin" in user.roles]
    if not administrators:
        admin = User(id=str(uuid4()), name=FIRST_ADMINISTRATOR, roles=("admin",))
        try:
            people.users.add(Account(user=admin, created_at=people.now()))
        except Conflict:  # two processes start at once
            return people.users.named(FIRST_ADMINISTRATOR)
        return admin
    return next((user for user in administrators if user.name == FIRST_ADMINISTRATOR), administrators[0])


def _everybody(users: Users) -> Iterator[User]:
    page = PageOf(100)
    while True:
        listed = users.list(page)
        yield from listed.items
        if listed.next_cursor is None:
            return
        page = PageOf(100, listed.next_cursor)


def _distinct(roles: tuple[Role, ...]) -> tuple[Role, ...]:
    return tuple(role for role in get_args(Role) if role in roles)
