"""Token frames of many turns in one transaction: what is appended while one flush runs goes into the next."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from kosha.adapters.postgres.database import Connection, Database
from kosha.adapters.storable import storable
from kosha.errors import LostLease
from kosha.model.turn import Delta, TurnKey
from kosha.ports import Beat

# One statement for the group: a turn whose fence is not the holder's renews nothing, keeps nothing and returns nothing.
# `slot` is the place of the turn in the group. Frames already kept (the flush runs again) are kept as they are.
_FLUSH = """
    with held as (
        update kosha.turns t
        set lease_until = now() + interval '15 seconds', next_sequence = greatest(t.next_sequence, g.next_sequence)
        from unnest(%s::text[], %s::text[], %s::int[], %s::int[])
            with ordinality as g (user_id, message_id, fence, next_sequence, slot)
        where t.user_id = g.user_id and t.message_id = g.message_id and t.fence = g.fence and t.status = 'running'
        returning g.slot, t.number, t.stop_requested),
    kept as (
        insert into kosha.turn_deltas (turn, sequence, run_id, value)
        select held.number, d.sequence, d.run_id, d.value
        from unnest(%s::int[], %s::int[], %s::text[], %s::text[]) as d (slot, sequence, run_id, value)
        join held on held.slot = d.slot
        on conflict do nothing)
    select slot, stop_requested from held"""


class _Hold(NamedTuple):
    """A turn and the fence under which somebody writes to it."""

    key: TurnKey
    fence: int


class _Group(NamedTuple):
    """What goes into one transaction, and the task that writes it; a hold that was lost is absent from its beats."""

    deltas: dict[_Hold, list[Delta]]
    beats: asyncio.Task[dict[_Hold, Beat]]


class Flusher:
    """Gathers the appends of one event loop. It has a thread of its own, so that no other work delays an answer."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="flush")
        self._newest: _Group | None = None
        self._is_open = False  # whether the newest group still takes deltas

    async def append(self, key: TurnKey, fence: int, deltas: Sequence[Delta]) -> Beat:
        """See `PostgresTurns.append`. What a cancelled caller has handed in is kept all the same."""
        hold = _Hold(key, fence)
        group = self._open_group()
        group.deltas.setdefault(hold, []).extend(deltas)
        beat = (await asyncio.shield(group.beats)).get(hold)
        if beat is None:
            raise LostLease("Another holder has this turn, or it has ended.")
        return beat

    def _open_group(self) -> _Group:
        if self._newest is None or not self._is_open:
            before = None if self._newest is None or self._newest.beats.done() else self._newest.beats
            deltas: dict[_Hold, list[Delta]] = {}
            self._newest = _Group(deltas, asyncio.create_task(self._write(deltas, before)))
            self._is_open = True
        return self._newest

    async def _write(
        self, deltas: dict[_Hold, list[Delta]], before: asyncio.Task[dict[_Hold, Beat]] | None
    ) -> dict[_Hold, Beat]:
        if before is not None:
            await asyncio.wait([before])
        self._is_open = False
        return await asyncio.get_running_loop().run_in_executor(self._thread, flush, self._database, deltas)


def flush(database: Database, deltas: dict[_Hold, list[Delta]]) -> dict[_Hold, Beat]:
    """One durable write for many turns."""
    holds = list(deltas)
    frames = [(slot, delta) for slot, hold in enumerate(holds, start=1) for delta in deltas[hold]]
    values = (
        [storable(hold.key.user_id) for hold in holds],
        [storable(hold.key.message_id) for hold in holds],
        [hold.fence for hold in holds],
        [max((delta.sequence + 1 for delta in deltas[hold]), default=0) for hold in holds],
        [slot for slot, _ in frames],
        [delta.sequence for _, delta in frames],
        [delta.run_id for _, delta in frames],
        [storable(delta.value) for _, delta in frames],
    )

    def work(connection: Connection) -> dict[_Hold, Beat]:
        rows = connection.execute(_FLUSH, values).fetchall()
        return {holds[slot - 1]: Beat(stop_requested) for slot, stop_requested in rows}

    return database.ask(work)
