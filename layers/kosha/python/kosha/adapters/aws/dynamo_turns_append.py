"""Token frames in DynamoDB: written before the record of their turn counts them.

A frame counts only once its number is below the turn's `next_sequence`, and of two of one number the one of the higher
fence counts. So a frame that a holder wrote although the turn was no longer its own does no harm: the write that would
have counted it fails by its fence, and the next holder, who goes on at the number that the record tells, writes that
number again under a higher fence before it counts it.
"""

from collections.abc import Sequence
from datetime import timedelta

from kosha.adapters.aws import dynamo_chat_keys as keys
from kosha.adapters.aws.dynamo_chat import Chat, moment_in_key
from kosha.adapters.aws.dynamo_turns_follow import followers_of
from kosha.adapters.aws.items import Item
from kosha.errors import LostLease
from kosha.model.turn import Delta, TurnKey
from kosha.ports import Beat

LEASE = timedelta(seconds=15)
REPLAY = timedelta(minutes=10)  # how long after its end a turn's frames are given
# A frame's time to live runs from when it is written: to write all of them again at the end would double their price.
# A turn that nobody answered for longer goes on, but what it had said before is not replayed.
_LIFE = timedelta(days=1)


def append(chat: Chat, key: TurnKey, fence: int, deltas: Sequence[Delta]) -> Beat:
    """See `DynamoTurns.append`. Blocking."""
    expires_at = int((chat.now() + _LIFE).timestamp())
    for delta in deltas:
        frame = {"run_id": delta.run_id, "value": delta.value, "expires_at": expires_at}
        item: Item = {**keys.delta(key, delta.sequence, fence), **frame}
        chat.turns.put(item, condition="attribute_not_exists(#turn_id)")  # sent again: kept as it is
    turn = None
    if deltas:
        turn = _count(chat, key, fence, max(delta.sequence for delta in deltas) + 1)
    if turn is None:  # a heartbeat, or frames that were counted before
        turn = _renew(chat, key, fence)
    if turn is None:
        raise LostLease("Another holder has this turn, or it has ended.")
    return Beat(turn["stop_requested"], followers_of(turn))


def _count(chat: Chat, key: TurnKey, fence: int, next_sequence: int) -> Item | None:
    return chat.turns.update(
        keys.turn(key),
        "SET #lease_until = :lease_until, #next_sequence = :next",
        condition="#fence = :fence AND #status = :running AND #next_sequence <= :next",
        values={**_held(chat, fence), "next": next_sequence},
    )


def _renew(chat: Chat, key: TurnKey, fence: int) -> Item | None:
    return chat.turns.update(
        keys.turn(key),
        "SET #lease_until = :lease_until",
        condition="#fence = :fence AND #status = :running",
        values=_held(chat, fence),
    )


def _held(chat: Chat, fence: int) -> Item:
    return {"lease_until": moment_in_key(chat.now() + LEASE), "fence": fence, "running": "running"}


def deltas(chat: Chat, key: TurnKey, after: int) -> list[Delta]:
    """See `DynamoTurns.deltas`. The record is read first: frames below its count are all there by then."""
    turn = chat.turns.get(keys.turn(key))
    if turn is None or _is_past_replay(chat, turn) or turn["next_sequence"] <= after + 1:
        return []
    values = {
        "turn_id": keys.turn_id(key),
        "first": keys.deltas_from(after + 1),
        "end": keys.deltas_from(turn["next_sequence"]),
    }
    # A later frame of one number replaces the earlier: keys end in the fence.
    found = {
        int(item["sort_key"].split("#")[1]): item
        for item in chat.turns.every("#turn_id = :turn_id AND #sort_key BETWEEN :first AND :end", values)
    }
    return [Delta(sequence, item["run_id"], item["value"]) for sequence, item in found.items()]


def _is_past_replay(chat: Chat, turn: Item) -> bool:
    return "ended_at" in turn and turn["ended_at"] < moment_in_key(chat.now() - REPLAY)
