"""Turns in PostgreSQL: one row a question, held by a lease with a fencing number."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from psycopg.rows import TupleRow

from kosha.adapters.placing import Place
from kosha.adapters.postgres.accepting import accept
from kosha.adapters.postgres.database import Connection, Database
from kosha.adapters.postgres.finishing import finish
from kosha.adapters.postgres.flushing import Flusher
from kosha.adapters.storable import storable
from kosha.errors import NotFound
from kosha.model.session import Message
from kosha.model.turn import Ask, Delta, Turn, TurnEnd, TurnKey
from kosha.ports import Beat

_GET = """
    select ask, status, fence, next_sequence, stop_requested, ending from kosha.turns
    where user_id = %(user_id)s and message_id = %(message_id)s"""
# `claim` names the call, so that it may run again after its confirmation was lost.
_CLAIM = """
    update kosha.turns
    set status = 'running', holder = %(holder)s, claim = %(claim)s,
        fence = fence + case when claim = %(claim)s then 0 else 1 end,
        lease_until = now() + interval '15 seconds'
    where user_id = %(user_id)s and message_id = %(message_id)s and status <> 'ended'
        and (lease_until is null or lease_until < now() or claim = %(claim)s
            or (%(sole_holder)s and holder is distinct from %(holder)s))
    returning ask, status, fence, next_sequence, stop_requested, ending"""
_UNFINISHED = """
    select ask from kosha.turns
    where status <> 'ended' and (lease_until is null or lease_until < now()
        or (%(sole_holder)s and holder is distinct from %(holder)s))
    order by number"""
_SWEEP = """
    delete from kosha.turn_deltas d using kosha.turns t
    where t.number = d.turn and t.ended_at < now() - interval '10 minutes'"""


class PostgresTurns:
    """Fits the port `Turns`.

    holder: names this process among those that claim turns; a restarted process is another one.
    sole_holder: no other process claims turns while this one lives, so a lease of any other holder is void at once.
    """

    def __init__(self, database: Database, *, holder: str, sole_holder: bool = False) -> None:
        self._database = database
        self._me = {"holder": holder, "sole_holder": sole_holder}
        self._flusher = Flusher(database)

    def accept(
        self, ask: Ask, *, parent_id: str | None, branch_from: str | None, regenerates: bool
    ) -> tuple[Turn, bool]:
        """Keep a question, its session and its turn at once, or find them kept: (turn, whether it is new).

        Without `parent_id` the question follows the newest branch. Raises NotFound for another user's session and for
        a message that is not in it, Rejected where the message id names something else already.
        """
        place = Place(parent_id, branch_from, regenerates=regenerates)
        call = str(uuid4())
        if self._database.ask(lambda connection: accept(connection, ask, place, call)):
            return Turn(ask=ask, status="accepted"), True
        return self.get(ask.key), False

    def get(self, key: TurnKey) -> Turn:
        """Raises NotFound."""
        return self._database.ask(lambda connection: _find(connection, key))

    def claim(self, key: TurnKey) -> Turn | None:
        """Take the turn with a new fence for 15 s; None if it is gone, has ended or a living holder has it."""
        values = {**_named(key), **self._me, "claim": str(uuid4())}
        row = self._database.ask(lambda c: c.execute(_CLAIM, values).fetchone())
        return None if row is None else _turn(row)

    async def append(self, key: TurnKey, fence: int, deltas: Sequence[Delta]) -> Beat:
        """Keep token frames, renew the lease for 15 s, read the stop flag: durable when it returns.

        All that is appended at one moment goes in one transaction. Raises LostLease when the turn has a newer fence or
        has ended, Unavailable when the database stays away.
        """
        return await self._flusher.append(key, fence, deltas)

    def finish(self, key: TurnKey, fence: int, end: TurnEnd, answer: Message | None) -> None:
        """Keep the end and the answer's message at once, or neither. Raises LostLease.

        The answer's version is the next one of its question. Again after it was done: nothing changes.
        """
        self._database.ask(lambda connection: finish(connection, key, fence, end, answer))

    def deltas(self, key: TurnKey, *, after: int) -> list[Delta]:
        """The token frames numbered above `after`, in order."""
        statement = """
            select d.sequence, d.run_id, d.value from kosha.turns t join kosha.turn_deltas d on d.turn = t.number
            where t.user_id = %(user_id)s and t.message_id = %(message_id)s and d.sequence > %(after)s
            order by d.sequence"""
        rows = self._database.ask(lambda c: c.execute(statement, {**_named(key), "after": after}).fetchall())
        return [Delta(*row) for row in rows]

    def request_stop(self, key: TurnKey) -> None:
        """Ask the holder to stop. Raises NotFound; nothing happens where the turn has ended."""
        statement = """
            update kosha.turns set stop_requested = stop_requested or status <> 'ended'
            where user_id = %(user_id)s and message_id = %(message_id)s"""
        if not self._database.ask(lambda c: c.execute(statement, _named(key)).rowcount):
            raise NotFound("message", key.message_id)

    def unfinished(self) -> list[Ask]:
        """Questions without an end that nobody living holds, oldest first."""
        rows = self._database.ask(lambda c: c.execute(_UNFINISHED, self._me).fetchall())
        return [Ask.model_validate(row[0]) for row in rows]

    def sweep(self) -> None:
        """Forget the deltas of turns that ended more than 10 minutes ago."""
        self._database.ask(lambda c: c.execute(_SWEEP))


def _named(key: TurnKey) -> dict[str, Any]:
    return {"user_id": storable(key.user_id), "message_id": storable(key.message_id)}


def _find(connection: Connection, key: TurnKey) -> Turn:
    row = connection.execute(_GET, _named(key)).fetchone()
    if row is None:
        raise NotFound("message", key.message_id)
    return _turn(row)


def _turn(row: TupleRow) -> Turn:
    ask, status, fence, next_sequence, stop_requested, end = row
    return Turn(
        ask=Ask.model_validate(ask),
        status=status,
        fence=fence,
        next_sequence=next_sequence,
        stop_requested=stop_requested,
        end=None if end is None else TurnEnd.model_validate(end),
    )
