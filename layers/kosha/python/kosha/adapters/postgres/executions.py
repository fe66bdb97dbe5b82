"""The queue of workflow executions in PostgreSQL: each is held by a lease with a fencing number."""

import time
from collections.abc import Collection
from datetime import datetime
from typing import Any, Literal, LiteralString, NamedTuple
from uuid import uuid4

from psycopg.rows import TupleRow

from kosha.adapters.postgres.database import Connection, Database
from kosha.adapters.storable import storable, to_json
from kosha.errors import LostLease, NotFound
from kosha.ports import Beat

# Whoever dies may be innocent (a power cut, another document of the same worker), and ten restarts cost seconds.
DEATHS_LIMIT = 10
Ending = Literal["succeeded", "failed", "stopped"]


class Execution(NamedTuple):
    """One run of a state machine, as its holder takes it up.

    state: the state to enter; None for the machine's first. input: what that state is given, any JSON. attempt: what
    the holder recorded of it, from 0. deaths: how many holders have died in this state; from `DEATHS_LIMIT` on the
    state must be taken for failed and only its failure be handled. Whoever dies of that too ends the execution.
    """

    name: str
    machine: str
    state: str | None
    input: Any
    attempt: int
    deaths: int
    fence: int


class FailedExecution(NamedTuple):
    """An entry of the dead letter queue."""

    name: str
    machine: str
    state: str | None
    reason: str
    ended_at: datetime


# A workspace is a lane. What belongs to none has a lane together.
_START = """
    insert into kosha.executions (name, machine, input, lane)
    values (%(name)s, %(machine)s, %(input)s, coalesce(%(input)s::jsonb ->> 'workspaceId', ''))
    on conflict do nothing"""
_NOTIFY = "select pg_notify('kosha_work', '')"
# A running execution is given up when its lease is over, or when its holder cannot be alive.
_END_GIVEN_UP = """
    update kosha.executions
    set status = case when stop_requested then 'stopped' else 'failed' end, ended_at = now(),
        reason = case when stop_requested then 'It was stopped.'
            else format('Its worker died %%s times in %%s.', deaths + 1, coalesce(state, 'its first state')) end
    where status = 'running' and (lease_until < now() or (%(sole_holder)s and holder <> %(holder)s))
        and (stop_requested or deaths >= %(deaths_limit)s)"""
# `claim` names the call: where its confirmation was lost, the call that runs again finds what it has taken. Then comes
# what a dead holder left, then the lane whose last turn is longest ago: its oldest. Lanes are found by one step of the
# index each, and looked into one after the other until one has something.
_CLAIM = """
    with recursive waiting (lane) as (
        (select lane from kosha.executions where status = 'waiting' order by lane limit 1)
        union all
        select (
            select e.lane from kosha.executions e
            where e.status = 'waiting' and e.lane > l.lane order by e.lane limit 1)
        from waiting l where l.lane is not null
    ),
    turns as materialized (
        select lane from waiting left join kosha.lanes using (lane) where lane is not null
        order by claimed_at nulls first, lane
    )
    update kosha.executions e
    set status = 'running', holder = %(holder)s, claim = %(claim)s, lease_until = now() + interval '15 seconds',
        fence = e.fence + case when e.claim = %(claim)s then 0 else 1 end,
        deaths = e.deaths + case when e.status = 'running' and e.claim <> %(claim)s then 1 else 0 end
    where e.name = coalesce(
        (select name from kosha.executions where status = 'running' and claim = %(claim)s),
        (select name from kosha.executions
            where status = 'running' and (lease_until < now() or (%(sole_holder)s and holder <> %(holder)s))
            order by not_before, number limit 1 for update skip locked),
        (select first.name from turns cross join lateral (
            select name from kosha.executions w
            where w.status = 'waiting' and w.lane = turns.lane and w.not_before <= now()
            order by w.not_before, w.number limit 1 for update skip locked) first limit 1))
    returning name, machine, state, input, attempt, deaths, fence, lane"""
_TURN = """
    insert into kosha.lanes (lane, claimed_at) values (%s, clock_timestamp())
    on conflict (lane) do update set claimed_at = excluded.claimed_at"""
_RECORD = """
    update kosha.executions
    set deaths = case when state is distinct from %(state)s then 0 else deaths end,
        state = %(state)s, input = %(input)s, attempt = %(attempt)s, not_before = to_timestamp(%(not_before)s),
        lease_until = now() + interval '15 seconds'
    where name = %(name)s and fence = %(fence)s and status = 'running' returning stop_requested"""
_BEAT = """
    update kosha.executions set lease_until = now() + interval '15 seconds'
    where name = %(name)s and fence = %(fence)s and status = 'running' returning stop_requested"""
_END = """
    update kosha.executions
    set status = %(status)s, reason = %(reason)s, ended_at = coalesce(ended_at, now()),
        input = case when %(status)s = 'failed' then input else '{}' end
    where name = %(name)s and fence = %(fence)s and status in ('running', %(status)s) returning 1"""
_RELEASE = """
    update kosha.executions
    set status = case when stop_requested then 'stopped' else 'waiting' end, lease_until = null,
        ended_at = case when stop_requested then now() end, reason = case when stop_requested then 'It was stopped.' end
    where name = %(name)s and fence = %(fence)s and status = 'running'"""
_STOP = """
    update kosha.executions
    set stop_requested = true, status = case when status = 'waiting' then 'stopped' else status end,
        ended_at = case when status = 'waiting' then now() end,
        reason = case when status = 'waiting' then 'It was stopped.' end
    where name = %s and status in ('waiting', 'running')"""
_REDRIVE = """
    update kosha.executions
    set status = 'waiting', attempt = 0, deaths = 0, stop_requested = false, reason = null, ended_at = null,
        not_before = now()
    where name = %s and status = 'failed'"""
