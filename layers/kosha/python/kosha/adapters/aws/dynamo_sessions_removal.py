"""Removing sessions: gone for readers and writers with the first write, then everything in them, the head last.

So a removal that broke off is found again by its head and finished by repeating it. What a writer adds meanwhile goes
nowhere: accepting and finishing ask for a live head in their transactions, and appending for the turn's record.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice

from kosha.adapters.aws import dynamo_chat_keys as keys
from kosha.adapters.aws.dynamo_chat import Chat, documents_of, moment_in_key
from kosha.adapters.aws.items import Item
from kosha.model.turn import TurnKey

_KINDS = ("message", "metadata", "part", "feedback")
_TURNS_AT_ONCE = 8  # each has a partition of its own, so a long session is hundreds of small calls


def remove(chat: Chat, user_id: str, session_id: str) -> bool:
    """Whether it was there."""
    is_there = _hide(chat, user_id, session_id)
    if is_there:
        _empty(chat, user_id, session_id)
    return is_there


def remove_all(chat: Chat, user_id: str) -> None:
    """All of a user's are gone for readers before the first is emptied."""
    heads = chat.every(user_id, "session#")
    session_ids = [head["sort_key"].removeprefix("session#") for head in heads]
    for session_id in session_ids:
        _hide(chat, user_id, session_id)
    for session_id in session_ids:
        _empty(chat, user_id, session_id)


def remove_some(chat: Chat, user_id: str, limit: int) -> bool:
    """Of a user whom nobody reads any more; whether that was all."""
    heads = list(islice(chat.every(user_id, "session#"), limit + 1))
    for head in heads[:limit]:
        remove(chat, user_id, head["sort_key"].removeprefix("session#"))
    return len(heads) <= limit


def _hide(chat: Chat, user_id: str, session_id: str) -> bool:
    change, condition = "SET #removed_at = :now REMOVE #updated_at", "attribute_exists(#user_id)"
    values = {"now": moment_in_key(chat.now())}
    return chat.sessions.update(keys.head(user_id, session_id), change, condition=condition, values=values) is not None


def _empty(chat: Chat, user_id: str, session_id: str) -> None:
    """Names go after what they lead to, the head goes last."""
    names = list(chat.every(user_id, keys.within("name", session_id)))
    turns = [TurnKey(user_id, _message_id(name)) for name in names if name["kind"] != "answer"]
    with ThreadPoolExecutor(_TURNS_AT_ONCE) as threads:
        list(threads.map(partial(_remove_turn, chat), turns))
    chat.sessions.delete_many([link for name in names for link in _links(name)])
    for kind in _KINDS:
        chat.sessions.delete_many(list(map(_key, chat.every(user_id, keys.within(kind, session_id)))))
    chat.sessions.delete_many(list(map(_key, names)))
    chat.sessions.transact(
        [chat.sessions.deleting(keys.owner(session_id)), chat.sessions.deleting(keys.head(user_id, session_id))]
    )


def _remove_turn(chat: Chat, key: TurnKey) -> None:
    """The record goes first: until then its holder may add frames. One that is being added now goes by its time."""
    chat.turns.delete(keys.turn(key))
    items = chat.turns.every("#turn_id = :turn_id", {"turn_id": keys.turn_id(key)})
    chat.turns.delete_many([{"turn_id": item["turn_id"], "sort_key": item["sort_key"]} for item in items])


def _links(answer: Item) -> Iterable[keys.Key]:
    for document_id in documents_of(answer):
        yield {"user_id": keys.document(document_id), "sort_key": answer["citation"]}


def _message_id(name: Item) -> str:
    return name["sort_key"].rsplit("#", 1)[1]


def _key(item: Item) -> keys.Key:
    return {"user_id": item["user_id"], "sort_key": item["sort_key"]}
