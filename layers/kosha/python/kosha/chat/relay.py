"""A frame of a client whose socket a gateway holds: checked, acted on, answered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from kosha.chat.accept import keep, stop, turn_named
from kosha.chat.delivery import FRAME_LIMIT_BYTES, post
from kosha.chat.frames import delta_frame, ended_frame, fitting, frame, record_frame
from kosha.chat.incoming import Incoming, action_of, error_frame, our_fault, parsed
from kosha.chat.listeners import put_out
from kosha.errors import KoshaError, NotFound, Unauthorized, Unavailable
from kosha.model.connection import Connection
from kosha.model.turn import Turn, TurnKey
from kosha.model.user import Caller
from kosha.model.wire import AcceptedData, AuthorizeData, ResumeData, RunData, StopData
from kosha.observe import log
from kosha.ports import SINCE_THE_QUESTION, GatewayPorts


def take(connection_id: str, text: str, ports: GatewayPorts, *, trace_id: str) -> None:
    """Do what one frame asks for; a broken one is answered, and the connection stays open.

    Who is not signed in any more is told so and put out. Raises Unavailable where nothing can be said.
    """
    message: Incoming = {}
    here = _Here(connection_id, ports, trace_id)
    try:
        message = parsed(text)
        ACTIONS[action_of(message, ACTIONS)](here, message.get("data") or {})
    except Unauthorized as error:
        put_out(connection_id, error, ports)
    except (ValidationError, KoshaError) as error:
        here.say(error_frame(error, message, ports.now()))
    except Exception:
        # The last door: a bug of ours answers this one frame and leaves the connection open.
        log.exception("frame failed", extra={"fields": {"traceId": trace_id}})
        here.say(error_frame(our_fault(trace_id), message, ports.now()))


@dataclass
class _Here:
    """The connection a frame came by."""

    id: str
    ports: GatewayPorts
    trace_id: str

    @cached_property
    def connection(self) -> Connection:
        """Raises Unauthorized where it is not known: it was put out, or is older than a connection becomes."""
        try:
            return self.ports.connections.get(self.id)
        except NotFound as error:
            raise Unauthorized("This connection is not known any more. Open a new one.") from error

    @property
    def caller(self) -> Caller:
        """Whose it is, asked again at every frame. Raises Unauthorized."""
        return self.ports.tokens.confirm(self.connection.authorisation)

    def say(self, text: str) -> bool:
        """Answer; False where nobody hears it."""
        return post(self.id, text, self.ports)


def _run(here: _Here, data: Any) -> None:
    """`accepted` is said before the question is handed on, so that it comes before the answer."""
    ports, run = here.ports, RunData.model_validate(data)
    turn, is_new = keep(here.caller, run, ports, trace_id=here.trace_id)
    key, after = turn.ask.key, SINCE_THE_QUESTION if is_new else -1
    hears = not is_new and ports.followers.hears(key, here.id)  # sent in doubt, or of another window
    follows = hears or (turn.end is None and ports.followers.follow(key, here.id, after))
    accepted = AcceptedData(session_id=turn.ask.session_id, message_id=turn.ask.message_id)
    here.say(record_frame("accepted", accepted, ports.now()))
    if not follows:
        _replay(here, key, after=-1)
    elif turn.status == "accepted":  # also of a question that is known: it may have been lost on its way
        _send(turn, ports)


def _send(turn: Turn, ports: GatewayPorts) -> None:
    try:
        ports.asks.send(turn.ask)
    except Unavailable as error:  # it is kept, and handed on by the next look for such questions
        log.warning("a question waits", extra={"fields": {"messageId": turn.ask.message_id, "why": str(error)}})


def _stop(here: _Here, data: Any) -> None:
    request = StopData.model_validate(data)
    stop(here.caller, request, here.ports)


def _resume(here: _Here, data: Any) -> None:
    """Whoever holds the turn sends what is missed; of one that has ended, it is sent from here."""
    request = ResumeData.model_validate(data)
    turn = turn_named(here.caller, request, here.ports)
    key, after = turn.ask.key, request.after_sequence
    if turn.end is not None or not here.ports.followers.follow(key, here.id, after):
        _replay(here, key, after=after)


def _heartbeat(here: _Here, _: Any) -> None:
    _ = here.caller
    here.say(frame("heartbeat", {}, here.ports.now()))


def _authorize(here: _Here, data: Any) -> None:
    authorisation = here.ports.tokens.authorise(AuthorizeData.model_validate(data).token)
    if authorisation.user.id != here.connection.user.id:
        raise Unauthorized("The new token is another user's. Open a new connection for them.")
    here.ports.connections.renew(here.id, authorisation)


ACTIONS: Mapping[str, Callable[[_Here, Any], None]] = {
    "run": _run,
    "stop": _stop,
    "resume": _resume,
    "heartbeat": _heartbeat,
    "authorize": _authorize,
}


def _replay(here: _Here, key: TurnKey, *, after: int) -> None:
    """The frames of a turn that has ended, and its end."""
    ports = here.ports
    turn = ports.turns.get(key)
    for delta in ports.turns.deltas(key, after=after):
        if not here.say(delta_frame(turn, delta, ports.now())):
            return
    ports.followers.mark_told(key, here.id)  # asked for: it is told here, and not once more by whoever hears of the end
    now = ports.now()
    here.say(fitting(ended_frame(turn, now), turn, now, limit_bytes=FRAME_LIMIT_BYTES))
