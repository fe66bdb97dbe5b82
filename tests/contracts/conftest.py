"""A real PostgreSQL for the contract suites, and every port's adapters on it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import pytest

from kosha.adapters.local.embedded_postgres import EmbeddedPostgres
from kosha.adapters.postgres.database import Connection, Database
from kosha.adapters.postgres.documents import PostgresDocuments
from kosha.adapters.postgres.executions import PostgresExecutions
from kosha.adapters.postgres.migrate import migrate
from kosha.adapters.postgres.replies import PostgresReplies
from kosha.adapters.postgres.sessions import PostgresSessions
from kosha.adapters.postgres.turns import PostgresTurns
from kosha.adapters.postgres.users import PostgresUsers
from kosha.adapters.postgres.workspaces import PostgresWorkspaces
from kosha.ports import Documents, Replies, Sessions, Turns, Workspaces

T = TypeVar("T")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL of its own for this run of the tests."""
    with EmbeddedPostgres(tmp_path_factory.mktemp("data"), holder="the contract tests") as server:
        yield server


@pytest.fixture(scope="session")
def database(server: EmbeddedPostgres) -> Iterator[Database]:
    """The newest schema; tests share what is in it."""
    database = Database(server.dsn)
    database.open()
    migrate(database)
    yield database
    database.close()


@pytest.fixture
def empty_database(database: Database) -> Database:
    """The newest schema without a record in it."""

    def work(connection: Connection) -> None:
        find = "select format('delete from kosha.%I', tablename) from pg_tables where schemaname = 'kosha'"
        for (delete,) in connection.execute(f"{find} and tablename <> 'migrations'").fetchall():
            connection.execute(delete)  # a truncate makes new files: slower for a few rows

    database.run(work)
    return database


@dataclass(frozen=True)
class Store:
    """The record ports of one technology.

    turns_of, executions_of: as another process sees them. pass_seconds: makes all that is kept older.
    """

    workspaces: Workspaces
    documents: Documents
    sessions: Sessions
    users: PostgresUsers
    replies: Replies
    turns_of: Callable[..., Turns]
    executions_of: Callable[..., PostgresExecutions]
    pass_seconds: Callable[[float], None]
    database: Database

    @property
    def turns(self) -> Turns:
        """As the first process sees them."""
        return self.turns_of("first")


class ForgetfulDatabase(Database):
    """The confirmation of every commit is lost once, so every unit runs again after it took effect."""

    def ask(self, work: Callable[[Connection], T]) -> T:
        super().ask(work)
        return super().ask(work)


@pytest.fixture(scope="session")
def forgetful_database(server: EmbeddedPostgres, database: Database) -> Iterator[Database]:
    forgetful = ForgetfulDatabase(server.dsn, connections=8)
    forgetful.open()
    yield forgetful
    forgetful.close()


@pytest.fixture(params=["postgres", "postgres that loses confirmations"])
def store(request: pytest.FixtureRequest, empty_database: Database) -> Store:
    """Every technology that keeps records."""
    is_forgetful = request.param == "postgres that loses confirmations"
    return postgres_store(
        request.getfixturevalue("forgetful_database") if is_forgetful else empty_database, empty_database
    )


def postgres_store(database: Database, clock: Database) -> Store:
    """clock: the database where time passes, and where tests look around."""

    def pass_seconds(seconds: float) -> None:
        def work(connection: Connection) -> None:
            for table, columns in _TIMES.items():
                older = ", ".join(f"{column} = {column} - make_interval(secs => {seconds})" for column in columns)
                connection.execute(f"update kosha.{table} set {older}")

        clock.run(work)

    return Store(
        workspaces=PostgresWorkspaces(database),
        documents=PostgresDocuments(database),
        sessions=PostgresSessions(database),
        users=PostgresUsers(database),
        replies=PostgresReplies(database),
        turns_of=lambda holder, **options: PostgresTurns(database, holder=holder, **options),
        executions_of=lambda holder, **options: PostgresExecutions(database, holder=holder, **options),
        pass_seconds=pass_seconds,
        database=clock,
    )


_TIMES: dict[str, tuple[str, ...]] = {
    "turns": ("lease_until", "ended_at"),
    "executions": ("lease_until", "ended_at", "not_before"),
    "replies": ("begun_at",),
    "single_use_tokens": ("expires_at",),
}


@pytest.fixture
def workspaces(store: Store) -> Workspaces:
    return store.workspaces


@pytest.fixture
def documents(store: Store) -> Documents:
    return store.documents


@pytest.fixture
def sessions(store: Store) -> Sessions:
    return store.sessions


@pytest.fixture
def turns(store: Store) -> Turns:
    return store.turns


@pytest.fixture
def users(store: Store) -> PostgresUsers:
    return store.users


@pytest.fixture
def replies(store: Store) -> Replies:
    return store.replies
