"""How a question, its session and its turn are kept at once.

One transaction keeps everything or nothing. Its conditions say that the turn is new, that the message id is free, and
that nothing was added to the session since it was looked at, so all that was seen of it is true. Where one fails, the
next try looks again.
"""

from typing import NamedTuple
from uuid import uuid4

from kosha.adapters.aws import dynamo_chat_keys as keys
from kosha.adapters.aws.dynamo import CROWDED, Write
from kosha.adapters.aws.dynamo_chat import Chat, is_live, moment_in_key, updated_at
from kosha.adapters.aws.dynamo_chat_messages import Saying, Spot, keeping, newest_answer_of, parent_of, saying, spot_of
from kosha.adapters.aws.dynamo_people import IN_SESSIONS, KnownPeople
from kosha.adapters.aws.dynamo_turns_read import turn_of
from kosha.adapters.aws.items import Item
from kosha.adapters.aws.patience import attempts
from kosha.adapters.placing import Named, Place, named, title_of
from kosha.adapters.storable import storable, to_json
from kosha.errors import NotFound, Rejected, Unavailable
from kosha.model.session import Message
from kosha.model.turn import Ask, Turn


class _Seen(NamedTuple):
    """What was there. named: what the place names; own: what the message id names in the session."""

    turn: Item | None
    head: Item | None
    owner: Item | None
    named: Item | None
    own: Item | None


def accept(chat: Chat, ask: Ask, place: Place) -> tuple[Turn, bool]:
    """See `DynamoTurns.accept`. Safe to repeat at any time: it is the turn's record that makes a question new once."""
    call, wanted = uuid4().hex, named(place, ask.question_id)
    for _ in attempts():
        seen = _look(chat, ask, wanted)
        if seen.turn is not None:
            return _known(chat, ask, seen.turn, call)
        _refuse(ask, wanted, seen)
        if seen.head is None:  # before the session: of nobody is more kept than is known
            KnownPeople(chat.sessions, IN_SESSIONS, chat.now).note(ask.user_id)
        if not chat.turns.transact(_writes(chat, ask, wanted, seen, call)):
            return Turn(ask=ask, status="accepted"), True
    raise Unavailable(CROWDED)


def _look(chat: Chat, ask: Ask, wanted: Named | None) -> _Seen:
    head, owner = keys.head(ask.user_id, ask.session_id), keys.owner(ask.session_id)
    own = keys.name(ask.user_id, ask.session_id, ask.message_id)
    place = own if wanted is None else keys.name(ask.user_id, ask.session_id, wanted.id)
    found = {item["sort_key"]: item for item in chat.sessions.get_many([head, owner, own, place])}
    named, mine = found.get(place["sort_key"]), found.get(own["sort_key"])
    # Read last: where there is no turn yet, a name that was there before it is not its question's.
    turn = chat.turns.get(keys.turn(ask.key))
    return _Seen(turn, found.get(head["sort_key"]), found.get(owner["sort_key"]), named, mine)


def _known(chat: Chat, ask: Ask, item: Item, call: str) -> tuple[Turn, bool]:
    """The turn that is there, and whether this call has made it."""
    if item["session_id"] != storable(ask.session_id):
        raise Rejected(f"Message id {ask.message_id!r} already names a question of another session; make a new id.")
    turn = turn_of(chat, ask.key, item)
    if turn is None:
        raise NotFound("session", ask.session_id)  # it is being removed
    return turn, item["accepted_by"] == call


def _refuse(ask: Ask, wanted: Named | None, seen: _Seen) -> None:
    """Raises what is wrong with the session, the place or the message id."""
    if seen.head is None and (wanted is not None or seen.owner is not None):
        raise NotFound("session", ask.session_id)
    if seen.head is not None and not is_live(seen.head):
        raise NotFound("session", ask.session_id)
    if wanted is not None and not _fits(wanted, seen.named):
        raise NotFound("message", wanted.id)
    if seen.own is not None:
        raise Rejected(f"Message id {ask.message_id!r} already names an answer; make a new id.")