_FAILED = """
    select name, machine, state, reason, ended_at from kosha.executions where status = 'failed' order by ended_at"""
_HAS_WORK = "select 1 from kosha.executions where status = 'waiting' and not_before <= now() limit 1"


class PostgresExecutions:
    """Where workflow executions wait for a worker, and what is known of those that ran.

    holder: names this worker process; a restarted one is another. sole_holder: no other worker lives while this one
    does, so what any other holds is given up at once; else when its lease of 15 s is over.
    """

    def __init__(self, database: Database, *, holder: str, sole_holder: bool = False) -> None:
        self._database = database
        self._me = {"holder": holder, "sole_holder": sole_holder, "deaths_limit": DEATHS_LIMIT}

    def start(self, machine: str, name: str, input: Any) -> None:
        """Put an execution in the queue and wake a worker; a name that was started is not started again."""
        values = {"name": storable(name), "machine": machine, "input": to_json(input)}

        def work(connection: Connection) -> None:
            if connection.execute(_START, values).rowcount:
                connection.execute(_NOTIFY)

        self._database.run(work)

    def wait(self, timeout_seconds: float) -> None:
        """Return when there may be something to claim, at the latest after the timeout."""
        deadline = time.monotonic() + timeout_seconds

        def work(connection: Connection) -> None:
            connection.execute("listen kosha_work")  # from here on no start goes unheard
            try:
                has_work = connection.execute(_HAS_WORK).fetchone() is not None
                if not has_work:
                    remaining_seconds = max(0.0, deadline - time.monotonic())
                    list(connection.notifies(timeout=remaining_seconds, stop_after=1))
            finally:
                connection.execute("unlisten kosha_work")

        self._database.ask(work)

    def claim(self) -> Execution | None:
        """Take an execution whose worker died, else one that waits, for 15 s; None where there is none.

        Workspaces take turns; of each the one that waits longest is taken.
        """
        values = {**self._me, "claim": str(uuid4())}

        def work(connection: Connection) -> TupleRow | None:
            connection.execute(_END_GIVEN_UP, values)
            taken = connection.execute(_CLAIM, values).fetchone()
            if taken is not None:
                connection.execute(_TURN, taken[-1:])
            return taken

        row = self._database.run(work)
        return None if row is None else Execution(*row[:-1])

    def record(
        self, execution: Execution, *, state: str, input: Any, attempt: int = 0, not_before: float = 0.0
    ) -> Beat:
        """Keep where it stands, renew the lease, read the stop flag. Raises LostLease.

        not_before: seconds since 1970 before which nobody shall claim it, once it is released.
        """
        moved = {"state": storable(state), "input": to_json(input), "attempt": attempt, "not_before": not_before}
        return self._beat(_RECORD, execution, moved)

    def heartbeat(self, execution: Execution) -> Beat:
        """Renew the lease, read the stop flag. Raises LostLease."""
        return self._beat(_BEAT, execution, {})

    def end(self, execution: Execution, ending: Ending, *, reason: str | None = None) -> None:
        """Keep how it ended; a failed one stays in the dead letter queue for 7 days. Raises LostLease."""
        self._beat(_END, execution, {"status": ending, "reason": reason and storable(reason)})

    def release(self, execution: Execution) -> None:
        """Give it back to the queue, where it stands; nothing happens where somebody else holds it."""
        values = {"name": storable(execution.name), "fence": execution.fence}

        def work(connection: Connection) -> None:
            connection.execute(_RELEASE, values)
            connection.execute(_NOTIFY)

        self._database.run(work)

    def stop(self, name: str) -> None:
        """End it if it waits, else ask its holder to; nothing happens where it has ended."""
        self._database.ask(lambda c: c.execute(_STOP, (storable(name),)))

    def is_live(self, name: str) -> bool:
        """Whether it is waiting or running."""
        statement = "select 1 from kosha.executions where name = %s and status in ('waiting', 'running')"
        return self._database.ask(lambda c: c.execute(statement, (storable(name),)).fetchone()) is not None

    def live(self, names: Collection[str]) -> set[str]:
        """Those that are waiting or running."""
        statement = "select name from kosha.executions where name = any(%s) and status in ('waiting', 'running')"
        asked = {storable(name): name for name in names}
        return {asked[row[0]] for row in self._database.ask(lambda c: c.execute(statement, (list(asked),)).fetchall())}

    def failed(self) -> list[FailedExecution]:
        """The dead letter queue, oldest first."""
        return [FailedExecution(*row) for row in self._database.ask(lambda c: c.execute(_FAILED).fetchall())]

    def redrive(self, name: str) -> None:
        """Put a failed execution back where it stood, with every attempt before it. Raises NotFound."""

        def work(connection: Connection) -> int:
            redriven = connection.execute(_REDRIVE, (storable(name),)).rowcount
            connection.execute(_NOTIFY)
            return redriven

        if not self._database.run(work) and not self.is_live(name):
            raise NotFound("failed execution", name)

    def sweep(self) -> None:
        """Forget what ended more than 7 days ago; after that its name may be started again."""

        def work(connection: Connection) -> None:
            connection.execute("delete from kosha.executions where ended_at < now() - interval '7 days'")
            connection.execute("delete from kosha.lanes where claimed_at < now() - interval '1 day'")

        self._database.ask(work)

    def _beat(self, statement: LiteralString, execution: Execution, values: dict[str, Any]) -> Beat:
        named = {**values, "name": storable(execution.name), "fence": execution.fence}
        row = self._database.ask(lambda c: c.execute(statement, named).fetchone())
        if row is None:
            raise LostLease(f"Another worker has the execution {execution.name!r}, or it has ended.")
        return Beat(bool(row[0]))
