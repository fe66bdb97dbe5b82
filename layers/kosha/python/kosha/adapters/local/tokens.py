"""Access tokens of one machine: JWTs signed with Ed25519, checked against the account they speak for."""

import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt

from kosha.adapters.local.signing_key import SigningKey
from kosha.errors import NotFound, Unauthorized
from kosha.model.connection import Authorisation
from kosha.model.user import Account, Caller, User
from kosha.ports import Users

ALGORITHM = "EdDSA"
OVER = "The sign-in has expired. Refresh it, or sign in again."


class JwtTokens:
    """Issues and verifies tokens. A user who was removed, or whose tokens were voided, is out at
    the next call: the account is asked for every time, which costs a read by primary key.

    keys: a folder for the signing key. clock: seconds since 1970.
    """

    def __init__(
        self, keys: Path, users: Users, *, lifetime_seconds: int = 3600, clock: Callable[[], float] = time.time
    ) -> None:
        self._key = SigningKey(keys)
        self._users = users
        self._lifetime_seconds = lifetime_seconds
        self._clock = clock

    def issue(self, user: User, *, lifetime_seconds: int | None = None) -> tuple[str, int]:
        """A token and the seconds it is good for. Raises NotFound where the user is gone."""
        account = self._users.account(user.name)
        seconds = lifetime_seconds or self._lifetime_seconds
        now = int(self._clock())
        claims = {
            "sub": account.user.id,
            "name": account.user.name,
            "roles": list(account.user.roles),
            # Tokens of the second in which others were voided must not look as old as those.
            "iat": max(now, account.valid_after + 1),
            "exp": now + seconds,
            "jti": str(uuid.uuid4()),
        }
        return jwt.encode(claims, self._key.private, algorithm=ALGORITHM, headers={"kid": self._key.id}), seconds

    def verify(self, token: str) -> Caller:
        """Raises Unauthorized when it is malformed, expired, revoked or of a user who is gone."""
        return self.authorise(token).caller

    def authorise(self, token: str) -> Authorisation:
        """As `verify`: what to keep, to ask again later without the token."""
        claims = self._claims(token)
        user = self._still_good(str(claims["name"]), claims["sub"], claims["iat"])
        return Authorisation(
            user=user, token_id=str(claims["jti"]), issued_at=claims["iat"], expires_at=int(claims["exp"])
        )

    def confirm(self, authorisation: Authorisation) -> Caller:
        """Raises Unauthorized when it has expired, was revoked, or its user is gone."""
        if authorisation.expires_at <= self._clock():
            raise Unauthorized(OVER)
        user = self._still_good(authorisation.user.name, authorisation.user.id, authorisation.issued_at)
        return Caller(user=user, expires_at=authorisation.expires_at)

    def _still_good(self, name: str, user_id: str, issued_at: int) -> User:
        account = self._account(name)
        if account is None or account.user.id != user_id or issued_at <= account.valid_after:
            raise Unauthorized("This sign-in has been revoked. Sign in again.")
        return account.user

    def jwks(self) -> dict[str, Any]:
        """The public keys that tokens can be checked with (RFC 7517)."""
        return {"keys": [self._key.jwk]}

    def _claims(self, token: str) -> dict[str, Any]:
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._key.public,
                algorithms=[ALGORITHM],
                # The times are ours to check: by our clock, and `iat` may be a second ahead.
                options={"require": ["sub", "name", "exp", "iat", "jti"], "verify_exp": False, "verify_iat": False},
            )
            is_over = int(claims["exp"]) <= self._clock()
            claims["iat"] = int(claims["iat"])
        except (jwt.InvalidTokenError, ValueError, TypeError) as error:
            raise Unauthorized("The access token is not one of ours. Sign in again.") from error
        if is_over:
            raise Unauthorized(OVER)
        return claims

    def _account(self, name: str) -> Account | None:
        try:
            return self._users.account(name)
        except NotFound:
            return None