def _fits(wanted: Named, name: Item | None) -> bool:
    """Whether the session has the message that the place names, a question unless it is to be followed."""
    if name is None:
        return False
    return name["kind"] == "question" or (name["kind"] == "answer" and wanted.role == "parent")


def _writes(chat: Chat, ask: Ask, wanted: Named | None, seen: _Seen, call: str) -> list[Write]:
    if wanted is not None and wanted.role == "question":
        name = {**keys.name(ask.user_id, ask.session_id, ask.message_id), "kind": "turn"}
        return [
            *_opening(chat, ask, call),
            _entering(chat, ask, seen.head, says=0),
            chat.sessions.putting(name, "attribute_not_exists(#user_id)"),
        ]
    said = _question(chat, ask, wanted, seen)
    writes = [*_opening(chat, ask, call), _entering(chat, ask, seen.head, says=1)]
    if seen.head is None:
        owner = {**keys.owner(ask.session_id), "opened_by": storable(ask.user_id)}
        writes.append(chat.sessions.putting(owner, "attribute_not_exists(#user_id)"))
    return [*writes, *keeping(chat, said, kind="question")]


def _opening(chat: Chat, ask: Ask, call: str) -> list[Write]:
    """The turn. Every frame of its answer writes its record, so what the question says stands beside it."""
    opened_at = moment_in_key(chat.now())
    turn: Item = {
        **keys.turn(ask.key),
        "session_id": storable(ask.session_id),
        "status": "accepted",
        "fence": 0,
        "next_sequence": 0,
        "stop_requested": False,
        "forgets": 0,
        "followers": {},
        "told": {},
        "accepted_by": call,
        "open": "1",
        "opened_at": f"{opened_at}#{storable(ask.message_id)}",
    }
    return [
        chat.turns.putting(turn, "attribute_not_exists(#turn_id)"),
        chat.turns.putting({**keys.ask(ask.key), "ask": to_json(ask)}),
    ]


def _entering(chat: Chat, ask: Ask, head: Item | None, *, says: int) -> Write:
    """The session, made where there is none; otherwise as it was when it was looked at."""
    now = chat.now()
    changed = updated_at(ask.session_id, now, head)
    if head is not None:
        change = "SET #updated_at = :now, #newest_question_id = :question_id, #next_position = #next_position + :says"
        values = {"now": changed, "question_id": ask.question_id, "says": says, "seen": head["updated_at"]}
        return chat.sessions.updating(keys.head(ask.user_id, ask.session_id), change, "#updated_at = :seen", values)
    fresh: Item = {
        **keys.head(ask.user_id, ask.session_id),
        "title": title_of(ask.text),
        "created_at": moment_in_key(now),
        "updated_at": changed,
        "newest_question_id": ask.question_id,
        "next_position": 1,
        **({"workspace_id": ask.workspace_id} if ask.workspace_id else {}),
    }
    return chat.sessions.putting(fresh, "attribute_not_exists(#user_id)")


def _question(chat: Chat, ask: Ask, wanted: Named | None, seen: _Seen) -> Saying:
    position = 0 if seen.head is None else seen.head["next_position"]
    question = Message(id=ask.message_id, role="user", content=ask.text, created_at=ask.accepted_at)
    parent = _parent(chat, ask, wanted, seen)
    # A question's text has no parts: 20,000 characters are 80 kB at most.
    return saying(chat, ask.user_id, ask.session_id, question, position=position, parent=parent, parts="question")


def _parent(chat: Chat, ask: Ask, wanted: Named | None, seen: _Seen) -> Spot | None:
    if wanted is not None and seen.named is not None:
        return parent_of(seen.named) if wanted.role == "sibling" else spot_of(seen.named)
    if seen.head is None:
        return None
    # The branch that was spoken in last: its newest answer, else its question.
    newest = chat.sessions.get(keys.name(ask.user_id, ask.session_id, seen.head["newest_question_id"]))
    return None if newest is None else newest_answer_of(newest) or spot_of(newest)
