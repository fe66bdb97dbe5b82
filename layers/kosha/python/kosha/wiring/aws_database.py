"""How a function signs in to the database whose password is rotated."""

import time
from collections.abc import Callable
from typing import Any, Protocol

SOON_SECONDS = 30.0
READ_AGAIN_SECONDS = 5.0


class Secrets(Protocol):
    """Secrets by ARN, kept for minutes unless they are wanted fresh."""

    def get_json(self, arn: str, *, fresh: bool = False) -> dict[str, Any]: ...


class SignIn:
    """Tells a pool, for each new connection, where the database is and who we are.

    Who wants another connection soon may have been refused with the password kept: the secret is read again then, but
    not at every try while the database wakes. host: of a proxy, instead of the secret's. clock: seconds.
    """

    def __init__(
        self, secrets: Secrets, arn: str, *, host: str | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._secrets = secrets
        self._arn = arn
        self._host = host
        self._clock = clock
        self._asked_at: float | None = None
        self._read_at = 0.0

    def __call__(self) -> str:
        """A connection string. Raises Unavailable."""
        from psycopg.conninfo import make_conninfo

        now = self._clock()
        soon = self._asked_at is not None and now < self._asked_at + SOON_SECONDS
        fresh = soon and now >= self._read_at + READ_AGAIN_SECONDS
        self._asked_at = now
        if fresh or not soon:
            self._read_at = now
        told = self._secrets.get_json(self._arn, fresh=fresh)
        return make_conninfo(
            host=self._host or told["host"],
            port=told["port"],
            user=told["username"],
            password=told["password"],
            dbname=told["dbname"],
        )
