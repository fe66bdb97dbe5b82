"""Who asks, what they may do, and with whom a workspace is shared."""

from typing import Literal

from kosha.model.record import Moment, Record

Role = Literal["admin", "manager", "user"]
Grant = Literal["owner", "editor", "viewer"]


class User(Record):
    """A person. `id` never changes and is never given again; `name` is what they sign in with."""

    id: str
    name: str
    roles: tuple[Role, ...] = ("user",)


class Caller(Record):
    """The user behind one call, as the token told, and when that token ends (seconds since 1970)."""

    user: User
    expires_at: int = 0

    @property
    def is_admin(self) -> bool:
        """Administrators manage; without a grant they read no content."""
        return "admin" in self.user.roles


class Member(Record):
    """One grant of one workspace."""

    user_name: str
    grant: Grant


class Account(Record):
    """A user of one machine, with what proves it is them. `valid_after`: older tokens are void."""

    user: User
    password_hash: str | None = None
    valid_after: int = 0
    created_at: Moment
