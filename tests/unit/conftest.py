"""One PostgreSQL for the tests that need a house; each test has one with an empty store."""

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
    for table in ("workspaces", "documents", "staged_chunks", "sessions", "executions"):
        connection.execute(f"delete from kosha.{table}")  # of a few rows faster than truncate, which waits for the disk
