"""Where people of one machine prove who they are, and get tokens for it."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Protocol

from pydantic import StringConstraints

from kosha.errors import Forbidden, NotFound, Unauthorized
from kosha.model.record import Record, Request
from kosha.model.user import Account, Caller, User
from kosha.ports import Passwords, Users
from kosha.sign_in.throttle import Throttle
from kosha.users import Password

REFRESH_SECONDS = 30 * 86_400
LINK_SECONDS = 86_400
Proof = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class Login(Request):
    """A name and what proves it."""

    username: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
    password: Annotated[str, StringConstraints(max_length=1000)]


class Exchange(Request):
    """The token of a sign-in link; good once."""

    one_time_token: Proof


class Refresh(Request):
    """What keeps somebody signed in; good once."""

    refresh_token: Proof


class NewPassword(Request):
    """Another password. `old` is empty for somebody who has none yet."""

    old: Annotated[str, StringConstraints(max_length=1000)] = ""
    new: Password


class SignedIn(Record):
    """Proof for the next calls. `expires_in`: seconds that the access token is good for."""

    access_token: str
    refresh_token: str
    expires_in: int
    user: User


class Issuer(Protocol):
    """Makes access tokens."""

    def issue(self, user: User, *, lifetime_seconds: int | None = None) -> tuple[str, int]:
        """A token and the seconds it is good for. Raises NotFound where the user is gone."""
        ...


class Accounts(Users, Protocol):
    """The people of one machine with their refresh and one-time tokens, by digest; each token can be taken once."""

    def rehash(self, user_id: str, old_hash: str, new_hash: str) -> None:
        """Keep the same password under a costlier hash; nothing happens where it was changed meanwhile."""
        ...

    def keep_refresh(self, token_digest: str, user_id: str, expires_at: datetime) -> None:
        """Raises Unauthorized where the user is gone."""
        ...

    def take_refresh(self, token_digest: str) -> str:
        """The id of the user. Raises Unauthorized; one that comes twice voids all of that user's."""
        ...

    def drop_refresh(self, token_digest: str) -> None:
        """Make it useless; nothing happens where it is gone."""
        ...

    def keep_one_time(self, token_digest: str, user_id: str, expires_at: datetime) -> None:
        """Raises Unauthorized where the user is gone."""
        ...

    def take_one_time(self, token_digest: str) -> str:
        """The id of the user. Raises Unauthorized."""
        ...


class Desk:
    """Signs people in. All calls block; `login` costs about 50 ms of a core and 46 MiB for a while."""

    def __init__(
        self,
        accounts: Accounts,
        passwords: Passwords,
        issuer: Issuer,
        *,
        now: Callable[[], datetime],
        refresh_seconds: int = REFRESH_SECONDS,
        throttle: Throttle | None = None,
    ) -> None:
        self._accounts = accounts
        self._passwords = passwords
        self._issuer = issuer
        self._now = now
        self._refresh_seconds = refresh_seconds
        self._throttle = throttle or Throttle()

    def login(self, proof: Login, address: str) -> SignedIn:
        """Sign in by password. `address` is where the call comes from.

        Raises Unauthorized, with the same words and after the same time whether the name is known or not, and
        TooManyRequests after failures.
        """
        self._throttle.begin(proof.username, address)
        account = self._account(proof.username)
        password_hash = account.password_hash if account else None
        if not self._passwords.matches(password_hash, proof.password) or account is None or password_hash is None:
            raise Unauthorized("The user name or the password is wrong. Check both and try again.")
        self._throttle.succeed(proof.username, address)
        if self._passwords.is_outdated(password_hash):
            self._accounts.rehash(account.user.id, password_hash, self._passwords.hash(proof.password))
        return self._sign_in(account.user)

    def exchange(self, proof: Exchange) -> SignedIn:
        """Sign in by the token of a link. Raises Unauthorized for one that was used or is too old."""
        return self._sign_in(self._taken(self._accounts.take_one_time, proof.one_time_token))

    def refresh(self, proof: Refresh) -> SignedIn:
        """Stay signed in. Raises Unauthorized for a token that was used, dropped or is too old."""
        return self._sign_in(self._taken(self._accounts.take_refresh, proof.refresh_token))

    def logout(self, proof: Refresh) -> None:
        """End a sign-in: its refresh token is good for nothing any more."""
        self._accounts.drop_refresh(_digest(proof.refresh_token))

    def change_password(self, caller: Caller, wish: NewPassword, address: str) -> SignedIn:
        """Another password; every token given out before is void, so new ones are given.

        Raises Forbidden where the old password is wrong, TooManyRequests after failures.
        """
        name = caller.user.name
        self._throttle.begin(name, address)
        account = self._accounts.account(name)
        if account.password_hash is not None and not self._passwords.matches(account.password_hash, wish.old):
            raise Forbidden("The old password is wrong. The password stays as it was.")
        self._throttle.succeed(name, address)
        self._accounts.set_password(account.user.id, self._passwords.hash(wish.new))
        return self._sign_in(account.user)

    def one_time_token(self, user: User, *, seconds: int = LINK_SECONDS) -> str:
        """A token that signs a user in once, for the fragment of a sign-in link."""
        token = secrets.token_urlsafe(32)
        self._accounts.keep_one_time(_digest(token), user.id, self._now() + timedelta(seconds=seconds))
        return token

    def _account(self, name: str) -> Account | None:
        try:
            return self._accounts.account(name)
        except NotFound:
            return None

    def _taken(self, take: Callable[[str], str], token: str) -> User:
        try:
            return self._accounts.get(take(_digest(token)))
        except NotFound as error:
            raise Unauthorized("This user is gone. Sign in as somebody else.") from error

    def _sign_in(self, user: User) -> SignedIn:
        access_token, expires_in = self._issuer.issue(user)
        refresh_token = secrets.token_urlsafe(32)
        expires_at = self._now() + timedelta(seconds=self._refresh_seconds)
        self._accounts.keep_refresh(_digest(refresh_token), user.id, expires_at)
        return SignedIn(access_token=access_token, refresh_token=refresh_token, expires_in=expires_in, user=user)


def _digest(token: str) -> str:
    """What is kept of a token: of 256 random bits, so without salt."""
    return hashlib.sha256(token.encode()).hexdigest()
