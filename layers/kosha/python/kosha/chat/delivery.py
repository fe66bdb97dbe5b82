"""An answer on its way where its maker, its news and its followers are apart: made here, told there, at least once.

Who sends what is decided by one rule: frames of a turn that runs are sent by whoever holds it, and by nobody else; the
end is told by whoever hears of it, to each connection once.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from kosha.chat.answer import answer
from kosha.chat.frames import ended_frame, fitting, gone_frame
from kosha.errors import LostLease, NotFound, Unavailable
from kosha.model.turn import Turn, TurnKey
from kosha.observe import log
from kosha.ports import GatewayPorts

FRAME_LIMIT_BYTES = 120_000  # API Gateway lets 128 KB through (quotas of WebSocket APIs, 2026-11)
CONNECTIONS_TOLD = 8
TOLD_AT_ONCE = 8
JUST_COME = timedelta(seconds=30)


async def work(key: TurnKey, ports: GatewayPorts) -> Turn | None:
    """Answer a question, send its frames, and have its end told; returns the turn that ended, None without one.

    A question that somebody living holds is left to them, and the message that brought it may be dropped: their own
    message is not done with before the end is handed on, and a turn whose holder dies is sent again by `send_again`.
    A turn that had ended already may have lost its news with the process that made it: its end is told again, which
    each connection hears once. Raises what `answer` raises, except LostLease, and Unavailable: then try again.
    """
    try:
        await answer(key, ports)
    except LostLease:
        log.warning("turn taken over", extra={"fields": {"messageId": key.message_id}})
    finally:
        await ports.outbox.drained()
        turn = await asyncio.to_thread(_hand_on, key, ports)
    return turn


def tell_end(key: TurnKey, ports: GatewayPorts) -> int:
    """Tell the end of a turn to each connection that follows it and has not heard it; returns to how many.

    A connection is marked before it is told: where this process dies in between it hears nothing, and asks again, but
    it never hears the end twice. Raises Unavailable when somebody could not be told: try again.
    """
    try:
        turn = ports.turns.get(key)
    except NotFound as error:
        frame = gone_frame(key.message_id, error, ports.now())
    else:
        if turn.end is None:
            return 0
        frame = fitting(ended_frame(turn, ports.now()), turn, ports.now(), limit_bytes=FRAME_LIMIT_BYTES)
    with ThreadPoolExecutor(TOLD_AT_ONCE, thread_name_prefix="tell") as threads:
        telling = [threads.submit(_tell, key, connection_id, frame, ports) for connection_id in _audience(key, ports)]
    return sum(told.result() for told in telling)


def send_again(ports: GatewayPorts) -> int:
    """Hand on every question that nobody living holds, but those that have only just come; returns how many.

    Who waits in a queue longer than that is sent again needlessly, which costs a message: only one claims the turn.
    """
    oldest = ports.now() - JUST_COME
    left = [ask for ask in ports.turns.unfinished() if ask.accepted_at < oldest]
    for ask in left:
        ports.asks.send(ask)
    return len(left)


def tell_again(ports: GatewayPorts) -> int:
    """Hand on every end whose maker died, or could not be heard, before it had done so; returns how many."""
    left = ports.followers.untold(ports.now() - JUST_COME)
    for key in left:
        _hand_on(key, ports)
    return len(left)


def _hand_on(key: TurnKey, ports: GatewayPorts) -> Turn | None:
    try:
        turn = ports.turns.get(key)
    except NotFound:  # its session was deleted: who follows must not wait for ever
        ports.endings.send(key, trace_id=None)
        return None
    if turn.end is None:
        return None
    ports.endings.send(key, trace_id=turn.ask.trace_id)
    ports.followers.handed_on(key)  # where this process dies before it, the end is handed on again, and told once
    return turn


def _audience(key: TurnKey, ports: GatewayPorts) -> list[str]:
    """Who joined, and the user's other windows while they are few."""
    here = [connection.id for connection in ports.connections.of(key.user_id)]
    joined = ports.followers.joined(key)
    return list(dict.fromkeys([*joined, *(here if len(here) <= CONNECTIONS_TOLD else [])]))


def _tell(key: TurnKey, connection_id: str, frame: str, ports: GatewayPorts) -> bool:
    """Whether the connection hears it now. Raises Unavailable, the mark taken back."""
    if not ports.followers.mark_told(key, connection_id):
        return False
    try:
        return post(connection_id, frame, ports)
    except Unavailable:
        ports.followers.forget_told(key, connection_id)
        raise


def post(connection_id: str, frame: str, ports: GatewayPorts) -> bool:
    """Send a frame; False where the connection is gone, which is forgotten then. Raises Unavailable."""
    if ports.sockets.post(connection_id, frame):
        return True
    ports.connections.remove(connection_id)
    return False
