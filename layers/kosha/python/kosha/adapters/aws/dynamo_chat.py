"""The two tables that conversations are kept in, their clock, and how nouns are read from their items."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from kosha.adapters.aws import dynamo_chat_keys as keys
from kosha.adapters.aws.clients import DynamoDb
from kosha.adapters.aws.dynamo import DynamoTable
from kosha.adapters.aws.dynamo_chat_texts import Texts
from kosha.adapters.aws.items import Item
from kosha.adapters.storable import storable
from kosha.model.session import Session
from kosha.model.turn import TurnKey

Now = Callable[[], datetime]


class Chat(NamedTuple):
    """Where conversations and turns are kept, and what time it is."""

    sessions: DynamoTable
    turns: DynamoTable
    now: Now

    def head(self, user_id: str, session_id: str) -> Item | None:
        """A session's head; None where it is another user's, gone, or being removed."""
        item = self.sessions.get(keys.head(user_id, session_id))
        return item if item is not None and is_live(item) else None

    def every(self, user_id: str, prefix: str) -> Iterator[Item]:
        """A user's items whose sort keys begin so, in their order."""
        values = {"user_id": user_id, "prefix": prefix}
        return self.sessions.every("#user_id = :user_id AND begins_with(#sort_key, :prefix)", values)

    def texts_of_session(self, user_id: str, session_id: str) -> Texts:
        """What was said in a session, and how its answers came about."""
        return Texts(self.sessions, {"user_id": storable(user_id)}, keys.within("part", session_id))

    def texts_of_turn(self, key: TurnKey) -> Texts:
        """How a turn ended."""
        return Texts(self.turns, {"turn_id": keys.turn_id(key)}, "part#")


def open_chat(client: DynamoDb, sessions_table: str, turns_table: str, now: Now) -> Chat:
    """The tables of these names."""
    return Chat(DynamoTable(client, sessions_table), DynamoTable(client, turns_table), now)


def is_live(head: Item) -> bool:
    """Whether a session is one for its readers: the first step of a removal takes its `updated_at` away."""
    return "updated_at" in head


def moment_in_key(moment: datetime) -> str:
    """UTC in 27 characters: such texts sort as their moments do."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def updated_at(session_id: str, now: datetime, before: Item | None) -> str:
    """When a session was changed, as its head has it: later than before it, and no other session's.

    So the attribute tells whether anything was added since somebody looked, and names a place in the list of sessions.
    """
    if before is not None:
        now = max(now, _moment(before) + timedelta(microseconds=1))
    return f"{moment_in_key(now)}#{storable(session_id)}"


def session_of(head: Item) -> Session:
    """The noun that a head keeps."""
    return Session(
        id=head["sort_key"].removeprefix("session#"),
        title=head["title"],
        workspace_id=head.get("workspace_id"),
        created_at=datetime.fromisoformat(head["created_at"]),
        updated_at=_moment(head),
    )


def documents_of(name: Item) -> list[str]:
    """Ids of the documents that the answer of this name tells of."""
    return json.loads(name.get("documents", "[]"))


def _moment(head: Item) -> datetime:
    return datetime.fromisoformat(head["updated_at"].split("#", 1)[0])
