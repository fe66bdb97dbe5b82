"""Frames as clients send them: taken apart, and answered where they are broken."""

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any, cast

from pydantic import ValidationError

from kosha.chat.frames import record_frame
from kosha.errors import Invalid, KoshaError, Rejected, TooLarge
from kosha.model.wire import ErrorData

FRAME_LIMIT_CHARACTERS = 256 * 1024
Incoming = dict[str, Any]


def parsed(text: str) -> Incoming:
    """A client's frame as an object. Raises Invalid or TooLarge."""
    if len(text) > FRAME_LIMIT_CHARACTERS:
        raise TooLarge(f"The frame has {len(text):,} characters; the limit is {FRAME_LIMIT_CHARACTERS:,}.")
    try:
        message: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Invalid(f"The frame is not JSON ({error}). Send one JSON object a frame.") from error
    if not isinstance(message, dict):
        raise Invalid('The frame is no JSON object. Send {"action": ..., "data": {...}}.')
    return cast("Incoming", message)


def action_of(message: Incoming, known: Collection[str]) -> str:
    """What the frame asks for. Raises Invalid where nobody knows that."""
    action = str(message.get("action"))
    if action not in known:
        raise Invalid(f"Action {action[:50]!r} is not known; it is one of: {', '.join(known)}.")
    return action


def error_frame(error: KoshaError | ValidationError, message: Incoming, now: datetime) -> str:
    """An error for a frame that did not become a turn; it names session and message where the frame did."""
    told = _first_problem(error) if isinstance(error, ValidationError) else error
    data = message.get("data")
    named = cast("Incoming", data) if isinstance(data, dict) else {}
    wait_seconds = getattr(told, "retry_after_seconds", None)
    frame_data = ErrorData(
        session_id=_text(named.get("sessionId")),
        message_id=_text(named.get("messageId")),
        code=getattr(told, "code", "internal"),
        content=str(told),
        retryable=not isinstance(told, Rejected) or wait_seconds is not None,
        retry_after_ms=wait_seconds * 1000 if wait_seconds else None,
    )
    return record_frame("error", frame_data, now)


def our_fault(reference: str) -> KoshaError:
    """What a person is told of a bug of ours; the log has the rest under the reference."""
    return KoshaError(f"Something went wrong on our side (reference {reference}). Try again.")


def _first_problem(error: ValidationError) -> Rejected:
    first = error.errors()[0]
    where = ".".join(["data", *(str(part) for part in first["loc"])])
    kind = TooLarge if first["type"] == "string_too_long" else Invalid
    return kind(f"{where}: {first['msg']} (got {str(first.get('input'))[:80]!r}). Correct it and send the frame again.")


def _text(value: Any) -> str | None:
    """What a client calls its message or session, as far as it can be said back."""
    return value[:100].encode(errors="replace").decode() if isinstance(value, str) else None
