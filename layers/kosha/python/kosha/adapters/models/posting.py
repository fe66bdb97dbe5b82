"""JSON posted to a provider over plain HTTP: a few bounded tries, and refusals in words for the person who asked."""

import json
import time
from collections.abc import Callable
from typing import Any

import urllib3

from kosha.adapters.models import openai_wire as wire
from kosha.errors import KoshaError, ModelUnavailable, TooLarge
from kosha.model.prompt import ModelInfo

TRIES = 3
LONGEST_WAIT_SECONDS = 10.0  # who is told to come back later than this is told so, instead of waiting in a function
_TIMEOUT = urllib3.Timeout(connect=5, read=60)
_TRIED_AGAIN = (408, 409, 429, 500, 502, 503, 504)

Sleep = Callable[[float], None]


class Posting:
    """One address of one provider. Safe to call from many threads.

    key_name: the setting that holds our key. calls_at_once: how many connections are kept.
    """

    def __init__(
        self,
        url: str,
        info: ModelInfo,
        *,
        api_key: str | None,
        key_name: str = "OPENAI_API_KEY",
        calls_at_once: int = 4,
        sleep: Sleep = time.sleep,
    ) -> None:
        self._url = url
        self._info = info
        self._key_name = key_name
        self._headers = {"Content-Type": "application/json"}
        if api_key:
            self._headers["Authorization"] = f"Bearer {api_key}"
        self._pool = urllib3.PoolManager(maxsize=calls_at_once, timeout=_TIMEOUT, retries=False)
        self._sleep = sleep

    def post(self, body: dict[str, Any]) -> Any:
        """The reply, parsed, after at most TRIES tries. Raises ModelUnavailable, Rejected, TooLarge."""
        failure: KoshaError | None = None
        for attempt in range(TRIES):
            try:
                reply = self._pool.request("POST", self._url, body=json.dumps(body), headers=self._headers)
                if reply.status == 200:
                    return json.loads(reply.data)
                failure = self._refusal(reply)
                if reply.status not in _TRIED_AGAIN:
                    raise failure
            except (urllib3.exceptions.HTTPError, json.JSONDecodeError) as error:
                failure = ModelUnavailable(f"{self._info.label} does not answer ({type(error).__name__}). Try again.")
            wait_seconds = _wait_seconds(failure, attempt)
            if wait_seconds > LONGEST_WAIT_SECONDS or attempt == TRIES - 1:
                break
            self._sleep(wait_seconds)
        assert failure is not None
        raise failure

    def _refusal(self, reply: urllib3.BaseHTTPResponse) -> KoshaError:
        text, retry_after = reply.data.decode(errors="replace"), reply.headers.get("Retry-After")
        told = wire.refusal(self._info, reply.status, text, retry_after, key_name=self._key_name)
        return TooLarge(str(told)) if "maximum context length" in text and reply.status not in _TRIED_AGAIN else told


def _wait_seconds(failure: KoshaError, attempt: int) -> float:
    """What the provider asked for, else a growing pause."""
    told_ms = getattr(failure, "retry_after_ms", None)
    return told_ms / 1000 if told_ms is not None else 0.5 * 2**attempt
