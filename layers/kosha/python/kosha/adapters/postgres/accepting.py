"""How a question, its session and its turn are kept at once."""

from typing import NamedTuple

from psycopg.rows import TupleRow

from kosha.adapters.postgres.database import Connection
from kosha.adapters.postgres.records import storable, to_json
from kosha.errors import NotFound, Rejected
from kosha.model.session import Message
from kosha.model.turn import Ask

TITLE_CHARACTERS = 80
# The branch that was spoken in last: its newest answer, else its question, else what was said last of all.
_NEWEST_LEAF = """
    select coalesce(
        (select coalesce(
            (select a.id from kosha.messages a
                where a.session_id = t.session_id and a.parent_id = t.question_id and a.role = 'assistant'
                order by a.position desc limit 1),
            t.question_id)
            from kosha.turns t where t.session_id = %(session_id)s order by t.number desc limit 1),
        (select id from kosha.messages where session_id = %(session_id)s order by position desc limit 1))"""
_ADD_MESSAGE = """
    insert into kosha.messages (session_id, id, parent_id, role, version, content, tokens, metadata, created_at)
    values (%s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing"""
_ADD_TURN = """
    insert into kosha.turns (user_id, message_id, session_id, question_id, ask, accepted_by)
    values (%s, %s, %s, %s, %s, %s) on conflict do nothing"""
_ADD_SESSION = """
    insert into kosha.sessions (id, user_id, title, workspace_id) values (%s, %s, %s, %s) on conflict do nothing"""


class Place(NamedTuple):
    """Where a question stands: after a message, beside a question, or as another wish for an answer to one."""

    parent_id: str | None
    branch_from: str | None
    regenerates: bool


def accept(connection: Connection, ask: Ask, place: Place, call: str) -> bool:
    """Whether the question is new; see `PostgresTurns.accept`.

    call: names the call, so that it may run again after its confirmation was lost and still find its question new.
    """
    if accepted_by := _accepted_by(connection, ask):
        return accepted_by == call
    _open_session(connection, ask, must_exist=place.regenerates)
    parent_id = _parent(connection, ask, place)
    keys = [storable(key) for key in (*ask.key, ask.session_id, ask.question_id)]
    if not connection.execute(_ADD_TURN, (*keys, to_json(ask), call)).rowcount:
        return _accepted_by(connection, ask) == call  # somebody was faster
    if place.regenerates:
        _question(connection, ask.session_id, ask.question_id)
    else:
        _add_question(connection, ask, parent_id)
    return True


def add_message(connection: Connection, session_id: str, message: Message) -> bool:
    """Whether the message was added; False where the session has one of that id."""
    content = storable(message.content)
    values = (
        storable(session_id),
        storable(message.id),
        message.parent_id and storable(message.parent_id),
        message.role,
        message.version,
        content,
        estimated_tokens(content),
        to_json(message.metadata),
        message.created_at,
    )
    return connection.execute(_ADD_MESSAGE, values).rowcount > 0


def estimated_tokens(text: str) -> int:
    """About four characters a token, and four tokens around each message."""
    return len(text) // 4 + 4


def _accepted_by(connection: Connection, ask: Ask) -> str | None:
    """The call that accepted this message id; None where it is new. Raises Rejected for one of another session."""
    statement = "select session_id, accepted_by from kosha.turns where user_id = %s and message_id = %s"
    found = connection.execute(statement, [storable(key) for key in ask.key]).fetchone()
    if found is not None and found[0] != storable(ask.session_id):
        raise Rejected(f"Message id {ask.message_id!r} already names a question of another session; make a new id.")
    return None if found is None else found[1]


def _open_session(connection: Connection, ask: Ask, *, must_exist: bool) -> None:
    """Lock the session, made where it is absent, so that its questions come one after the other."""
    session_id, user_id = storable(ask.session_id), storable(ask.user_id)
    if not must_exist:
        workspace_id = ask.workspace_id and storable(ask.workspace_id)
        connection.execute(_ADD_SESSION, (session_id, user_id, _title(ask.text), workspace_id))
    mine = connection.execute(
        "update kosha.sessions set updated_at = now() where id = %s and user_id = %s", (session_id, user_id)
    )
    if not mine.rowcount:
        raise NotFound("session", ask.session_id)


def _title(question: str) -> str:
    return storable(" ".join(question[: 10 * TITLE_CHARACTERS].split())[:TITLE_CHARACTERS].strip())


def _add_question(connection: Connection, ask: Ask, parent_id: str | None) -> None:
    question = Message(
        id=ask.message_id, parent_id=parent_id, role="user", content=ask.text, created_at=ask.accepted_at
    )
    if not add_message(connection, ask.session_id, question):
        raise Rejected(f"Message id {ask.message_id!r} already names an answer; make a new id.")


def _parent(connection: Connection, ask: Ask, place: Place) -> str | None:
    """The message that the question follows; None where it opens the session."""
    if place.branch_from is not None:
        return _question(connection, ask.session_id, place.branch_from)[0]
    if place.parent_id is not None:
        return _message(connection, ask.session_id, place.parent_id)[1]
    newest = connection.execute(_NEWEST_LEAF, {"session_id": storable(ask.session_id)}).fetchone()
    return None if newest is None else newest[0]


def _question(connection: Connection, session_id: str, message_id: str) -> TupleRow:
    """(parent id, id, role) of a question. Raises NotFound."""
    row = _message(connection, session_id, message_id)
    if row[2] != "user":
        raise NotFound("message", message_id)
    return row


def _message(connection: Connection, session_id: str, message_id: str) -> TupleRow:
    """(parent id, id, role). Raises NotFound."""
    row = connection.execute(
        "select parent_id, id, role from kosha.messages where session_id = %s and id = %s",
        (storable(session_id), storable(message_id)),
    ).fetchone()
    if row is None:
        raise NotFound("message", message_id)
    return row
