"""Access tokens of one machine: JWTs signed with Ed25519, checked against the account they speak for."""

import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt

from kosha.adapters.local.signing_key import SigningKey
from kosha.errors import NotFound, Unauthorized
from kosha.model.user import Account, Caller, User
from kosha.ports import Users

ALGORITHM = "EdDSA"


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
        claims = self._claims(token)
        account = self._account(str(claims["name"]))
        if account is None or account.user.id != claims["sub"] or claims["iat"] <= account.valid_after:
            raise Unauthorized("This sign-in has been revoked. Sign in again.")
        return Caller(user=account.user, expires_at=int(claims["exp"]))

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
            raise Unauthorized("The sign-in has expired. Refresh it, or sign in again.")
        return claims

    def _account(self, name: str) -> Account | None:
        try:
            return self._users.account(name)
        except NotFound:
            return None
