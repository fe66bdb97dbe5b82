"""Embedding models of OpenAI and of servers compatible with it, over plain HTTP: no SDK, no LangChain."""

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

import urllib3

from kosha.adapters.models import openai_wire as wire
from kosha.adapters.models.embedding import EmbeddingFacts, RemoteEmbedder, rows
from kosha.adapters.models.openai_chat import OpenAiAccess
from kosha.adapters.models.replies import as_object
from kosha.errors import KoshaError, ModelUnavailable, TooLarge
from kosha.model.prompt import ModelInfo
from kosha.ports import Kind, Vectors

TRIES = 3
LONGEST_WAIT_SECONDS = 10.0  # who is told to come back later than this is told so, instead of waiting in a function
_TIMEOUT = urllib3.Timeout(connect=5, read=60)
_TRIED_AGAIN = (408, 409, 429, 500, 502, 503, 504)


def openai_embedder(
    facts: EmbeddingFacts, access: OpenAiAccess, *, sleep: Callable[[float], None] = time.sleep
) -> RemoteEmbedder:
    """A model that takes arrays of texts. Its vectors are cut to `facts.dimensions` by the provider."""
    pool = urllib3.PoolManager(maxsize=facts.calls_at_once, timeout=_TIMEOUT, retries=False)
    headers = {"Authorization": f"Bearer {access.api_key}", "Content-Type": "application/json"}
    url = f"{access.base_url.rstrip('/')}/embeddings"
    info = ModelInfo(provider=facts.provider, name=facts.name, label=facts.label or facts.name)

    def embed(texts: Sequence[str], _: Kind) -> Vectors:
        body: dict[str, Any] = {"model": facts.name, "input": list(texts), "encoding_format": "float"}
        if facts.name.startswith("text-embedding-3"):  # older ones, and other servers, refuse the field
            body["dimensions"] = facts.dimensions
        told = _post(pool, url, headers, body, info, sleep)
        listed: list[dict[str, Any]] = sorted(told.get("data") or [], key=lambda row: row.get("index", 0))
        return rows([row.get("embedding") for row in listed])

    return RemoteEmbedder(facts, embed)


def _post(
    pool: urllib3.PoolManager,
    url: str,
    headers: dict[str, str],
    body: dict[str, Any],
    info: ModelInfo,
    sleep: Callable[[float], None],
) -> dict[str, Any]:
    """The reply, after at most TRIES tries. Raises ModelUnavailable, Rejected, TooLarge."""
    failure: KoshaError | None = None
    for attempt in range(TRIES):
        try:
            reply = pool.request("POST", url, body=json.dumps(body), headers=headers)
            if reply.status == 200:
                return as_object(json.loads(reply.data))
            text, retry_after = reply.data.decode(errors="replace"), reply.headers.get("Retry-After")
            failure = wire.refusal(info, reply.status, text, retry_after)
            if reply.status not in _TRIED_AGAIN:
                raise TooLarge(str(failure)) if "maximum context length" in text else failure
        except (urllib3.exceptions.HTTPError, json.JSONDecodeError) as error:
            failure = ModelUnavailable(f"{info.label} does not answer ({type(error).__name__}). Try again.")
        wait_seconds = _wait_seconds(failure, attempt)
        if wait_seconds > LONGEST_WAIT_SECONDS or attempt == TRIES - 1:
            break
        sleep(wait_seconds)
    assert failure is not None
    raise failure


def _wait_seconds(failure: KoshaError, attempt: int) -> float:
    """What the provider asked for, else a growing pause."""
    told_ms = getattr(failure, "retry_after_ms", None)
    return told_ms / 1000 if told_ms is not None else 0.5 * 2**attempt
