"""Conversations in PostgreSQL."""

from psycopg.rows import TupleRow

from kosha.adapters.erasing import erase, erase_ending
from kosha.adapters.postgres.database import Connection, Database
from kosha.adapters.postgres.once import once
from kosha.adapters.postgres.paging import before_moment, cut
from kosha.adapters.postgres.words import as_pattern, as_tsquery
from kosha.adapters.storable import storable, to_json
from kosha.errors import NotFound
from kosha.model.page import Page, PageOf
from kosha.model.prompt import Utterance
from kosha.model.session import Feedback, Message, Session

_FIND = """
    select updated_at, id, title, workspace_id, created_at from kosha.sessions where id = %s and user_id = %s"""
_RENAME = """
    update kosha.sessions set title = %s where id = %s and user_id = %s
    returning updated_at, id, title, workspace_id, created_at"""
_PAGE = """
    select updated_at, id, title, workspace_id, created_at from kosha.sessions
    where user_id = %(user_id)s and (updated_at, id) < (%(moment)s::timestamptz, %(last_id)s)
    order by updated_at desc, id desc limit %(limit)s"""
# `words` is null for text that has no words to look up, `pattern` for text whose words are enough.
_SEARCH = """
    select updated_at, id, title, workspace_id, created_at from kosha.sessions
    where user_id = %(user_id)s and (updated_at, id) < (%(moment)s::timestamptz, %(last_id)s)
        and (title ilike %(title_pattern)s
            or kosha.words(title) @@ to_tsquery('simple', %(words)s)
            or id in (
                select m.session_id from kosha.messages m join kosha.sessions s on s.id = m.session_id
                where s.user_id = %(user_id)s
                    and (kosha.words(m.content) @@ to_tsquery('simple', %(words)s)
                        or m.content ilike %(pattern)s)))
    order by updated_at desc, id desc limit %(limit)s"""
_MESSAGES = """
    select id, parent_id, role, version, content, created_at, metadata from kosha.messages"""
# Walks from child to parent and stops before the message that is too much: the work follows the budget. No row where
# the session is not the user's, one of nulls where nothing fits.
HISTORY = """
    with recursive mine as materialized (
        select id from kosha.sessions where id = %(session_id)s and user_id = %(user_id)s),
    branch as (
        select 1 as depth, m.parent_id, m.role, m.content, m.tokens as total
        from mine join kosha.messages m on m.session_id = mine.id
        where m.id = %(leaf_id)s and m.tokens <= %(budget_tokens)s
        union all
        select b.depth + 1, m.parent_id, m.role, m.content, b.total + m.tokens
        from branch b cross join lateral (
            select * from kosha.messages where session_id = %(session_id)s and id = b.parent_id limit 1) m
        where b.total + m.tokens <= %(budget_tokens)s)
    select branch.role, branch.content from mine left join branch on true order by branch.depth desc"""
_ADD_FEEDBACK = """
    insert into kosha.feedback (session_id, answer_id, record)
    select a.session_id, a.id, %(record)s
    from kosha.messages a join kosha.sessions s on s.id = a.session_id
    where s.id = %(session_id)s and s.user_id = %(user_id)s and a.parent_id = %(message_id)s and a.role = 'assistant'
        and (%(answer_id)s::text is null or a.id = %(answer_id)s)
    order by a.position desc limit 1
    on conflict (session_id, answer_id) do update set record = excluded.record"""
_TOLD = """
    select m.session_id, m.id, m.metadata, t.number, t.ending
    from kosha.message_documents d
        join kosha.messages m on m.session_id = d.session_id and m.id = d.message_id
        join kosha.turns t on t.number = d.turn
    where d.document_id = %s order by m.position limit 20 for update of m, t"""


