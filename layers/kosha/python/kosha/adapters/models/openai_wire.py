"""OpenAI's chat completions as bytes and JSON: what is asked, what comes back, what a refusal means.

Source: OpenAI API reference, "Create chat completion", streaming.
"""

import json
from collections.abc import AsyncIterator
from typing import Any, Literal, cast

from kosha.adapters.models.messages import messages
from kosha.errors import ModelUnavailable, Rejected
from kosha.model.prompt import ModelInfo, Piece, Prompt, Usage

DONE = b"[DONE]"
Json = dict[str, Any]
_STOP_REASONS: dict[str, Literal["end", "length", "refused"]] = {"length": "length", "content_filter": "refused"}
_RETRY_MS = 5000


def body(model: str, prompt: Prompt) -> Json:
    """What is posted to /chat/completions."""
    kwargs = prompt.kwargs
    told: Json = {
        "model": model,
        "messages": messages(prompt),
        "stream": kwargs.streaming,
        "max_tokens": kwargs.max_tokens,
        "temperature": kwargs.temperature,
        "top_p": kwargs.top_p,
    }
    if kwargs.streaming:
        told["stream_options"] = {"include_usage": True}
    return told


async def events(blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The data of each server-sent event, in order, wherever the network has cut it."""
    rest = b""
    async for block in blocks:
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                yield line[5:].strip()
    if rest.startswith(b"data:"):
        yield rest[5:].strip()


def piece(info: ModelInfo, data: bytes) -> Piece:
    """What one event brings. Raises ModelUnavailable for an error in the middle, ValueError for what is no JSON."""
    event = _object(info, json.loads(data))
    if error := event.get("error"):
        raise ModelUnavailable(f"{info.label} failed in the middle of its answer: {_message(error)}. Try again.")
    usage = _usage(event.get("usage"))
    choices = event.get("choices")
    if not choices:
        return Piece(usage=usage)
    choice = _object(info, choices[0])
    text = _content(choice.get("delta"))
    reason = choice.get("finish_reason")
    if reason is None and usage is None and isinstance(text, str):
        return Piece.model_construct(text=text, stop_reason=None, usage=None)  # every token comes this way
    return Piece(text=text, stop_reason=_STOP_REASONS.get(reason, "end") if reason else None, usage=usage)


def whole(info: ModelInfo, reply: object) -> Piece:
    """An answer that came in one reply. Raises ModelUnavailable where it is none."""
    told = _object(info, reply)
    if not told.get("choices"):
        raise _no_answer(info, told)
    choice = _object(info, told["choices"][0])
    reason = _STOP_REASONS.get(choice.get("finish_reason") or "stop", "end")
    return Piece(text=_content(choice.get("message")), stop_reason=reason, usage=_usage(told.get("usage")))


def refusal(
    info: ModelInfo, status: int, text: str, retry_after: str | None, *, key_name: str = "OPENAI_API_KEY"
) -> ModelUnavailable | Rejected:
    """What a reply that is not 200 means for the person who asked. key_name: the setting that holds our key."""
    if status in (401, 403):
        words = f"An administrator must set a valid {key_name}."
        return ModelUnavailable(f"{info.label} refused our key ({status}). {words}")
    if status == 429:
        is_seconds = retry_after is not None and retry_after.replace(".", "", 1).isdecimal()
        wait_ms = int(float(retry_after) * 1000) if retry_after and is_seconds else _RETRY_MS
        words = f"Try again in {max(1, round(wait_ms / 1000))} s."
        return ModelUnavailable(f"{info.label} has too much to do (429). {words}", wait_ms)
    if status in (400, 404, 413, 422):
        return Rejected(f"{info.label} did not take the question ({status}): {_message(text)}")
    return ModelUnavailable(f"{info.label} failed ({status}). Try again, or choose another model.")


def _object(info: ModelInfo, told: object) -> Json:
    if not isinstance(told, dict):
        raise _no_answer(info, told)
    return cast("Json", told)


def _no_answer(info: ModelInfo, told: object) -> ModelUnavailable:
    words = "Try again, or choose another model."
    return ModelUnavailable(f"{info.label} sent what is no answer: {str(told)[:80]!r}. {words}")


def _content(message: Json | None) -> Any:
    return (message.get("content") if message else None) or ""


def _usage(told: Json | None) -> Usage | None:
    if not told:
        return None
    return Usage(input_tokens=told.get("prompt_tokens") or 0, output_tokens=told.get("completion_tokens") or 0)


def _message(error: object) -> str:
    """The provider's own words, of JSON as text or parsed, or of whatever stands there instead."""
    if isinstance(error, str):
        try:
            error = json.loads(error)
        except json.JSONDecodeError:
            return str(error)[:200] or "no reason given"
    if isinstance(error, dict):
        told = cast("Json", error)
        inner = told.get("error", told)
        return str(cast("Json", inner).get("message", inner) if isinstance(inner, dict) else inner)[:200]
    return str(error)[:200]
