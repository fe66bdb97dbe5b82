"""Frames of the socket and of the event stream as JSON text."""

import json
from datetime import datetime
from typing import Any

from kosha.errors import NotFound
from kosha.model.record import Record, rfc3339
from kosha.model.turn import Ask, Delta, Turn
from kosha.model.wire import ErrorData, FinalData, FrameAction, ThinkingData


def frame(action: FrameAction, data: dict[str, Any], now: datetime) -> str:
    """One frame of PROTOCOL.md."""
    return json.dumps(
        {"type": "text", "action": action, "timestamp": rfc3339(now), "data": data},
        ensure_ascii=False,
        separators=(",", ":"),
    )


def record_frame(action: FrameAction, data: Record, now: datetime) -> str:
    """A frame that carries a noun."""
    return frame(action, data.wire(), now)


def token_frame(session_id: str, message_id: str, delta: Delta, now: datetime) -> str:
    """The frame of one delta; made thousands of times a second, so without a noun in between."""
    token = {"runId": delta.run_id, "sequenceNumber": delta.sequence, "value": delta.value}
    return frame("llm_new_token", {"sessionId": session_id, "messageId": message_id, "token": token}, now)


def delta_frame(turn: Turn, delta: Delta, now: datetime) -> str:
    """The frame of a delta that the record keeps."""
    return token_frame(turn.ask.session_id, turn.ask.message_id, delta, now)


def thinking_frame(ask: Ask, name: str, detail: str, now: datetime) -> str:
    """What is being done before the text comes."""
    data = ThinkingData(session_id=ask.session_id, message_id=ask.message_id, name=name, detail=detail)
    return record_frame("thinking_step", data, now)


def end_frame(end: FinalData | ErrorData, now: datetime) -> str:
    """The one frame that ends a turn."""
    return record_frame("final_response" if isinstance(end, FinalData) else "error", end, now)


def ended_frame(turn: Turn, now: datetime) -> str:
    """The frame of the end that the record keeps."""
    assert turn.end is not None
    end = turn.end.final or turn.end.error
    assert end is not None
    return end_frame(end, now)


def gone_frame(message_id: str, error: NotFound, now: datetime) -> str:
    """What ends a turn whose session was deleted."""
    return end_frame(ErrorData(message_id=message_id, code="not_found", content=str(error), retryable=False), now)


def fitting(frame: str, turn: Turn, now: datetime, *, limit_bytes: int) -> str:
    """The frame of the end, without the passages where it is longer than a gateway lets through.

    The session keeps them: REST tells them to whoever wants to see them.
    """
    if len(frame.encode()) <= limit_bytes or turn.end is None or turn.end.final is None:
        return frame
    metadata = turn.end.final.metadata.model_copy(update={"documents": ()})
    return end_frame(turn.end.final.model_copy(update={"metadata": metadata}), now)