class PostgresSessions:
    """Fits the port `Sessions`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, user_id: str, page: PageOf, *, query: str | None = None) -> Page[Session]:
        """Latest first; `query` looks for words in titles and messages. Raises Invalid for a malformed cursor."""
        moment, last_id = before_moment(page.cursor)
        values = {"user_id": storable(user_id), "moment": moment, "last_id": last_id, "limit": page.limit + 1}
        statement = _PAGE
        if query is not None and query.strip():
            words = as_tsquery(query)
            pattern = as_pattern(query)
            statement = _SEARCH
            values |= {"words": words, "title_pattern": pattern, "pattern": None if words else pattern}
        rows = self._database.ask(lambda c: c.execute(statement, values).fetchall())
        return cut(rows, page.limit, _session)

    def get(self, user_id: str, session_id: str) -> Session:
        """Raises NotFound."""
        return self._database.ask(lambda connection: _find(connection, user_id, session_id))

    def messages(self, user_id: str, session_id: str) -> list[Message]:
        """All messages, oldest first. Raises NotFound."""

        def work(connection: Connection) -> list[TupleRow]:
            _find(connection, user_id, session_id)
            statement = f"{_MESSAGES} where session_id = %s order by position"
            return connection.execute(statement, (storable(session_id),)).fetchall()

        return [_message(row) for row in self._database.ask(work)]

    def message(self, user_id: str, session_id: str, message_id: str) -> Message:
        """Raises NotFound."""

        def work(connection: Connection) -> TupleRow | None:
            _find(connection, user_id, session_id)
            statement = f"{_MESSAGES} where session_id = %s and id = %s"
            return connection.execute(statement, (storable(session_id), storable(message_id))).fetchone()

        row = self._database.ask(work)
        if row is None:
            raise NotFound("message", message_id)
        return _message(row)

    def history(self, user_id: str, session_id: str, *, leaf_id: str, budget_tokens: int) -> list[Utterance]:
        """The newest part of the branch that ends at `leaf_id` that fits the budget, oldest first.

        Takes time in proportion to the budget, not to the session. Raises NotFound for the session.
        """
        values = {
            "user_id": storable(user_id),
            "session_id": storable(session_id),
            "leaf_id": storable(leaf_id),
            "budget_tokens": budget_tokens,
        }
        rows = self._database.ask(lambda c: c.execute(HISTORY, values).fetchall())
        if not rows:
            raise NotFound("session", session_id)
        return [Utterance(role=role, content=content) for role, content in rows if role is not None]

    def rename(self, user_id: str, session_id: str, title: str) -> Session:
        """Raises NotFound."""
        values = (storable(title), storable(session_id), storable(user_id))
        row = self._database.ask(lambda c: c.execute(_RENAME, values).fetchone())
        if row is None:
            raise NotFound("session", session_id)
        return _session(row)

    def remove(self, user_id: str, session_id: str) -> None:
        """Forget it with messages, turns and deltas. Raises NotFound."""

        key = storable(session_id)

        def write(connection: Connection) -> bool:
            is_there = connection.execute(_FIND, (key, storable(user_id))).fetchone() is not None
            if is_there:
                _remove(connection, [key])
            return is_there

        if not once(self._database, write, is_written=lambda _: True):
            raise NotFound("session", session_id)

    def remove_all(self, user_id: str) -> None:
        """Forget every session of a user."""
        self._database.run(lambda connection: remove_sessions(connection, user_id))

    def add_feedback(self, feedback: Feedback) -> None:
        """Without `answer_id` it is on the question's newest answer.

        Raises NotFound where the user has no such answer; a second word on an answer replaces the first.
        """
        values = {
            "session_id": storable(feedback.session_id),
            "user_id": storable(feedback.user_id),
            "message_id": storable(feedback.message_id),
            "answer_id": feedback.answer_id and storable(feedback.answer_id),
            "record": to_json(feedback),
        }
        if not self._database.ask(lambda c: c.execute(_ADD_FEEDBACK, values).rowcount):
            raise NotFound("message", feedback.answer_id or feedback.message_id)

    def forget_document(self, document_id: str) -> None:
        """Erase what stored citations and hits say of a document to its title and `deleted: true`."""
        key = storable(document_id)
        mark = "insert into kosha.forgotten_documents (document_id) values (%s) on conflict do nothing"
        self._database.ask(lambda c: c.execute(mark, (key,)))
        # Answers that are kept right now have not seen the mark; those that come later will.
        self._database.run(lambda c: c.execute("lock table kosha.message_documents in share mode"))
        while self._database.run(lambda connection: _erase_some(connection, key)):
            pass


def remove_sessions(connection: Connection, user_id: str) -> None:
    """Forget every session of a user, with messages, turns and deltas."""
    ids = connection.execute("select id from kosha.sessions where user_id = %s", (storable(user_id),)).fetchall()
    _remove(connection, [row[0] for row in ids])


def _remove(connection: Connection, session_ids: list[str]) -> None:
    """A turn's deltas go after the turn: until then a flush may add some."""
    connection.execute("select 1 from kosha.sessions where id = any(%s) order by id for update", (session_ids,))
    turns = connection.execute(
        "delete from kosha.turns where session_id = any(%s) returning number", (session_ids,)
    ).fetchall()
    connection.execute("delete from kosha.turn_deltas where turn = any(%s)", ([row[0] for row in turns],))
    connection.execute("delete from kosha.sessions where id = any(%s)", (session_ids,))


def _erase_some(connection: Connection, document_id: str) -> bool:
    """Erase the document from a handful of answers; False when none is left."""
    told = connection.execute(_TOLD, (document_id,)).fetchall()
    for session_id, message_id, metadata, number, ending in told:
        connection.execute(
            "update kosha.messages set metadata = %s where session_id = %s and id = %s",
            (to_json(erase(metadata, {document_id})), session_id, message_id),
        )
        connection.execute(
            "update kosha.turns set ending = %s where number = %s",
            (to_json(erase_ending(ending, {document_id})), number),
        )
        connection.execute(
            "delete from kosha.message_documents where document_id = %s and session_id = %s and message_id = %s",
            (document_id, session_id, message_id),
        )
    return bool(told)


def _find(connection: Connection, user_id: str, session_id: str) -> Session:
    row = connection.execute(_FIND, (storable(session_id), storable(user_id))).fetchone()
    if row is None:
        raise NotFound("session", session_id)
    return _session(row)


def _session(row: TupleRow) -> Session:
    updated_at, session_id, title, workspace_id, created_at = row
    return Session(id=session_id, title=title, workspace_id=workspace_id, created_at=created_at, updated_at=updated_at)


def _message(row: TupleRow) -> Message:
    message_id, parent_id, role, version, content, created_at, metadata = row
    return Message(
        id=message_id,
        parent_id=parent_id,
        role=role,
        version=version,
        content=content,
        created_at=created_at,
        metadata=metadata,
    )
