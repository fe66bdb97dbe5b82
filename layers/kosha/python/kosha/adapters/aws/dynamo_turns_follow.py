"""Which connections follow a turn, and which were told its end, as two maps of its record; and ends not told at all.

Their names are connection ids in hexadecimal: what an expression names must be a word.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import uuid4

from kosha.adapters.aws import dynamo_chat_keys as keys
from kosha.adapters.aws.dynamo_chat import Chat, moment_in_key
from kosha.adapters.aws.items import Item
from kosha.model.turn import TurnKey
from kosha.ports import SINCE_THE_QUESTION


def follow(chat: Chat, key: TurnKey, connection_id: str, after: int) -> bool:
    """See `DynamoTurns.follow`."""
    change = f"SET #followers.#{_slot(connection_id)} = :after"
    values = {"after": after, "ended": "ended"}
    condition = "attribute_exists(#turn_id) AND #status <> :ended"
    return chat.turns.update(keys.turn(key), change, condition=condition, values=values) is not None


def gather(chat: Chat, key: TurnKey, connection_ids: Collection[str]) -> dict[str, int]:
    """See `DynamoTurns.gather`."""
    slots = [f"#followers.#{_slot(connection_id)}" for connection_id in connection_ids]
    if not slots:
        turn = chat.turns.get(keys.turn(key))
    else:
        change = "SET " + ", ".join(f"{slot} = if_not_exists({slot}, :since)" for slot in slots)
        values = {"since": SINCE_THE_QUESTION}
        turn = chat.turns.update(keys.turn(key), change, condition="attribute_exists(#turn_id)", values=values)
    if turn is None:
        return {}
    return {name: after for name, after in followers_of(turn).items() if _slot(name) not in turn["told"]}


def untold(chat: Chat, before: datetime) -> list[TurnKey]:
    """See `DynamoTurns.untold`."""
    found = chat.turns.every("#open = :open", {"open": "1"}, index="by_open")
    turns = chat.turns.get_many([{"turn_id": each["turn_id"], "sort_key": each["sort_key"]} for each in found])
    latest = moment_in_key(before)
    ended = [turn for turn in turns if "open" in turn and "ended_at" in turn and turn["ended_at"] < latest]
    return [keys.turn_of(turn["turn_id"]) for turn in sorted(ended, key=lambda turn: turn["ended_at"])]


def handed_on(chat: Chat, key: TurnKey) -> None:
    """See `DynamoTurns.handed_on`."""
    condition, values = "attribute_exists(#turn_id) AND #status = :ended", {"ended": "ended"}
    chat.turns.update(keys.turn(key), "REMOVE #open, #opened_at", condition=condition, values=values)


def hears(chat: Chat, key: TurnKey, connection_id: str) -> bool:
    """See `DynamoTurns.hears`."""
    turn, slot = chat.turns.get(keys.turn(key)), _slot(connection_id)
    return turn is not None and turn["followers"].get(slot) == SINCE_THE_QUESTION and slot not in turn["told"]


def mark_told(chat: Chat, key: TurnKey, connection_id: str) -> bool:
    """See `DynamoTurns.mark_told`. The mark names the call, which may be sent again when its reply was lost."""
    slot, call = _slot(connection_id), uuid4().hex
    condition = f"attribute_exists(#turn_id) AND attribute_not_exists(#told.#{slot})"
    if chat.turns.update(keys.turn(key), f"SET #told.#{slot} = :call", condition=condition, values={"call": call}):
        return True
    turn = chat.turns.get(keys.turn(key))
    return turn is None or turn["told"].get(slot) == call


def joined(chat: Chat, key: TurnKey) -> dict[str, int]:
    """See `DynamoTurns.joined`."""
    turn = chat.turns.get(keys.turn(key))
    return {} if turn is None else followers_of(turn)


def forget_told(chat: Chat, key: TurnKey, connection_id: str) -> None:
    """See `DynamoTurns.forget_told`."""
    change, condition = f"REMOVE #told.#{_slot(connection_id)}", "attribute_exists(#turn_id)"
    chat.turns.update(keys.turn(key), change, condition=condition)


def followers_of(turn: Item) -> dict[str, int]:
    """Each connection with the last sequence number it has seen."""
    return {_connection_id(slot): after for slot, after in turn["followers"].items()}


def _slot(connection_id: str) -> str:
    return f"c{connection_id.encode().hex()}"


def _connection_id(slot: str) -> str:
    return bytes.fromhex(slot[1:]).decode()
