"""Chat models of OpenAI and of servers compatible with it, through LangChain, for the functions on AWS.

One machine asks the same servers without LangChain (openai_compatible.py), which costs a tenth of the processor time.
"""

import asyncio
import importlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from kosha.adapters.models import openai_wire as wire
from kosha.adapters.models.langchain_stream import Errors, Sampling, asked, broke_off, from_task, pieces
from kosha.adapters.models.messages import messages
from kosha.errors import KoshaError, ModelUnavailable
from kosha.model.prompt import ModelInfo, Piece, Prompt

CONNECT_SECONDS = 10
SILENT_SECONDS = 120
RETRIES = 2  # of OpenAI's SDK, before the first word; it waits as long as Retry-After says, at most a minute
OPENAI_URL = "https://api.openai.com/v1"
FILTERED = "The provider's content filter stopped this question. Word it differently, or choose another model."


class OpenAiAccess(NamedTuple):
    """Where OpenAI's API is spoken, and the key for it."""

    api_key: str
    base_url: str = OPENAI_URL


class Made(NamedTuple):
    """A LangChain model with the pool of connections it uses; both belong to one event loop."""

    model: Any
    client: Any


class LangChainChatModel:
    """Fits the port ChatModel over a LangChain model that is asynchronous down to its connection.

    make: the model, over a pool of connections (httpx.AsyncClient). key_name: the setting that holds the key.
    """

    def __init__(
        self, info: ModelInfo, make: Callable[[Any], Any], *, key_name: str, sampling: Sampling = "both"
    ) -> None:
        self.info = info
        self._make = make
        self._key_name = key_name
        self._sampling: Sampling = sampling
        self._made: WeakKeyDictionary[asyncio.AbstractEventLoop, Made] = WeakKeyDictionary()

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Piece]:
        """The answer as it is made; closing the generator closes the connection. Raises ModelUnavailable, Rejected."""
        await asyncio.to_thread(_import)  # a second of work, once, that must not hold up other answers
        chunks = from_task(self._chunks(prompt))
        try:
            async with aclosing(pieces(self.info, chunks, self._errors())) as answer:
                async for piece in answer:
                    yield piece
        except _Filtered:
            yield Piece(text=FILTERED, stop_reason="refused")

    async def close(self) -> None:
        """Close the connections of the running loop."""
        made = self._made.pop(asyncio.get_running_loop(), None)
        if made is not None:
            await made.client.aclose()

    async def _chunks(self, prompt: Prompt) -> AsyncIterator[Any]:
        model, said = self._of_this_loop(), messages(prompt)
        told = asked(self.info, prompt.kwargs, self._sampling)
        try:
            if prompt.kwargs.streaming and self.info.streaming:
                async for chunk in model.astream(said, **told):
                    yield chunk
            else:
                yield await model.ainvoke(said, **told)
        except (ValueError, TypeError, AttributeError) as error:  # what LangChain and the SDK trip over is no answer
            raise _NoAnswer(str(error)) from error

    def _of_this_loop(self) -> Any:
        loop = asyncio.get_running_loop()
        if loop not in self._made:
            client = http_client()
            self._made[loop] = Made(self._make(client), client)
        return self._made[loop].model

    def _errors(self) -> Errors:
        import httpx
        import openai

        kinds: tuple[type[Exception], ...] = (openai.OpenAIError, httpx.HTTPError, _NoAnswer)
        return Errors(kinds, self._as_ours)

    def _as_ours(self, label: str, error: Exception) -> KoshaError:
        import httpx
        import openai

        if isinstance(error, openai.APIStatusError):
            if error.code == "content_filter":
                raise _Filtered from error
            retry_after, text = error.response.headers.get("retry-after"), error.response.text
            return wire.refusal(self.info, error.status_code, text, retry_after, key_name=self._key_name)
        if isinstance(error, openai.APITimeoutError | httpx.TimeoutException):
            return ModelUnavailable(f"{label} took too long. Try again, or choose another model.")
        if isinstance(error, openai.APIConnectionError):
            return ModelUnavailable(f"{label} does not answer or broke off. Try again, or choose another model.")
        if isinstance(error, _NoAnswer):
            return ModelUnavailable(f"{label} sent what is no answer ({str(error)[:80]}). Try again.")
        if isinstance(error, httpx.HTTPError):
            return broke_off(self.info)
        words = str(getattr(error, "message", None) or error)[:200]
        return ModelUnavailable(f"{label} failed in the middle of its answer: {words}. Try again.")


class _NoAnswer(Exception):
    """What came cannot be read."""


class _Filtered(Exception):
    """The provider's filter let the question not through."""


def openai_chat_model(
    info: ModelInfo, access: OpenAiAccess, *, model_id: str, sampling: Sampling = "both"
) -> LangChainChatModel:
    """A model of OpenAI, or of a server that speaks its API."""

    def make(client: Any) -> Any:
        from langchain_openai import ChatOpenAI
        from langchain_openai.chat_models.base import BaseChatOpenAI

        # OpenAI has renamed max_tokens; other servers know the old name, and only that.
        kind: Any = ChatOpenAI if access.base_url.rstrip("/") == OPENAI_URL else BaseChatOpenAI
        return kind(model=model_id, api_key=access.api_key, base_url=access.base_url, **common(client))

    return LangChainChatModel(info, make, key_name="OPENAI_API_KEY", sampling=sampling)


def common(client: Any) -> dict[str, Any]:
    """What every model of LangChain's OpenAI package is made with."""
    return {
        "http_async_client": client,
        "max_retries": RETRIES,
        "stream_usage": True,
        "use_responses_api": False,
        "stream_chunk_timeout": None,  # the turn has its own patience, and thinking models are silent for long
    }


def http_client() -> Any:
    """A pool of connections with our limits of time."""
    import httpx

    timeout = httpx.Timeout(SILENT_SECONDS, connect=CONNECT_SECONDS)
    return httpx.AsyncClient(timeout=timeout, limits=httpx.Limits(max_connections=None, keepalive_expiry=30))


def _import() -> None:
    importlib.import_module("langchain_openai")
