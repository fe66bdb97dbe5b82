"""People: their accounts, their passwords, their tokens, and what is kept of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from kosha.model.connection import Authorisation
from kosha.model.page import Page, PageOf
from kosha.model.user import Account, Caller, Role, User


class Users(Protocol):
    """The people of one machine; on AWS the user pool has them, and they are managed there (`managed_here`)."""

    managed_here: bool

    def get(self, user_id: str) -> User:
        """Raises NotFound."""
        ...

    def named(self, name: str) -> User:
        """Raises NotFound."""
        ...

    def list(self, page: PageOf) -> Page[User]:
        """By name."""
        ...

    def account(self, name: str) -> Account:
        """Raises NotFound."""
        ...

    def add(self, account: Account) -> None:
        """Raises Conflict if the name is taken."""
        ...

    def set_roles(self, user_id: str, roles: Sequence[Role]) -> User:
        """Raises Conflict rather than leave nobody to administer."""
        ...

    def set_password(self, user_id: str, password_hash: str) -> None:
        """Also voids every token given out before."""
        ...

    def remove(self, user_id: str) -> None:
        """With grants, sessions and tokens. Raises Conflict for the last administrator."""
        ...


class Tokens(Protocol):
    """Tells who a bearer token speaks for."""

    def verify(self, token: str) -> Caller:
        """Raises Unauthorized when it is malformed, expired, revoked or of a user who is gone."""
        ...

    def authorise(self, token: str) -> Authorisation:
        """As `verify`: what to keep, to ask again later without the token."""
        ...

    def confirm(self, authorisation: Authorisation) -> Caller:
        """Raises Unauthorized when it has expired, was revoked (within a minute), or its user is gone."""
        ...


class Holdings(Protocol):
    """Where something is kept of people, if those are in a pool that tells nobody who leaves it."""

    def unseen(self, since: datetime, limit: int) -> list[str]:
        """Ids of people of whom something may be kept and who were not seen since then, longest ago first."""
        ...

    def seen(self, user_id: str) -> None:
        """They are still there."""
        ...

    def forget_user(self, user_id: str) -> bool:
        """Forget what is kept of them, or as much as one call should; whether nothing is left."""
        ...


class Passwords(Protocol):
    """Turns passwords into what may be kept, and tells them apart; on AWS the user pool does both."""

    def hash(self, password: str) -> str:
        """A salted hash, good to keep."""
        ...

    def matches(self, password_hash: str | None, password: str) -> bool:
        """Whether it is the password; None (nobody of that name, or no password set) takes as long and is False."""
        ...

    def is_outdated(self, password_hash: str) -> bool:
        """Whether it should be made again, because a hash costs more to guess today."""
        ...
