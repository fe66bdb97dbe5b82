"""Any server that speaks OpenAI's chat completions: OpenAI itself, Ollama, vLLM, llama.cpp.

Written on aiohttp, not on an SDK: a LangChain or SDK loop costs up to 28 ms of CPU a turn, this one about 2
(docs/adr/0003). Wire format: OpenAI API reference, "Create chat completion", streaming.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

from kosha.errors import ModelUnavailable, Rejected
from kosha.model.prompt import ModelInfo, Piece, Prompt, Usage
from kosha.observe import log

CONNECT_SECONDS = 10
_STOP_REASONS = {"stop": "end", "length": "length", "content_filter": "refused", "tool_calls": "end"}


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
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=30),
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

    async def stream(self, prompt: Prompt) -> AsyncIterator[Piece]:
        """The answer as the server sends it; closing the iterator closes the connection, which stops the server."""
        body = _body(self.info.name, prompt)
        try:
            async with self._server.client().post(f"{self._server.base_url}/chat/completions", json=body) as reply:
                if reply.status != 200:
                    raise _refusal(self.info, reply.status, await reply.text(), reply.headers.get("Retry-After"))
                if not body["stream"]:
                    yield _whole(await reply.json(content_type=None))
                    return
                ended = False
                async for event in _events(reply.content):
                    if event is None:
                        ended = True
                        break
                    piece = _piece(self.info, event)
                    ended = ended or piece.stop_reason is not None
                    yield piece
                if not ended:
                    raise ModelUnavailable(f"{self.info.label} broke off in the middle of its answer. Try again.")
        except (aiohttp.ClientError, TimeoutError, json.JSONDecodeError) as error:
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
    except (aiohttp.ClientError, TimeoutError, json.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise ModelUnavailable(f"{base_url} does not list its models ({_reason(error)}).") from error


def _body(model: str, prompt: Prompt) -> dict[str, Any]:
    kwargs = prompt.kwargs
    body: dict[str, Any] = {
        "model": model,
        "messages": messages(prompt),
        "stream": kwargs.streaming,
        "max_tokens": kwargs.max_tokens,
        "temperature": kwargs.temperature,
        "top_p": kwargs.top_p,
    }
    if kwargs.streaming:
        body["stream_options"] = {"include_usage": True}
    return body


def messages(prompt: Prompt) -> list[dict[str, str]]:
    """The prompt as chat messages; passages stand before the question, fenced and numbered as the markers name them."""
    said = [{"role": "system", "content": prompt.system}]
    said += [{"role": utterance.role, "content": utterance.content} for utterance in prompt.history]
    question = prompt.question
    if prompt.passages:
        numbered = "\n\n".join(
            f'<passage number="{number}" title="{_attribute(hit.title)}">\n{_fenced(_told(hit.content, hit.content_complement))}\n</passage>'
            for number, hit in enumerate(prompt.passages, 1)
        )
        question = f"{numbered}\n\nQuestion: {prompt.question}"
    return [*said, {"role": "user", "content": question}]


def _told(content: str, complement: str | None) -> str:
    return f"{content}\n{complement}" if complement else content


def _fenced(text: str) -> str:
    """A document cannot close its own fence."""
    return text.replace("</passage", "<\u200b/passage")


def _attribute(text: str) -> str:
    return text.replace('"', "'").replace("<", "(").replace(">", ")")


async def _events(content: aiohttp.StreamReader) -> AsyncIterator[dict[str, Any] | None]:
    """The JSON of each server-sent event, in order; None for `[DONE]`, which ends them."""
    rest = b""
    async for block in content.iter_any():
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                data = line[5:].strip()
                if data == b"[DONE]":
                    yield None
                    return
                yield json.loads(data)


def _piece(info: ModelInfo, event: dict[str, Any]) -> Piece:
    if error := event.get("error"):
        raise ModelUnavailable(f"{info.label} failed in the middle of its answer: {_message(error)}. Try again.")
    usage = _usage(event.get("usage"))
    choices = event.get("choices")
    if not choices:
        return Piece(usage=usage)
    choice = choices[0]
    text = (choice.get("delta") or {}).get("content") or ""
    reason = choice.get("finish_reason")
    if reason is None and usage is None:
        return Piece.model_construct(text=text, stop_reason=None, usage=None)  # every token comes this way
    return Piece(text=text, stop_reason=_STOP_REASONS.get(reason, "end") if reason else None, usage=usage)  # pyright: ignore[reportArgumentType]


def _whole(reply: dict[str, Any]) -> Piece:
    choice = reply["choices"][0]
    reason = _STOP_REASONS.get(choice.get("finish_reason") or "stop", "end")
    return Piece(text=choice["message"].get("content") or "", stop_reason=reason, usage=_usage(reply.get("usage")))  # pyright: ignore[reportArgumentType]


def _usage(told: dict[str, Any] | None) -> Usage | None:
    if not told:
        return None
    return Usage(input_tokens=told.get("prompt_tokens") or 0, output_tokens=told.get("completion_tokens") or 0)


def _refusal(info: ModelInfo, status: int, body: str, retry_after: str | None) -> ModelUnavailable | Rejected:
    log.warning("model refused", extra={"fields": {"model": info.name, "status": status, "body": body[:500]}})
    if status in (401, 403):
        return ModelUnavailable(f"{info.label} refused our key ({status}). An administrator must set a valid OPENAI_API_KEY.")
    if status == 429:
        wait_ms = int(float(retry_after) * 1000) if retry_after and retry_after.replace(".", "", 1).isdigit() else 5000
        return ModelUnavailable(f"{info.label} has too much to do (429). Try again in {wait_ms / 1000:.0f} s.", wait_ms)
    if status in (400, 404, 413, 422):
        return Rejected(f"{info.label} did not take the question ({status}): {_message(body)}")
    return ModelUnavailable(f"{info.label} failed ({status}). Try again, or choose another model.")


def _message(error: Any) -> str:
    if isinstance(error, str):
        try:
            error = json.loads(error)
        except json.JSONDecodeError:
            return error[:200] or "no reason given"
    inner: Any = error.get("error", error) if isinstance(error, dict) else error
    return str(inner.get("message", inner) if isinstance(inner, dict) else inner)[:200]


def _reason(error: Exception) -> str:
    return "timed out" if isinstance(error, (TimeoutError, asyncio.TimeoutError)) else str(error) or type(error).__name__
