"""How a turn's end and its answer's message are kept at once."""

from typing import Any

from kosha.adapters.erasing import erase, erase_ending, told_documents
from kosha.adapters.placing import estimated_tokens
from kosha.adapters.postgres.database import Connection
from kosha.adapters.postgres.session_lock import takes_effect
from kosha.adapters.storable import storable, to_json
from kosha.errors import LostLease
from kosha.model.session import Message
from kosha.model.turn import TurnEnd, TurnKey

# One statement that keeps everything or nothing. It keeps nothing (no row comes back) where the holder has lost the
# turn or ended it already, a document that the answer tells of was deleted, or the session has just changed.
#   before    the turn as its holder believes it to be, and its session as it was when the statement began
#   entered   the session, locked before its turns as everywhere, where it is as it was before
#   ended     the turn, where it is still the holder's
#   answered  the answer's message, the next version of its question's
#   linked    which documents the answer tells of
# It locks `message_documents` before it reads which documents were deleted, as PostgreSQL locks what a statement
# names before it takes its snapshot. So `PostgresSessions.forget_document`, which sets its mark and then waits for
# that lock, either sees our links or has its mark seen by us.
_FINISH = """
    with before as materialized (
        select t.session_id, s.updated_at from kosha.turns t join kosha.sessions s on s.id = t.session_id
        where t.user_id = %(user_id)s and t.message_id = %(message_id)s
            and t.fence = %(fence)s and t.status = 'running'
            and not exists (select from kosha.forgotten_documents where document_id = any(%(documents)s::text[]))
    ),
    entered as (
        update kosha.sessions s set updated_at = greatest(now(), s.updated_at + interval '1 microsecond')
        from before b where s.id = b.session_id and s.updated_at = b.updated_at
        returning s.id
    ),
    ended as (
        update kosha.turns t set status = 'ended', ending = %(ending)s, ended_at = now()
        from entered
        where t.user_id = %(user_id)s and t.message_id = %(message_id)s
            and t.fence = %(fence)s and t.status = 'running' and t.session_id = entered.id
        returning t.number, t.session_id
    ),
    answered as (
        insert into kosha.messages (session_id, id, parent_id, role, version, content, tokens, metadata, created_at)
        select ended.session_id, %(answer_id)s, %(question_id)s, 'assistant',
            1 + (select count(*) from kosha.messages m
                where m.session_id = ended.session_id and m.parent_id = %(question_id)s and m.role = 'assistant'),
            %(content)s, %(tokens)s, %(metadata)s, %(created_at)s
        from ended where %(answer_id)s::text is not null
    ),
    linked as (
        insert into kosha.message_documents (document_id, session_id, message_id, turn)
        select unnest(%(documents)s::text[]), session_id, %(answer_id)s, number from ended
    )
    select true from ended"""


# What `_FINISH` is told of an answer where there is none.
_NO_ANSWER = dict.fromkeys(("answer_id", "question_id", "content", "tokens", "metadata", "created_at"))


def finish(connection: Connection, key: TurnKey, fence: int, end: TurnEnd, answer: Message | None) -> None:
    """See `PostgresTurns.finish`. Repeatable."""
    held = {"user_id": storable(key.user_id), "message_id": storable(key.message_id), "fence": fence}
    told = set[str]() if answer is None else told_documents(answer.metadata)
    forgotten, session_id = set[str](), None
    while not takes_effect(
        connection, _FINISH, held | _values(end, answer, told, forgotten), after_others_in=session_id
    ):
        session_id = _session_to_wait_for(connection, held)
        if session_id is None:
            return
        forgotten = _forgotten(connection, told)


def _values(end: TurnEnd, answer: Message | None, told: set[str], forgotten: set[str]) -> dict[str, Any]:
    """The end and its answer, with what they tell of forgotten documents erased."""
    ending: dict[str, Any] = end.model_dump(mode="json", by_alias=False)
    if answer is None:
        return {**_NO_ANSWER, "ending": to_json(ending), "documents": []}
    content = storable(answer.content)
    return {
        "ending": to_json(erase_ending(ending, forgotten)),
        "documents": [storable(document_id) for document_id in sorted(told - forgotten)],
        "answer_id": storable(answer.id),
        "question_id": answer.parent_id and storable(answer.parent_id),
        "content": content,
        "tokens": estimated_tokens(content),
        "metadata": to_json(erase(answer.metadata, forgotten)),
        "created_at": answer.created_at,
    }


def _session_to_wait_for(connection: Connection, held: dict[str, Any]) -> str | None:
    """The session of a turn that is still to be ended; None where this holder has ended it. Raises LostLease."""
    statement = """
        select status, fence, session_id from kosha.turns
        where user_id = %(user_id)s and message_id = %(message_id)s"""
    turn = connection.execute(statement, held).fetchone()
    if turn is None or turn[1] != held["fence"] or turn[0] == "accepted":
        raise LostLease("Another holder has this turn, or its session is gone.")
    return None if turn[0] == "ended" else turn[2]  # ended by this holder: nobody else has had this fence


def _forgotten(connection: Connection, document_ids: set[str]) -> set[str]:
    """Which of the documents were deleted while the answer was made."""
    rows = connection.execute(
        "select document_id from kosha.forgotten_documents where document_id = any(%s)",
        ([storable(document_id) for document_id in document_ids],),
    ).fetchall()
    return {row[0] for row in rows}
