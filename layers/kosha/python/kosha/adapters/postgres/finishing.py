"""How a turn's end and its answer's message are kept at once."""

from typing import Any

from kosha.adapters.postgres.accepting import add_message
from kosha.adapters.postgres.database import Connection, one
from kosha.adapters.postgres.erasing import erase, erase_ending, told_documents
from kosha.adapters.postgres.records import storable, to_json
from kosha.errors import LostLease
from kosha.model.session import Message
from kosha.model.turn import TurnEnd, TurnKey

# The session is locked before its turns, as everywhere; so the versions of an answer are counted one by one.
_LOCK_SESSION = """
    update kosha.sessions set updated_at = now() where id =
        (select session_id from kosha.turns where user_id = %s and message_id = %s)"""
_LOCK_TURN = """
    select number, session_id, status, fence from kosha.turns where user_id = %s and message_id = %s for update"""
_END = "update kosha.turns set status = 'ended', ending = %s, ended_at = now() where number = %s"
_ANSWERS = """
    select count(*) from kosha.messages where session_id = %s and parent_id = %s and role = 'assistant'"""
_LINK = """
    insert into kosha.message_documents (document_id, session_id, message_id, turn)
    select unnest(%s::text[]), %s, %s, %s on conflict do nothing"""


def finish(connection: Connection, key: TurnKey, fence: int, end: TurnEnd, answer: Message | None) -> None:
    """See `PostgresTurns.finish`. Repeatable."""
    name = tuple(map(storable, key))
    connection.execute(_LOCK_SESSION, name)
    turn = connection.execute(_LOCK_TURN, name).fetchone()
    if turn is None or turn[3] != fence or turn[2] == "accepted":
        raise LostLease("Another holder has this turn, or its session is gone.")
    number, session_id, status, _ = turn
    if status == "ended":  # by this holder: nobody else has had this fence
        return
    ending: dict[str, Any] = end.model_dump(mode="json", by_alias=False)
    if answer is not None:
        told = told_documents(answer.metadata)
        forgotten = _forgotten(connection, told)
        ending = erase_ending(ending, forgotten)
        _add_answer(connection, session_id, answer, erase(answer.metadata, forgotten))
        kept = [storable(document_id) for document_id in sorted(told - forgotten)]
        connection.execute(_LINK, (kept, session_id, storable(answer.id), number))
    connection.execute(_END, (to_json(ending), number))


def _forgotten(connection: Connection, document_ids: set[str]) -> set[str]:
    """Which of the documents were deleted while the answer was made.

    The lock lets `PostgresSessions.forget_document` wait for us: it either sees our links, or we see its mark.
    """
    connection.execute("lock table kosha.message_documents in row exclusive mode")
    rows = connection.execute(
        "select document_id from kosha.forgotten_documents where document_id = any(%s)",
        ([storable(document_id) for document_id in document_ids],),
    ).fetchall()
    return {row[0] for row in rows}


def _add_answer(connection: Connection, session_id: str, answer: Message, metadata: dict[str, Any]) -> None:
    question_id = answer.parent_id and storable(answer.parent_id)
    answers = int(one(connection.execute(_ANSWERS, (session_id, question_id)).fetchone()))
    numbered = answer.model_copy(update={"version": answers + 1, "metadata": metadata})
    assert add_message(connection, session_id, numbered), "an answer's id was given before"
