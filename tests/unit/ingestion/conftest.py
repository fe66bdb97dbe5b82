"""One PostgreSQL for the tests of ingestion; each test has a house with an empty store."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.ingestion.house import House

from kosha.adapters.local.embedded_postgres import EmbeddedPostgres
from kosha.adapters.local.parser_process import ParserProcess
from kosha.adapters.postgres.database import Connection, Database
from kosha.adapters.postgres.migrate import migrate


@pytest.fixture(scope="session")
def house_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with EmbeddedPostgres(tmp_path_factory.mktemp("house"), holder="the tests of ingestion") as server:
        database = Database(server.dsn)
        database.open()
        migrate(database)
        yield database
        database.close()


@pytest.fixture(scope="session")
def parser() -> Iterator[ParserProcess]:
    with ParserProcess() as parser:
        yield parser


@pytest.fixture
def house(house_database: Database, parser: ParserProcess, tmp_path: Path) -> House:
    house_database.run(_empty)
    return House(house_database, tmp_path, parser)


def _empty(connection: Connection) -> None:
    find = "select format('truncate kosha.%I cascade', tablename) from pg_tables where schemaname = 'kosha'"
    for (truncate,) in connection.execute(f"{find} and tablename <> 'migrations'").fetchall():
        connection.execute(truncate)
