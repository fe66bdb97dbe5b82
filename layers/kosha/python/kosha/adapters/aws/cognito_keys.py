"""The public keys of a user pool: fetched when a token names one that is not known, seldom enough to bear any crowd."""

import json
import threading
import time
from collections.abc import Callable
from http.client import HTTPException
from typing import Any
from urllib.request import urlopen

from jwt import PyJWK
from jwt.exceptions import PyJWTError

from kosha.errors import Unauthorized, Unavailable

ALGORITHM = "RS256"
_FETCH_SECONDS = 3.0
_MOST_BYTES = 100_000  # a pool has two keys, under 1 kB together
_PAUSE_SECONDS = 60.0  # a token with a key of its own invention must not have us ask the pool each time
_PAUSE_AFTER_FAULT_SECONDS = 5.0

Fetch = Callable[[str], bytes]


def fetch(url: str) -> bytes:
    """What lies at an address of ours. Raises OSError or HTTPException."""
    with urlopen(url, timeout=_FETCH_SECONDS) as reply:  # noqa: S310 # the pool's address, never a caller's
        return reply.read(_MOST_BYTES)


class PoolKeys:
    """Keys by id, of RSA. url: where the pool publishes them (RFC 7517)."""

    def __init__(self, url: str, *, fetch: Fetch = fetch, clock: Callable[[], float] = time.time) -> None:
        self._url = url
        self._fetch = fetch
        self._clock = clock
        self._keys: dict[str, PyJWK] = {}
        self._is_away = False
        self._asks_again_at = 0.0
        self._lock = threading.Lock()

    def of(self, key_id: str) -> PyJWK:
        """Raises Unauthorized for an id that is not the pool's, Unavailable where the pool does not answer."""
        with self._lock:
            if key_id not in self._keys and self._clock() >= self._asks_again_at:
                self._ask()
            if key_id in self._keys:
                return self._keys[key_id]
            if self._is_away:
                raise Unavailable("Kosha could not check the sign-in: the user pool does not answer. Try again.")
            raise Unauthorized("The access token is not one of ours. Sign in again.")

    def _ask(self) -> None:
        try:
            self._keys = _keys(self._fetch(self._url))
            self._is_away = False
        except (OSError, HTTPException, ValueError):
            self._is_away = True
        pause_seconds = _PAUSE_AFTER_FAULT_SECONDS if self._is_away else _PAUSE_SECONDS
        self._asks_again_at = self._clock() + pause_seconds


def _keys(text: bytes) -> dict[str, PyJWK]:
    """Raises ValueError for what is no set of keys."""
    try:
        told: list[dict[str, Any]] = json.loads(text)["keys"]
        return {key["kid"]: PyJWK(key, ALGORITHM) for key in told if key["kty"] == "RSA"}
    except (KeyError, TypeError, AttributeError, PyJWTError) as error:
        raise ValueError("The user pool told no keys.") from error
