"""A real PostgreSQL and a DynamoDB in process for the contract suites, and every port's adapters on them."""

from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest
from moto import mock_aws
from tests.contracts.aws import Clock, DynamoClients, DynamoStore
from tests.contracts.store import PostgresStore, Store

from kosha.adapters.local.embedded_postgres import EmbeddedPostgres
from kosha.adapters.postgres.database import Connection, Database
from kosha.adapters.postgres.migrate import migrate
from kosha.adapters.postgres.users import PostgresUsers
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


POSTGRES = ("postgres", "postgres that loses confirmations")
DYNAMODB = ("dynamodb", "dynamodb that loses confirmations")


# moto takes 1 to 10 ms a call: minutes for all of them.
@pytest.fixture(params=[*POSTGRES, *(pytest.param(name, marks=pytest.mark.slow) for name in DYNAMODB)])
def store(request: pytest.FixtureRequest) -> Store:
    """Every technology that keeps records."""
    if request.param in POSTGRES:
        return _postgres(request)
    clients: DynamoClients = request.getfixturevalue("dynamodb")
    return DynamoStore(clients.emptied(loses_confirmations=request.param == DYNAMODB[1]), Clock())


@pytest.fixture(params=POSTGRES)
def postgres(request: pytest.FixtureRequest) -> PostgresStore:
    """For what PostgreSQL alone keeps: on AWS the user pool has the users, and Step Functions the executions."""
    return _postgres(request)


def _postgres(request: pytest.FixtureRequest) -> PostgresStore:
    empty: Database = request.getfixturevalue("empty_database")
    used: Database = request.getfixturevalue("forgetful_database") if request.param == POSTGRES[1] else empty
    return PostgresStore(used, empty)


@pytest.fixture(scope="module")
def dynamodb() -> Iterator[DynamoClients]:
    """A DynamoDB in this process."""
    with mock_aws():
        yield DynamoClients()


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
def users(postgres: PostgresStore) -> PostgresUsers:
    return postgres.users


@pytest.fixture
def replies(store: Store) -> Replies:
    return store.replies
