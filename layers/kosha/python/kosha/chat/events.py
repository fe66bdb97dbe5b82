"""An answer as server-sent events where no reply may stay open for long: what is there, after a while of waiting."""

import time
from collections.abc import Callable

from kosha.chat.frames import delta_frame, ended_frame
from kosha.errors import Invalid
from kosha.model.turn import TurnKey
from kosha.ports import Ports

_RETRY = "retry: 300\n\n"  # milliseconds until a browser comes back for more
_FIRST_PAUSE_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 0.25


def events(
    key: TurnKey,
    *,
    after: int,
    ports: Ports,
    pause: Callable[[float], None] = time.sleep,
) -> str | None:
    """The token frames numbered above `after`, and the end, as an event stream (WHATWG HTML, 9.2).

    Waits for the end, but no longer than the limit (API Gateway gives a reply up after 29 s): then the reader comes
    back, naming the last number it has.
    None for one who names a number beyond the last of a turn that has ended: it has seen all. Raises NotFound.
    """
    deadline = time.monotonic() + ports.limits.stream_seconds
    pause_seconds = _FIRST_PAUSE_SECONDS
    told: list[str] = []
    while True:
        turn = ports.turns.get(key)  # read before its deltas: those of an ended turn are all there
        if turn.end is not None and not told and after >= turn.next_sequence > 0:
            return None
        for delta in ports.turns.deltas(key, after=after):
            told.append(_event(delta_frame(turn, delta, ports.now()), delta.sequence))
            after, pause_seconds = delta.sequence, _FIRST_PAUSE_SECONDS
        if turn.end is not None:
            return "".join([_RETRY, *told, _event(ended_frame(turn, ports.now()), None)])
        if time.monotonic() + pause_seconds > deadline:
            return "".join([_RETRY, *told])
        pause(pause_seconds)
        pause_seconds = min(pause_seconds * 1.5, _LONGEST_PAUSE_SECONDS)


def place_after(last_event_id: str | None, after: str | None) -> int:
    """The number that a reader has seen last: its browser's word before its own; -1 for all. Raises Invalid."""
    told = last_event_id or after or "-1"
    try:
        return max(-1, int(told))
    except ValueError as error:
        raise Invalid(f"The place to resume after is {told!r}; it must be a sequence number, or -1 for all.") from error


def _event(frame: str, sequence: int | None) -> str:
    number = "" if sequence is None else f"id: {sequence}\n"
    return f"{number}data: {frame}\n\n"
