"""The schema goes up and down whole, once, and never under newer code's feet."""

from collections.abc import Iterator

import psycopg
import pytest
from tests.contracts.examples import a_document, a_workspace, new_id
from tests.contracts.races import at_once

from kosha.adapters.local.embedded_postgres import EmbeddedPostgres
from kosha.adapters.postgres.database import Database
from kosha.adapters.postgres.index import PgvectorIndex
from kosha.adapters.postgres.migrate import Migration, migrate, migrations
from kosha.errors import Rejected
from kosha.model.chunk import IndexedChunk
from kosha.model.search import Filters

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


def test_the_words_of_a_workspace_are_packed_and_unpacked_without_a_loss(unused_database: Database) -> None:
    migrate(unused_database)
    index, workspace = PgvectorIndex(unused_database), a_workspace(embeddings_model_dimensions=0)
    index.create(workspace)
    document = a_document(workspace.id, run=1)
    texts = [f"common words, {number % 7} of seven, {number} alone " * (number % 5 + 1) for number in range(700)]
    chunks = [
        IndexedChunk(chunk_id=new_id(), document_id=document.id, index=place, content=text)
        for place, text in enumerate(texts)
    ]
    index.stage(document, chunks, None)
    index.publish(workspace, document)
    before = index.rankings(workspace, "common 3 of seven 77", None, limit=50, filters=Filters()).keyword
    packing = next(one.version for one in migrations() if one.name == "packed_postings")
    migrate(unused_database, version=packing - 1)
    migrate(unused_database)
    assert index.rankings(workspace, "common 3 of seven 77", None, limit=50, filters=Filters()).keyword == before
    index.remove(workspace.id, document.id)
    assert index.rankings(workspace, "common", None, limit=50, filters=Filters()).keyword == []
