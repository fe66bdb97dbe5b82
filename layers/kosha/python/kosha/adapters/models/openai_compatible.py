"""Any server that speaks OpenAI's chat completions: OpenAI itself, Ollama, vLLM, llama.cpp.

Written on aiohttp, not on an SDK: a LangChain or SDK loop costs up to 28 ms of CPU a turn, this one about 2
(docs/adr/0003).
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing

import aiohttp

from kosha.adapters.models import openai_wire as wire
from kosha.errors import ModelUnavailable
from kosha.model.prompt import ModelInfo, Piece, Prompt
from kosha.observe import log

CONNECT_SECONDS = 10
KEEP_SECONDS = 3.5  # servers on uvicorn and cpp-httplib close an idle connection after 5
DRAIN_SECONDS = 0.5


class OpenAiServer:
    """One base URL (ending in /v1) and its key. Its connections belong to the event loop that first uses them."""

    def __init__(self, base_url: str, api_key: str | None) -> None:
        self.base_url = base_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._client: aiohttp.ClientSession | None = None

    def client(self) -> aiohttp.ClientSession:
        """The one pool of connections, made at first use on the running loop."""
        if self._client is None or self._client.closed:
            self._client = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_SECONDS),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
                headers=self._headers,
                json_serialize=json.dumps,
            )
        return self._client

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()


class OpenAiChatModel:
    """Fits the port ChatModel."""

    def __init__(self, info: ModelInfo, server: OpenAiServer) -> None:
        self.info = info
        self._server = server

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Piece]:
        """The answer as the server sends it; closing the generator closes the connection, which stops the server.

        Raises ModelUnavailable, and Rejected where the server does not take the question.
        """
        url, body = f"{self._server.base_url}/chat/completions", wire.body(self.info.name, prompt)
        try:
            async with self._server.client().post(url, json=body) as reply:
                if reply.status != 200:
                    text = await reply.text(errors="replace")
                    told = {"model": self.info.name, "status": reply.status, "body": text[:500]}
                    log.warning("model refused", extra={"fields": told})
                    raise wire.refusal(self.info, reply.status, text, reply.headers.get("Retry-After"))
                if not prompt.kwargs.streaming:
                    yield wire.whole(self.info, await reply.json(content_type=None))
                    return
                async with aclosing(_pieces(self.info, reply.content)) as pieces:
                    async for piece in pieces:
                        yield piece
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise ModelUnavailable(
                f"{self.info.label} at {self._server.base_url} does not answer ({_reason(error)}). "
                "Check that it runs, or choose another model."
            ) from error


async def list_models(base_url: str, api_key: str | None, *, timeout_seconds: float) -> list[str]:
    """The names of the server's models. Raises ModelUnavailable where there is no such server."""
    headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
    timeout = aiohttp.ClientTimeout(total=timeout_seconds)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, headers=headers) as client,
            client.get(f"{base_url.rstrip('/')}/models") as reply,
        ):
            if reply.status != 200:
                raise ModelUnavailable(f"{base_url} answered {reply.status} when asked for its models.")
            listed = await reply.json(content_type=None)
        return [str(model["id"]) for model in listed["data"]]
    except (aiohttp.ClientError, TimeoutError, KeyError, TypeError, ValueError) as error:
        raise ModelUnavailable(f"{base_url} does not list its models ({_reason(error)}).") from error


async def _pieces(info: ModelInfo, content: aiohttp.StreamReader) -> AsyncGenerator[Piece]:
    """The answer, to its end. Raises ModelUnavailable where it breaks off before."""
    ended = False
    try:
        async for data in wire.events(content.iter_any()):
            if data == wire.DONE:
                await _drain(content)
                return
            piece = wire.piece(info, data)
            ended = ended or piece.stop_reason is not None
            yield piece
    except aiohttp.ClientPayloadError:
        log.warning("model broke off", extra={"fields": {"model": info.name, "afterItsEnd": ended}})
    if not ended:  # after the stop reason only the count of tokens can be missing
        raise ModelUnavailable(f"{info.label} broke off in the middle of its answer. Try again.")


async def _drain(content: aiohttp.StreamReader) -> None:
    """Read the end of the reply, so that its connection can take the next question."""
    with contextlib.suppress(TimeoutError, aiohttp.ClientError):
        async with asyncio.timeout(DRAIN_SECONDS):
            await content.read()


def _reason(error: Exception) -> str:
    return "timed out" if isinstance(error, TimeoutError) else str(error) or type(error).__name__
