"""The contract of the port `Index`, as far as it keeps the vectors of tokens."""

from collections.abc import Sequence

import numpy as np
from psycopg import sql
from tests.contracts.examples import a_document, a_workspace, new_id
from tests.contracts.test_index import chunks_of, cluster, index, serve, vectors_for, workspace
from tests.contracts.test_migrations import unused_database

from kosha.adapters.postgres.database import Connection, Database
from kosha.adapters.postgres.index import PgvectorIndex
from kosha.adapters.postgres.migrate import migrate, migrations
from kosha.adapters.postgres.vector_tables import tables_of
from kosha.model.workspace import Workspace
from kosha.ports import Index, TokenVectors

__all__ = ["cluster", "index", "unused_database", "workspace"]  # fixtures
MIGRATION = next(step.version for step in migrations() if step.name == "token_vectors")
TEXTS = ("Leave is 25 days.", "Travel is paid.")


def tokens(count: int, first: int = 0) -> TokenVectors:
    """Every value that a byte can have, if there are enough."""
    return ((np.arange(first, first + count * 3)) % 256 - 128).astype(np.int8).reshape(count, 3)


def served(index: Index, workspace: Workspace, token_vectors: Sequence[TokenVectors]) -> list[str]:
    """The ids of two chunks with these vectors."""
    document = a_document(workspace.id, title="", run=1)
    chunks = chunks_of(document, TEXTS)
    index.stage(document, chunks, vectors_for(2), token_vectors)
    index.publish(workspace, document)
    return [chunk.chunk_id for chunk in chunks]


def test_the_vectors_of_a_chunks_tokens_come_back_as_they_were(index: Index, workspace: Workspace) -> None:
    given = [tokens(90), tokens(2000, first=7)]
    ids = served(index, workspace, given)
    kept = index.token_vectors(workspace.id, ids)
    assert kept.keys() == set(ids)
    for chunk_id, vectors in zip(ids, given, strict=True):
        np.testing.assert_array_equal(kept[chunk_id], vectors)


def test_a_chunk_of_no_telling_tokens_keeps_none(index: Index, workspace: Workspace) -> None:
    ids = served(index, workspace, [tokens(0), tokens(1)])
    assert index.token_vectors(workspace.id, ids)[ids[0]].shape == (0, 3)


def test_a_chunk_that_was_staged_without_is_left_out(index: Index, workspace: Workspace) -> None:
    document = serve(index, workspace, TEXTS)
    assert index.token_vectors(workspace.id, [document.id, "no id", new_id()]) == {}


def test_a_chunk_of_another_workspace_is_left_out(index: Index, workspace: Workspace) -> None:
    other = a_workspace(embeddings_model_dimensions=workspace.embeddings_model_dimensions)
    index.create(other)
    ids = served(index, other, [tokens(1), tokens(1)])
    assert index.token_vectors(workspace.id, ids) == {}


def test_a_new_run_brings_its_own(index: Index, workspace: Workspace) -> None:
    document = a_document(workspace.id, title="", run=1)
    chunks = chunks_of(document, ["Leave is 25 days."])
    index.stage(document, chunks, vectors_for(1), [tokens(4)])
    index.publish(workspace, document)
    again = document.model_copy(update={"run": 2})
    index.stage(again, chunks, vectors_for(1), [tokens(9)])
    index.publish(workspace, again)
    assert len(index.token_vectors(workspace.id, [chunks[0].chunk_id])[chunks[0].chunk_id]) == 9


def test_the_table_of_an_older_version_learns_to_keep_them(unused_database: Database) -> None:
    migrate(unused_database)
    index, workspace = PgvectorIndex(unused_database), a_workspace(embeddings_model_dimensions=8)
    index.create(workspace)
    without = tables_of(workspace.id).fill(sql.SQL("alter table {chunks} drop column token_vectors"))
    step = migrations()[MIGRATION - 1]

    def upgrade_from_before(connection: Connection) -> None:
        connection.execute(without)
        connection.execute("alter table kosha.staged_chunks drop column token_vectors")
        connection.execute(step.up.encode())

    unused_database.run(upgrade_from_before)
    ids = served(index, workspace, [tokens(5), tokens(6)])
    assert len(index.token_vectors(workspace.id, ids)) == 2
