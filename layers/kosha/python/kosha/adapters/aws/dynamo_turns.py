"""Turns in DynamoDB: one record a question, held by a lease with a fencing number."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import uuid4

from kosha.adapters.aws import dynamo_chat_keys as keys
from kosha.adapters.aws import dynamo_turns_append, dynamo_turns_follow
from kosha.adapters.aws.clients import DynamoDb
from kosha.adapters.aws.dynamo_chat import Now, moment_in_key, open_chat
from kosha.adapters.aws.dynamo_turns_accept import accept
from kosha.adapters.aws.dynamo_turns_append import LEASE, append
from kosha.adapters.aws.dynamo_turns_finish import finish
from kosha.adapters.aws.dynamo_turns_read import read_turn, turn_of
from kosha.adapters.aws.items import Item
from kosha.adapters.placing import Place
from kosha.errors import NotFound
from kosha.model.session import Message
from kosha.model.turn import Ask, Delta, Turn, TurnEnd, TurnKey
from kosha.ports import Beat

_CLAIM = "SET #status = :running, #fence = #fence + :one, #claim = :claim, #lease_until = :lease_until"
_HELD_BY_NONE = "(attribute_not_exists(#lease_until) OR #lease_until < :now)"
_FREE = f"attribute_exists(#turn_id) AND #status <> :ended AND {_HELD_BY_NONE}"


class DynamoTurns:
    """Fits the ports `Turns` and `Followers`. Every call raises Unavailable where DynamoDB stays away or busy."""

    def __init__(self, client: DynamoDb, *, turns_table: str, sessions_table: str, now: Now) -> None:
        self._chat = open_chat(client, sessions_table, turns_table, now)

    def accept(
        self, ask: Ask, *, parent_id: str | None, branch_from: str | None, regenerates: bool
    ) -> tuple[Turn, bool]:
        """Keep a question, its session and its turn at once, or find them kept: (turn, whether it is new).

        Without `parent_id` the question follows the newest branch. Raises NotFound for another user's session and for
        a message that is not in it, Rejected where the message id names something else already.
        """
        return accept(self._chat, ask, Place(parent_id, branch_from, regenerates=regenerates))

    def get(self, key: TurnKey) -> Turn:
        """Raises NotFound."""
        turn = read_turn(self._chat, key)
        if turn is None:
            raise NotFound("message", key.message_id)
        return turn

    def claim(self, key: TurnKey) -> Turn | None:
        """Take the turn with a new fence for 15 s; None if it is gone, has ended or a living holder has it."""
        claim, now = uuid4().hex, self._chat.now()
        values = {
            "running": "running",
            "ended": "ended",
            "one": 1,
            "claim": claim,
            "now": moment_in_key(now),
            "lease_until": moment_in_key(now + LEASE),
        }
        item = self._chat.turns.update(keys.turn(key), _CLAIM, condition=_FREE, values=values)
        if item is None:
            item = self._chat.turns.get(keys.turn(key))
            if item is None or item.get("claim") != claim:
                return None
            # This very call has taken it: its reply was lost, and botocore sent it again.
        return turn_of(self._chat, key, item)

    async def append(self, key: TurnKey, fence: int, deltas: Sequence[Delta]) -> Beat:
        """Keep token frames, renew the lease for 15 s, read the stop flag and who follows: durable when it returns.

        Raises LostLease when the turn has a newer fence or has ended.
        """
        return await asyncio.to_thread(append, self._chat, key, fence, deltas)

    def finish(self, key: TurnKey, fence: int, end: TurnEnd, answer: Message | None) -> None:
        """Keep the end and the answer's message at once, or neither. Raises LostLease.

        The answer's version is the next one of its question. Again after it was done: nothing changes.
        """
        finish(self._chat, key, fence, end, answer)

    def deltas(self, key: TurnKey, *, after: int) -> list[Delta]:
        """The token frames numbered above `after`, in order; none of a turn that ended more than 10 minutes ago."""
        return dynamo_turns_append.deltas(self._chat, key, after)

    def request_stop(self, key: TurnKey) -> None:
        """Ask the holder to stop. Raises NotFound; nothing happens where the turn has ended."""
        change, condition = "SET #stop_requested = :yes", "attribute_exists(#turn_id) AND #status <> :ended"
        values = {"yes": True, "ended": "ended"}
        if self._chat.turns.update(keys.turn(key), change, condition=condition, values=values) is not None:
            return
        if self._chat.turns.get(keys.turn(key)) is None:
            raise NotFound("message", key.message_id)

    def unfinished(self) -> list[Ask]:
        """Questions without an end that nobody living holds, oldest first; one of this second may still be missing."""
        now = moment_in_key(self._chat.now())
        found = list(self._chat.turns.every("#open = :open", {"open": "1"}, index="by_open"))
        asks = [{**key, "sort_key": "ask"} for key in map(_key_of, found)]
        items = self._chat.turns.get_many([*map(_key_of, found), *asks])
        by_key = {(item["turn_id"], item["sort_key"]): item for item in items}
        return [
            Ask.model_validate_json(asked["ask"])
            for each in found
            if (turn := by_key.get((each["turn_id"], "turn"))) is not None
            and (asked := by_key.get((each["turn_id"], "ask"))) is not None
            and turn["status"] != "ended"
            and turn.get("lease_until", "") < now
        ]

    def sweep(self) -> None:
        """Nothing to do: frames are not given after 10 minutes, and DynamoDB forgets them by their time to live."""

    def follow(self, key: TurnKey, connection_id: str, after: int) -> bool:
        """Have the holder send the frames numbered above `after`, then what comes; False where the turn has ended."""
        return dynamo_turns_follow.follow(self._chat, key, connection_id, after)

    def gather(self, key: TurnKey, connection_ids: Collection[str]) -> dict[str, int]:
        """Have these follow too, where they do not yet; returns all that follow and were not told the end."""
        return dynamo_turns_follow.gather(self._chat, key, connection_ids)

    def untold(self, before: datetime) -> list[TurnKey]:
        """Turns that ended before then, and whose end was not handed on, in the order of their ends."""
        return dynamo_turns_follow.untold(self._chat, before)

    def handed_on(self, key: TurnKey) -> None:
        """Those who tell the turn's end will hear of it; nothing happens where it has none, or is gone."""
        dynamo_turns_follow.handed_on(self._chat, key)

    def hears(self, key: TurnKey, connection_id: str) -> bool:
        """Whether it follows since the question was asked, and the end is still to come."""
        return dynamo_turns_follow.hears(self._chat, key, connection_id)

    def mark_told(self, key: TurnKey, connection_id: str) -> bool:
        """Note that a connection is told the turn's end: True once, then False; always True where the turn is gone."""
        return dynamo_turns_follow.mark_told(self._chat, key, connection_id)

    def joined(self, key: TurnKey) -> dict[str, int]:
        """All that followed, each with the number it named; it changes no more once the turn has ended."""
        return dynamo_turns_follow.joined(self._chat, key)

    def forget_told(self, key: TurnKey, connection_id: str) -> None:
        """Take the mark back: the end could not be sent."""
        dynamo_turns_follow.forget_told(self._chat, key, connection_id)


def _key_of(item: Item) -> keys.Key:
    return {"turn_id": item["turn_id"], "sort_key": item["sort_key"]}
