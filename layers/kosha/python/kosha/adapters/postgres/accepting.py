"""How a question, its session and its turn are kept at once."""

from typing import Any

from psycopg.errors import UniqueViolation

from kosha.adapters.placing import Place, estimated_tokens, named, title_of
from kosha.adapters.postgres.database import Connection
from kosha.adapters.postgres.session_lock import takes_effect
from kosha.adapters.storable import storable, to_json
from kosha.errors import NotFound, Rejected
from kosha.model.turn import Ask

# One statement that keeps everything or nothing. It keeps nothing (no row comes back, or a key is there twice) where
# the turn is known, the session is somebody else's or has just changed, or the named message is not there.
#   before    the session as it was when the statement began
#   named     the message that the place names: a question to stand beside or to answer again, or one to follow
#   newest    the end of the branch that was spoken in last: its answer, else its question, else what was said last
#   wanted    a row where the turn is new and the place is there
#   opened    the session made, where there is none
#   entered   the session locked, where it is the user's and as it was before
#   asked     the turn, in the session that was opened or entered
#   the rest  the question, unless it is there and shall be answered again
_ACCEPT = """
    with before as materialized (
        select user_id, updated_at from kosha.sessions where id = %(session_id)s
    ),
    named as materialized (
        select id, parent_id from kosha.messages
        where session_id = %(session_id)s and id = %(named_id)s and (role = 'user' or %(named_is)s = 'parent')
    ),
    newest as (
        select coalesce(
            (select coalesce(
                (select a.id from kosha.messages a
                    where a.session_id = t.session_id and a.parent_id = t.question_id and a.role = 'assistant'
                    order by a.position desc limit 1),
                t.question_id)
                from kosha.turns t where t.session_id = %(session_id)s order by t.number desc limit 1),
            (select id from kosha.messages where session_id = %(session_id)s order by position desc limit 1)) as id
    ),
    wanted as materialized (
        select true as is_wanted
        where not exists (select from kosha.turns where user_id = %(user_id)s and message_id = %(message_id)s)
            and (%(named_is)s = '' or exists (select from named))
    ),
    opened as (
        insert into kosha.sessions (id, user_id, title, workspace_id)
        select %(session_id)s, %(user_id)s, %(title)s, %(workspace_id)s from wanted
        where not exists (select from before)
        returning id
    ),
    entered as (
        update kosha.sessions s set updated_at = greatest(now(), s.updated_at + interval '1 microsecond')
        from before b cross join wanted
        where s.id = %(session_id)s and s.updated_at = b.updated_at and b.user_id = %(user_id)s
        returning s.id
    ),
    asked as (
        insert into kosha.turns (user_id, message_id, session_id, question_id, ask, accepted_by)
        select %(user_id)s, %(message_id)s, session.id, %(question_id)s, %(ask)s, %(call)s
        from (select id from opened union all select id from entered) session
        returning session_id
    ),
    questioned as (
        insert into kosha.messages (session_id, id, parent_id, role, content, tokens, created_at)
        select asked.session_id, %(message_id)s,
            case %(named_is)s when 'sibling' then (select parent_id from named)
                when 'parent' then (select id from named) else (select id from newest) end,
            'user', %(text)s, %(tokens)s, %(accepted_at)s
        from asked where %(named_is)s <> 'question'
    )
    select true from asked"""


def accept(connection: Connection, ask: Ask, place: Place, call: str) -> bool:
    """Whether the question is new; see `PostgresTurns.accept`.

    call: names the call, so that it may run again after its confirmation was lost and still find its question new.
    """
    values = _values(ask, place, call)
    others_in = None
    while not _is_kept(connection, values, after_others_in=others_in):
        if accepted_by := _accepted_by(connection, ask, values):
            return accepted_by == call
        _refuse(connection, ask, values)
        others_in = values["session_id"]
    return True


def _values(ask: Ask, place: Place, call: str) -> dict[str, Any]:
    message = named(place, ask.question_id)
    text = storable(ask.text)
    return {
        "user_id": storable(ask.user_id),
        "message_id": storable(ask.message_id),
        "session_id": storable(ask.session_id),
        "question_id": storable(ask.question_id),
        "workspace_id": ask.workspace_id and storable(ask.workspace_id),
        "title": title_of(ask.text),
        "text": text,
        "tokens": estimated_tokens(text),
        "accepted_at": ask.accepted_at,
        "ask": to_json(ask),
        "call": call,
        "named_is": "" if message is None else message.role,
        "named_id": None if message is None else storable(message.id),
    }


def _is_kept(connection: Connection, values: dict[str, Any], *, after_others_in: str | None) -> bool:
    try:
        return takes_effect(connection, _ACCEPT, values, after_others_in=after_others_in)
    except UniqueViolation:  # somebody was faster, or the message id names an answer
        return False


def _accepted_by(connection: Connection, ask: Ask, values: dict[str, Any]) -> str | None:
    """The call that accepted this message id; None where it is new. Raises Rejected for one of another session."""
    statement = """
        select session_id, accepted_by from kosha.turns
        where user_id = %(user_id)s and message_id = %(message_id)s"""
    found = connection.execute(statement, values).fetchone()
    if found is not None and found[0] != values["session_id"]:
        raise Rejected(f"Message id {ask.message_id!r} already names a question of another session; make a new id.")
    return None if found is None else found[1]


def _refuse(connection: Connection, ask: Ask, values: dict[str, Any]) -> None:
    """Raises what is wrong with the session, the place or the message id; nothing where another try may succeed."""
    session = connection.execute("select user_id from kosha.sessions where id = %(session_id)s", values).fetchone()
    if session is None and values["named_is"]:
        raise NotFound("session", ask.session_id)
    if session is not None and session[0] != values["user_id"]:
        raise NotFound("session", ask.session_id)
    if values["named_is"] and not _is_there(connection, values):
        raise NotFound("message", values["named_id"])
    if values["named_is"] != "question" and _names_a_message(connection, values):
        raise Rejected(f"Message id {ask.message_id!r} already names an answer; make a new id.")


def _is_there(connection: Connection, values: dict[str, Any]) -> bool:
    """Whether the session has the message that the place names, a question unless it is to be followed."""
    statement = """
        select from kosha.messages
        where session_id = %(session_id)s and id = %(named_id)s and (role = 'user' or %(named_is)s = 'parent')"""
    return connection.execute(statement, values).fetchone() is not None


def _names_a_message(connection: Connection, values: dict[str, Any]) -> bool:
    statement = "select from kosha.messages where session_id = %(session_id)s and id = %(message_id)s"
    return connection.execute(statement, values).fetchone() is not None
