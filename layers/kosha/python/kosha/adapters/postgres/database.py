"""A pool of connections that outlives a restart of the server it points at."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
from pgvector.psycopg import register_vector  # pyright: ignore[reportUnknownVariableType] # no types in pgvector
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool, PoolTimeout

from kosha.errors import Unavailable
from kosha.observe import tell_of_wait

T = TypeVar("T")
Connection = psycopg.Connection[TupleRow]
MOMENT_SECONDS = 1.0

# What a server says while it starts, stops or recovers, and what a broken connection says.
_PASSING = (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout)
# Two transactions met; the one that lost may simply run again.
_CLASHES = (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected)


# Never several processes for one search: they cost more to start than it takes, and other chats want the cores. An
# approximate search looks at 100 neighbours at least, and goes on where filters take them away. Times without a zone
# are UTC.
EF_SEARCH = 100
_SETTINGS = f"""
    select set_config('max_parallel_workers_per_gather', '0', false), set_config('jit', 'off', false),
        set_config('hnsw.ef_search', '{EF_SEARCH}', false), set_config('hnsw.iterative_scan', 'relaxed_order', false),
        set_config('timezone', 'UTC', false)"""


class Database:
    """Runs units of work, each in one transaction, each repeatable.

    conninfo: where the server is and who we are, or what tells it for each new connection (a password may change).
    patience_seconds: how long a unit is tried again while the server is away (an embedded one is back within a second
    of a kill; a sleeping Aurora takes up to 30). sleeps: who waits longer than a moment is told that it is woken.
    """

    def __init__(
        self,
        conninfo: str | Callable[[], str],
        *,
        connections: int = 12,
        patience_seconds: float = 20,
        sleeps: bool = False,
    ) -> None:
        self._patience_seconds = patience_seconds
        self._sleeps = sleeps
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            conninfo,
            kwargs={"autocommit": True},
            connection_class=psycopg.Connection[TupleRow],
            min_size=1,
            max_size=connections,
            max_idle=60,
            # A failed attempt is not repeated by the pool, which would pause for seconds: we ask again instead.
            timeout=0.5,
            reconnect_timeout=0,
            configure=_configure,
            open=False,
            name="kosha",
        )

    def open(self) -> None:
        """Start the pool; connections are made when they are needed."""
        self._pool.open()

    def close(self) -> None:
        """Give every connection back to the server."""
        self._pool.close(timeout=2)

    @staticmethod
    def ask_once(conninfo: str, *, timeout_seconds: int) -> None:
        """Whether the server answers now, without patience. Raises Unavailable."""
        try:
            with psycopg.connect(conninfo, connect_timeout=timeout_seconds) as connection:
                connection.execute("select 1")
        except _PASSING as error:
            raise _as_ours(error) from error

    def renew(self) -> None:
        """Make every connection anew: a connection learns the types of the database when it is made."""
        self._pool.drain()

    def run(self, work: Callable[[Connection], T]) -> T:
        """The result of `work` in one committed transaction.

        `work` may run more than once, also after a commit whose confirmation was lost: it must be repeatable.
        Raises Unavailable when the server stays away longer than the patience.
        """

        def in_transaction(connection: Connection) -> T:
            with connection.transaction():
                return work(connection)

        return self.ask(in_transaction)

    def read(self, work: Callable[[Connection], T]) -> T:
        """As `run`, for several reads that must agree: all of them see what was committed when the first began."""

        def in_snapshot(connection: Connection) -> T:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            try:
                with connection.transaction():
                    return work(connection)
            finally:
                if not connection.broken:
                    connection.isolation_level = None

        return self.ask(in_snapshot)

    def ask(self, work: Callable[[Connection], T]) -> T:
        """As `run`, for single statements and reads that need not agree: no transaction, so two round trips fewer."""
        began, is_told = time.monotonic(), not self._sleeps
        deadline = began + self._patience_seconds
        pause_seconds = 0.02
        while True:
            try:
                with self._pool.connection() as connection:
                    return work(connection)
            except (*_PASSING, *_CLASHES) as error:
                if not _is_passing(error) or time.monotonic() > deadline:
                    raise _as_ours(error) from error
                if not is_told and time.monotonic() > began + MOMENT_SECONDS:
                    is_told = True
                    tell_of_wait("database", "Waking the database")
                time.sleep(pause_seconds)
                pause_seconds = min(pause_seconds * 2, 0.5)


def _configure(connection: Connection) -> None:
    connection.execute(_SETTINGS.encode())
    if connection.execute("select 1 from pg_extension where extname = 'vector'").fetchone():
        register_vector(connection)


def _is_passing(error: Exception) -> bool:
    """A full disk or a statement that ran out of time will not pass by waiting a second."""
    return not isinstance(error, (psycopg.errors.DiskFull, psycopg.errors.QueryCanceled))


def _as_ours(error: Exception) -> Unavailable:
    if isinstance(error, psycopg.errors.DiskFull):
        return Unavailable("The disk of the database is full. Free some space; nothing that was confirmed is lost.")
    if isinstance(error, psycopg.errors.QueryCanceled):
        return Unavailable("The database took too long to answer. Try again in a moment.")
    return Unavailable("The database does not answer. It is being restarted; try again in a few seconds.")


def one(row: TupleRow | None) -> Any:
    """The only column of the only row of a query that always has one."""
    assert row is not None
    return row[0]
