"""A message as items: what was said, how it came about, and its name, under which others find it."""

import json
from datetime import datetime
from typing import NamedTuple

from kosha.adapters.aws import dynamo_chat_keys as keys
from kosha.adapters.aws.dynamo import Write
from kosha.adapters.aws.dynamo_chat import Chat, moment_in_key
from kosha.adapters.aws.dynamo_chat_texts import Text
from kosha.adapters.aws.items import Item
from kosha.adapters.placing import estimated_tokens
from kosha.adapters.storable import storable, to_json
from kosha.model.session import Message


class Spot(NamedTuple):
    """A message and its place in its session: positions count what was said, whatever the branch."""

    id: str
    position: int


class Saying(NamedTuple):
    """A message that is to be kept. text, metadata: as they are kept; the latter None where there is none."""

    user_id: str
    session_id: str
    message: Message
    spot: Spot
    parent: Spot | None
    text: Text
    metadata: Text | None


def saying(
    chat: Chat, user_id: str, session_id: str, message: Message, *, position: int, parent: Spot | None, parts: str
) -> Saying:
    """The message with its texts; nothing is written yet. parts: how the names of its texts' parts begin."""
    texts = chat.texts_of_session(user_id, session_id)
    spot = Spot(storable(message.id), position)
    metadata = texts.kept(to_json(message.metadata), parts) if message.metadata else None
    text = texts.kept(storable(message.content), parts)
    return Saying(user_id, session_id, message, spot, parent, text, metadata)


def keeping(chat: Chat, said: Saying, *, kind: str, **name: str) -> list[Write]:
    """The writes that keep a message, one of which fails where its session has one of that id."""
    message, position = said.message, said.spot.position
    where: Item = {"position": position}
    if said.parent is not None:
        where |= {"parent_id": said.parent.id, "parent_position": said.parent.position}
    words = {
        **keys.message(said.user_id, said.session_id, position),
        **where,
        **said.text.attributes,
        "id": said.spot.id,
        "role": message.role,
        "version": message.version,
        "tokens": estimated_tokens(storable(message.content)),
        "created_at": moment_in_key(message.created_at),
    }
    named = {**keys.name(said.user_id, said.session_id, said.spot.id), **where, **name, "kind": kind, "answers": 0}
    writes = [
        chat.sessions.putting(named, "attribute_not_exists(#user_id)"),
        chat.sessions.putting(words),
    ]
    if said.metadata is not None:
        key = keys.metadata(said.user_id, said.session_id, position)
        writes.append(chat.sessions.putting({**key, **said.metadata.attributes, "revision": ""}))
    return writes


def message_of(item: Item, text: str, metadata: str | None) -> Message:
    """The noun that an item keeps, with its texts."""
    return Message(
        id=item["id"],
        parent_id=item.get("parent_id"),
        role=item["role"],
        version=item["version"],
        content=text,
        created_at=datetime.fromisoformat(item["created_at"]),
        metadata={} if metadata is None else json.loads(metadata),
    )


def spot_of(name: Item) -> Spot:
    """Where the message of a name stands."""
    return Spot(name["sort_key"].rsplit("#", 1)[1], name["position"])


def parent_of(item: Item) -> Spot | None:
    """Where the message stands that this one follows; None at the beginning."""
    return Spot(item["parent_id"], item["parent_position"]) if "parent_position" in item else None


def newest_answer_of(name: Item) -> Spot | None:
    """Where the answer stands that a question was given last; None for one without."""
    if "newest_answer_id" not in name:
        return None
    return Spot(name["newest_answer_id"], name["newest_answer_position"])
