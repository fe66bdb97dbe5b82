"""The schema goes up and down whole, once, and never under newer code's feet."""

from collections.abc import Iterator

import psycopg
import pytest
from tests.contracts.examples import new_id
from tests.contracts.races import at_once

from kosha.adapters.local.embedded_postgres import EmbeddedPostgres
from kosha.adapters.postgres.database import Database
from kosha.adapters.postgres.migrate import Migration, migrate, migrations
from kosha.errors import Rejected

NEWEST = len(migrations())


@pytest.fixture
def unused_database(server: EmbeddedPostgres) -> Iterator[Database]:
    name = f"unused_{new_id().replace('-', '')}"
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute(f"create database {name}")
    database = Database(psycopg.conninfo.make_conninfo(server.dsn, dbname=name))
    database.open()
    yield database
    database.close()
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")


def schema_of(database: Database) -> list[tuple[str, ...]]:
    """Every column and index of ours."""
    statement = """
        select table_name, column_name, data_type, column_default from information_schema.columns
            where table_schema = 'kosha'
        union all select tablename, indexname, indexdef, '' from pg_indexes where schemaname = 'kosha'
        order by 1, 2"""
    return database.run(lambda c: c.execute(statement).fetchall())


def test_an_unused_database_gets_the_newest_schema(unused_database: Database) -> None:
    assert migrate(unused_database) == 0
    tables = {row[0] for row in schema_of(unused_database)}
    assert {"workspaces", "documents", "sessions", "turns", "accounts", "executions", "staged_chunks"} <= tables


def test_migrating_again_changes_nothing(unused_database: Database) -> None:
    migrate(unused_database)
    before = schema_of(unused_database)
    assert migrate(unused_database) == NEWEST
    assert schema_of(unused_database) == before


@pytest.mark.parametrize("migration", migrations(), ids=lambda migration: migration.name)
def test_each_migration_goes_down_and_up_again(unused_database: Database, migration: Migration) -> None:
    migrate(unused_database, version=migration.version - 1)
    below = schema_of(unused_database)
    migrate(unused_database, version=migration.version)
    above = schema_of(unused_database)
    migrate(unused_database, version=migration.version - 1)
    assert schema_of(unused_database) == below
    migrate(unused_database, version=migration.version)
    assert schema_of(unused_database) == above


def test_processes_that_start_together_migrate_once(unused_database: Database) -> None:
    found = at_once([lambda: migrate(unused_database)] * 6)
    assert sorted(found) == [0] + [NEWEST] * 5


def test_a_database_that_newer_code_has_written_is_refused(unused_database: Database) -> None:
    migrate(unused_database)
    unused_database.run(
        lambda c: c.execute("insert into kosha.migrations (version, name) values (%s, 'future')", (NEWEST + 1,))
    )
    with pytest.raises(Rejected, match=f"schema version {NEWEST + 1}, this Kosha knows versions up to {NEWEST}"):
        migrate(unused_database)


def test_vectors_can_be_written_right_after_the_first_migration(unused_database: Database) -> None:
    migrate(unused_database)
    statement = "select '[1,2,3]'::vector"
    (vector,) = unused_database.run(lambda c: c.execute(statement).fetchone())
    assert not isinstance(vector, str)
