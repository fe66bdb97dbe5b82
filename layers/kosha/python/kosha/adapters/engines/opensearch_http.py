"""OpenSearch over its REST API: JSON in and out, a few bounded tries, refusals in words."""

import json
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

import urllib3

from kosha.errors import Rejected, Unavailable

TRIES = 3
_TIMEOUT = urllib3.Timeout(connect=5, read=30)
_TRIED_AGAIN = (429, 502, 503, 504)

Sign = Callable[[str, str, Mapping[str, str], bytes], Mapping[str, str]]
"""(method, address, headers, body) to the headers that prove who asks. Raises Unavailable."""


class OpenSearchHttp:
    """One cluster. Safe to call from many threads.

    url: its address, which may hold a user and a password. sign: proves who asks where the address
    does not; None where nobody asks for it.
    """

    def __init__(self, url: str, *, sign: Sign | None = None, sleep: Callable[[float], None] = time.sleep) -> None:
        parsed = urlsplit(url)
        if parsed.scheme not in ("http", "https") or not parsed.hostname:
            # Not quoted: there may be a password in it.
            raise Rejected("The address of OpenSearch is none. Write it like https://search.example.com:9200.")
        who, _, where = parsed.netloc.rpartition("@")
        self._origin = f"{parsed.scheme}://{where}"
        self._headers = {"Content-Type": "application/json"}
        if who:
            self._headers |= _basic(unquote(who))
        self._pool = urllib3.PoolManager(maxsize=8, timeout=_TIMEOUT, retries=False)
        self._sign, self._sleep = sign, sleep

    def call(self, method: str, path: str, body: Any = None, *, accepts: tuple[int, ...] = ()) -> Any:
        """The reply, parsed. body: JSON, or lines of it. accepts: statuses beside success; their reply is returned too.

        Raises Unavailable, Rejected.
        """
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        url = f"{self._origin}{path}"
        failure = Unavailable("OpenSearch does not answer. Try again in a moment.")
        for attempt in range(TRIES):
            try:
                headers = {**self._headers, **(self._sign(method, url, self._headers, content) if self._sign else {})}
                reply = self._pool.request(method, url, body=content or None, headers=headers)
            except urllib3.exceptions.HTTPError as error:
                failure = Unavailable(f"OpenSearch does not answer ({type(error).__name__}). Try again in a moment.")
            else:
                if reply.status < 300 or reply.status in accepts:
                    return json.loads(reply.data or b"{}")
                if reply.status not in _TRIED_AGAIN:
                    raise _refusal(reply)
                failure = Unavailable(f"OpenSearch is busy ({reply.status}). Try again in a moment.")
            if attempt < TRIES - 1:
                self._sleep(0.3 * 2**attempt)
        raise failure


def as_user(told: Callable[[], Mapping[str, str]]) -> Sign:
    """Signs in as `username` with `password`, which are asked for at each call, so that a password may change."""

    def sign(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Mapping[str, str]:  # noqa: ARG001 # Sign
        try:
            who = told()
            return _basic(f"{who['username']}:{who['password']}")
        except (KeyError, TypeError, ValueError) as error:
            raise Unavailable(
                "The secret with OpenSearch's sign-in is no JSON with username and password. An administrator has to "
                "see to it."
            ) from error

    return sign


def _basic(who: str) -> dict[str, str]:
    return {"Authorization": f"Basic {b64encode(who.encode()).decode()}"}


def _refusal(reply: urllib3.BaseHTTPResponse) -> Rejected | Unavailable:
    text = reply.data.decode(errors="replace")[:300]
    if reply.status in (401, 403):
        return Unavailable(
            f"OpenSearch does not let us in ({reply.status}). An administrator has to see to its access."
        )
    return Rejected(f"OpenSearch refused what was asked ({reply.status}): {text}")
