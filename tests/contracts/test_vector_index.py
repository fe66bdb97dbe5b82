"""The approximate index of a large workspace: made beside everything else, measured, made anew, never left broken."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import psycopg
import pytest
from psycopg import sql
from tests.contracts.examples import a_document, a_workspace, new_id

from kosha.adapters.local.embedded_postgres import EmbeddedPostgres
from kosha.adapters.postgres import scope
from kosha.adapters.postgres.database import Database
from kosha.adapters.postgres.index import PgvectorIndex
from kosha.adapters.postgres.migrate import migrate
from kosha.adapters.postgres.ranking import Nearness
from kosha.adapters.postgres.vector_tables import tables_of
from kosha.model.chunk import IndexedChunk
from kosha.model.document import Document
from kosha.model.search import Condition, Filters
from kosha.model.workspace import Metric, Workspace
from kosha.ports import Vectors

DIMENSIONS, LIMIT = 16, 200


@pytest.fixture
def index(database: Database) -> PgvectorIndex:
    """One that finds 200 chunks many."""
    return PgvectorIndex(database, exact_limit_chunks=LIMIT)


@pytest.fixture
def workspace(index: PgvectorIndex) -> Iterator[Workspace]:
    workspace = made(index)
    yield workspace
    index.drop(workspace.id)


def made(index: PgvectorIndex, *, metric: Metric = "cosine", dimensions: int = DIMENSIONS) -> Workspace:
    workspace = a_workspace(embeddings_model_dimensions=dimensions, metric=metric)
    index.create(workspace)
    return workspace


def directions(count: int, dimensions: int = DIMENSIONS, *, seed: int = 3) -> Vectors:
    random = np.random.default_rng(seed).normal(size=(count, dimensions)).astype(np.float32)
    return random / np.linalg.norm(random, axis=1, keepdims=True)


def publish(index: PgvectorIndex, workspace: Workspace, vectors: Vectors, **fields: str) -> Document:
    document = a_document(workspace.id, run=1, **{"title": "", **fields})
    chunks = [
        IndexedChunk(chunk_id=new_id(), document_id=document.id, index=place, content=f"text {place}")
        for place in range(len(vectors))
    ]
    index.stage(document, chunks, vectors)
    index.publish(workspace, document)
    return document


def places(index: PgvectorIndex, workspace: Workspace, vector: Vectors, limit: int = 10) -> list[int]:
    """Where in its document the nearest chunks stand."""
    found = index.rankings(workspace, "", vector, limit=limit, filters=Filters()).vector
    return [int(hit.content.split()[1]) for hit in index.hits(workspace.id, [one.chunk_id for one in found])]


def indexes(database: Database, workspace: Workspace) -> dict[str, bool]:
    """The approximate indexes there are, and whether each is valid."""
    statement = """
        select c.relname, indisvalid from pg_index join pg_class c on c.oid = indexrelid
        where indrelid = to_regclass(%s) and c.relname like '%%ann'"""
    name = f"vectors.{tables_of(workspace.id).name}"
    return dict(database.run(lambda c: c.execute(statement, (name,)).fetchall()))


def test_a_small_workspace_is_searched_exactly(index: PgvectorIndex, workspace: Workspace) -> None:
    publish(index, workspace, directions(LIMIT))
    assert not index.tend(workspace)
    report = index.report(workspace)
    assert (report.kind, report.recall_at_10) == ("exact", 1.0)
    assert str(LIMIT) in (report.reason or "")


@pytest.mark.parametrize("metric", ["cosine", "l2", "inner"])
def test_a_large_one_is_searched_by_an_index_that_finds_what_is_nearest(index: PgvectorIndex, metric: Metric) -> None:
    workspace, vectors = made(index, metric=metric), directions(1_000)
    publish(index, workspace, vectors)
    assert index.tend(workspace)
    assert not index.tend(workspace)
    exact = np.argsort(-(vectors @ vectors[5]))[:10]
    assert len(set(places(index, workspace, vectors[5])) & set(exact.tolist())) >= 9
    assert places(index, workspace, vectors[5])[0] == 5
    report = index.report(workspace)
    assert (report.kind, report.chunks) == ("hnsw", 1_000)
    assert report.recall_at_10 >= 0.95
    assert report.parameters["efSearch"] == 100
    assert report.size_in_bytes > 0
    index.drop(workspace.id)


def test_the_order_of_a_search_is_one_that_the_index_has(
    index: PgvectorIndex, workspace: Workspace, database: Database
) -> None:
    vectors, tables = directions(1_000), tables_of(workspace.id)
    publish(index, workspace, vectors)
    index.tend(workspace)

    def plan(ef_search: int | None) -> str:
        order = Nearness(workspace.metric, DIMENSIONS, ef_search).order
        statement = tables.fill(sql.SQL("explain select from {chunks} m order by {order} limit 10"), order=order)
        rows = database.run(lambda c: c.execute(statement, {"vector": vectors[0]}).fetchall())
        return "\n".join(row[0] for row in rows)

    assert tables.ann_index in plan(100)
    assert tables.ann_index not in plan(None)


def test_models_of_more_than_2000_dimensions_are_indexed(index: PgvectorIndex) -> None:
    workspace = made(index, dimensions=3_072)
    vectors = directions(LIMIT + 50, 3_072)
    publish(index, workspace, vectors)
    assert index.tend(workspace)
    assert places(index, workspace, vectors[7])[0] == 7
    assert index.report(workspace).kind == "hnsw"
    index.drop(workspace.id)


def test_models_of_more_than_4000_dimensions_are_refused_with_the_figures(index: PgvectorIndex) -> None:
    assert index.supports("cosine", 4_000) is None
    reason = index.supports("l2", 4_096)
    assert reason is not None
    assert "4000" in reason
    assert "4096" in reason


def test_what_a_killed_build_left_is_removed_and_built_again(
    index: PgvectorIndex, workspace: Workspace, database: Database
) -> None:
    publish(index, workspace, directions(500))
    tables = tables_of(workspace.id)
    broken = tables.fill(
        sql.SQL("create index {name} on {chunks} using hnsw ((content_embeddings::halfvec(16)) halfvec_cosine_ops)"),
        name=sql.Identifier(tables.next_ann_index),
    )
    database.run(lambda c: c.execute(broken))
    spoil = "update pg_index set indisvalid = false where indexrelid = to_regclass(%s)"
    database.run(lambda c: c.execute(spoil, (f"vectors.{tables.next_ann_index}",)))
    assert index.tend(workspace)
    assert indexes(database, workspace) == {tables.ann_index: True}


def test_what_was_built_after_its_builder_had_gone_is_used(
    index: PgvectorIndex, workspace: Workspace, database: Database
) -> None:
    publish(index, workspace, directions(500))
    tables = tables_of(workspace.id)
    whole = tables.fill(
        sql.SQL("create index {name} on {chunks} using hnsw ((content_embeddings::halfvec(16)) halfvec_cosine_ops)"),
        name=sql.Identifier(tables.next_ann_index),
    )
    database.run(lambda c: c.execute(whole))
    assert not index.tend(workspace)
    assert indexes(database, workspace) == {tables.ann_index: True}
    assert index.report(workspace).kind == "hnsw"


def test_a_build_that_was_killed_is_done_again(tmp_path: Path) -> None:
    with (
        EmbeddedPostgres(tmp_path, holder="a test of builds") as server,
        closing(Database(server.dsn)) as own,
    ):
        own.open()
        migrate(own)
        index = PgvectorIndex(own, exact_limit_chunks=LIMIT)
        workspace, vectors = made(index), directions(4_000)
        publish(index, workspace, vectors)
        building = threading.Thread(target=index.tend, args=(workspace,))
        building.start()
        _kill_builder(server)
        building.join()  # the work is repeated once the server is back
        assert indexes(own, workspace) == {tables_of(workspace.id).ann_index: True}
        assert index.report(workspace).kind == "hnsw"
        assert places(index, workspace, vectors[3])[0] == 3


def _kill_builder(server: EmbeddedPostgres) -> None:
    """`kill -9` to the process that builds, as soon as there is one, which takes the whole server down."""
    statement = "select pid from pg_stat_progress_create_index"
    with psycopg.connect(server.dsn, autocommit=True) as watching:
        while (row := watching.execute(statement).fetchone()) is None:
            pass
        os.kill(row[0], signal.SIGKILL)


def test_an_index_is_made_anew_when_half_of_the_chunks_are_others(index: PgvectorIndex, workspace: Workspace) -> None:
    first = publish(index, workspace, directions(600))
    assert index.tend(workspace)
    publish(index, workspace, directions(100, seed=4))
    assert not index.tend(workspace)
    index.remove(workspace.id, first.id)
    assert index.report(workspace).outdated
    publish(index, workspace, directions(300, seed=5))
    assert index.tend(workspace)
    assert not index.report(workspace).outdated


def test_searches_and_imports_go_on_while_an_index_is_built(index: PgvectorIndex, workspace: Workspace) -> None:
    vectors = directions(3_000)
    publish(index, workspace, vectors)
    building = threading.Thread(target=index.tend, args=(workspace,))
    building.start()
    found = [places(index, workspace, vectors[number])[0] for number in range(5)]
    publish(index, workspace, directions(50, seed=9))
    building.join()
    assert found == list(range(5))
    assert index.report(workspace).kind == "hnsw"


def test_two_processes_do_not_build_the_same_index(
    index: PgvectorIndex, workspace: Workspace, server: EmbeddedPostgres
) -> None:
    publish(index, workspace, directions(500))
    key = f"index of {tables_of(workspace.id).name}"
    with psycopg.connect(server.dsn, autocommit=True) as other:
        other.execute("select pg_advisory_lock(hashtextextended(%s, 0))", (key,))
        assert not index.tend(workspace)
        other.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", (key,))
    assert index.tend(workspace)


def test_a_filter_finds_as_many_as_there_are_although_the_index_gives_up(
    monkeypatch: pytest.MonkeyPatch, database: Database, server: EmbeddedPostgres
) -> None:
    monkeypatch.setattr(scope, "FEW_CHUNKS", 20)  # else they would be looked at one by one
    impatient = psycopg.conninfo.make_conninfo(server.dsn, options="-c hnsw.max_scan_tuples=100")
    with closing(Database(impatient)) as hasty:
        hasty.open()
        index = PgvectorIndex(hasty, exact_limit_chunks=LIMIT)
        workspace = made(index)
        near = directions(1) + 0.05 * directions(2_000, seed=8)
        publish(index, workspace, near / np.linalg.norm(near, axis=1, keepdims=True), title="Near")
        publish(index, workspace, -directions(1) + 0.1 * directions(40, seed=6), title="Far")
        index.tend(workspace)
        only_far = Filters(all=(Condition(field="title", op="eq", value="Far"),))
        found = index.rankings(workspace, "text far", directions(1)[0], limit=40, filters=only_far)
        index.drop(workspace.id)
    assert len(found.vector) == 40
    assert len(found.keyword) == 40
