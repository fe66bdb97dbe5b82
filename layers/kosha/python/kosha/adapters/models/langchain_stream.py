"""LangChain's chunks as pieces of an answer, and how a call is given up while its provider is silent.

Nothing here imports LangChain: what comes is looked at by its fields, so that importing a model costs nothing.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from concurrent.futures import Executor
from typing import Any, Literal, NamedTuple, Protocol, TypeVar

from kosha.adapters.models.cuttable import Call
from kosha.errors import KoshaError, ModelUnavailable
from kosha.model.prompt import ModelInfo, ModelKwargs, Piece, Usage

T = TypeVar("T")
Sampling = Literal["both", "one", "none"]

# Why providers stop: Converse (stopReason), OpenAI (finish_reason), TGI (finish_reason).
_STOP_REASONS: dict[str, Literal["end", "length", "refused"]] = {
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "length": "length",
    "guardrail_intervened": "refused",
    "content_filtered": "refused",
    "content_filter": "refused",
    "refusal": "refused",
    "refused": "refused",
}


class Chunk(Protocol):
    """What we use of langchain_core's AIMessageChunk and AIMessage."""

    content: Any
    response_metadata: dict[str, Any]
    usage_metadata: Any


def piece_of(chunk: Chunk) -> Piece:
    """What one chunk brings; thinking and tool calls bring no text."""
    told = chunk.response_metadata
    reason = told.get("stopReason") or told.get("finish_reason")
    usage = chunk.usage_metadata
    return Piece(
        text=_text(chunk.content),
        stop_reason=_STOP_REASONS.get(reason, "end") if reason else None,
        usage=Usage(input_tokens=usage["input_tokens"], output_tokens=usage["output_tokens"]) if usage else None,
    )


def asked(info: ModelInfo, kwargs: ModelKwargs, sampling: Sampling, *, hottest: float = 2.0) -> dict[str, float]:
    """How the model shall answer, within what it takes; `max_tokens` is an int.

    sampling: temperature and top_p both, one of them (the temperature where top_p says nothing), or neither.
    hottest: the highest temperature of the provider.
    Source: Bedrock user guide, "Claude 4.5: temperature and top_p cannot both be specified"; later ones take neither.
    """
    told: dict[str, float] = {"max_tokens": min(kwargs.max_tokens, info.max_output_tokens)}
    if sampling == "both" or (sampling == "one" and kwargs.top_p == 1.0):
        told["temperature"] = min(kwargs.temperature, hottest)
    if sampling == "both" or (sampling == "one" and kwargs.top_p < 1.0):
        told["top_p"] = kwargs.top_p
    return told


class Errors(NamedTuple):
    """What may go wrong at a provider, and what it is in our words; every other exception is our bug and flies."""

    kinds: tuple[type[Exception], ...]
    as_ours: Callable[[str, Exception], KoshaError]  # (the model's label, the error)


async def pieces(info: ModelInfo, chunks: AsyncGenerator[Any], errors: Errors) -> AsyncGenerator[Piece]:
    """The answer to its end. Raises what `errors` makes of a failure, ModelUnavailable where there is no end."""
    ended = False
    try:
        async for chunk in chunks:
            piece = piece_of(chunk)
            ended = ended or piece.stop_reason is not None
            yield piece
    except errors.kinds as error:
        if not ended:  # after its end the answer is whole, and only the count of tokens can be missing
            raise errors.as_ours(info.label, error) from error
    finally:
        await chunks.aclose()
    if not ended:
        raise broke_off(info)


def broke_off(info: ModelInfo) -> ModelUnavailable:
    """For an answer without an end."""
    return ModelUnavailable(f"{info.label} broke off in the middle of its answer. Try again.")


async def from_thread(read: Callable[[], Iterable[T]], threads: Executor) -> AsyncGenerator[T]:
    """What a blocking call yields, as it comes; closing this cuts the call's connection at once."""
    loop, queue, call = asyncio.get_running_loop(), asyncio.Queue[T | None](), Call()

    def work() -> None:
        with call.running():
            for item in read():
                loop.call_soon_threadsafe(queue.put_nowait, item)

    reading = loop.run_in_executor(threads, work)
    try:
        async for item in _read(queue, reading):
            yield item
    finally:
        call.cut()
        reading.add_done_callback(_look)


async def from_task(chunks: AsyncIterator[T]) -> AsyncGenerator[T]:
    """The same of an asynchronous call, which always waits inside the provider's client: there it is cancelled."""
    queue = asyncio.Queue[T | None]()

    async def work() -> None:
        async for item in chunks:
            queue.put_nowait(item)

    reading = asyncio.create_task(work())
    try:
        async for item in _read(queue, reading):
            yield item
    finally:
        reading.cancel()
        reading.add_done_callback(_look)
        await asyncio.wait([reading])


def _text(content: Any) -> str:
    """The text among a chunk's blocks."""
    if isinstance(content, str):
        return content
    blocks: list[Any] = content or []
    return "".join(block if isinstance(block, str) else block.get("text") or "" for block in blocks if _is_said(block))


def _is_said(block: Any) -> bool:
    return isinstance(block, str) or block.get("type") == "text"


async def _read(queue: "asyncio.Queue[T | None]", reading: "asyncio.Future[None]") -> AsyncGenerator[T]:
    """What `reading` puts into the queue until it is done. Raises what it ended in."""
    reading.add_done_callback(lambda _: queue.put_nowait(None))
    while (item := await queue.get()) is not None:
        yield item
    await reading


def _look(done: "asyncio.Future[None]") -> None:
    """Nobody waits for the end of a call that was given up; asyncio would complain of an error nobody saw."""
    if not done.cancelled():
        done.exception()
