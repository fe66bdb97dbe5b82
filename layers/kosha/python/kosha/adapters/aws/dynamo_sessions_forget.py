"""Forgetting a document in stored answers. See `dynamo_turns_finish` for how it meets an answer that is being kept."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from kosha.adapters.aws import dynamo_chat_keys as keys
from kosha.adapters.aws.dynamo import CROWDED
from kosha.adapters.aws.dynamo_chat import Chat, moment_in_key
from kosha.adapters.aws.dynamo_chat_texts import Texts
from kosha.adapters.aws.items import Item
from kosha.adapters.aws.patience import attempts
from kosha.adapters.erasing import erase, erase_ending
from kosha.adapters.storable import to_json
from kosha.errors import Unavailable
from kosha.model.turn import TurnKey

Erase = Callable[[dict[str, Any], set[str]], dict[str, Any]]


def forget_document(chat: Chat, document_id: str) -> None:
    """Mark it, then erase it wherever its links lead. A link goes when its work is done, so this may be repeated."""
    chat.sessions.put({**keys.forgotten(document_id), "forgotten_at": moment_in_key(chat.now())})
    for link in chat.every(keys.document(document_id), "citation#"):
        _erase_from_answer(chat, link, document_id)
        chat.sessions.delete({"user_id": link["user_id"], "sort_key": link["sort_key"]})


def _erase_from_answer(chat: Chat, link: Item, document_id: str) -> None:
    """Parts that were there before and that no item names afterwards are of no use to anybody.

    They are left by whoever died between writing them and their item, or replacing an item and removing them. Where the
    turn has not ended, they are of tries that fail: each finds that a document was forgotten after it had begun.
    """
    key = TurnKey(link["asked_by"], link["turn_of"])
    both = (chat.texts_of_session(key.user_id, link["session_id"]), chat.texts_of_turn(key))
    before = [texts.parts_named(link["parts"]) for texts in both]
    named = set[str]() if _is_told_in_time(chat, key) else _erase_what_is_kept(chat, key, link, document_id)
    for texts, parts in zip(both, before, strict=True):
        texts.table.delete_many([part for part in parts if part["sort_key"] not in named])


def _is_told_in_time(chat: Chat, key: TurnKey) -> bool:
    """Whether the turn has not ended yet: who ends it will look for marks after this."""
    change, condition = "SET #forgets = #forgets + :one", "attribute_exists(#turn_id) AND #status <> :ended"
    values = {"one": 1, "ended": "ended"}
    return chat.turns.update(keys.turn(key), change, condition=condition, values=values) is not None


def _erase_what_is_kept(chat: Chat, key: TurnKey, link: Item, document_id: str) -> set[str]:
    """Erase it from the answer's message and from the turn's end; the sort keys of the parts that they have now."""
    session, turn = chat.texts_of_session(key.user_id, link["session_id"]), chat.texts_of_turn(key)
    named: list[keys.Key] = []
    name = chat.sessions.get(keys.name(key.user_id, link["session_id"], link["answer_id"]))
    if name is not None:
        metadata = keys.metadata(key.user_id, link["session_id"], name["position"])
        _rewrite(session, metadata, erase, document_id, link["parts"])
        said = keys.message(key.user_id, link["session_id"], name["position"])
        named += [part for item in chat.sessions.get_many([said, metadata]) for part in session.part_keys(item)]
    _rewrite(turn, keys.end(key), erase_ending, document_id, link["parts"])
    named += turn.part_keys(chat.turns.get(keys.end(key)) or {})
    return {part["sort_key"] for part in named}


def _rewrite(texts: Texts, key: keys.Key, erased: Erase, document_id: str, parts: str) -> None:
    """Erase from a stored text. Its revision tells whether another document was erased from it meanwhile."""
    for _ in attempts():
        item = texts.table.get(key)
        if item is None:
            return
        text = texts.read(item)
        if text is None:
            continue  # replaced since the item was read
        new, revision = texts.kept(to_json(erased(json.loads(text), {document_id})), parts), uuid4().hex
        texts.write_parts(new)
        is_replaced = _is_replaced(texts, item, {**key, **new.attributes, "revision": revision})
        texts.table.delete_many(texts.part_keys(item if is_replaced else new.attributes))
        if is_replaced:
            return
    raise Unavailable(CROWDED)


def _is_replaced(texts: Texts, old: Item, new: Item) -> bool:
    """Whether the item is the new one now. A refusal may be of the same write, sent again when its reply was lost."""
    if texts.table.put(new, condition="#revision = :seen", values={"seen": old["revision"]}):
        return True
    now = texts.table.get({name: new[name] for name in (*texts.partition, "sort_key")})
    return now is not None and now["revision"] == new["revision"]
