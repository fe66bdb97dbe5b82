"""The life of a workspace's approximate index (HNSW): when it is made, how well it finds, when it is made anew.

It holds the vectors as halves, which find the same at half the memory. It is built beside what goes on: searches and
imports wait for nothing. What a killed build leaves behind is removed by the next one. What was measured of an index is
its comment in the database, and goes with it.
"""

import json
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, NamedTuple

from psycopg import sql

from kosha.adapters.postgres.database import EF_SEARCH, Connection
from kosha.adapters.postgres.ranking import Nearness
from kosha.adapters.postgres.recall import LEAST_RECALL, measured, sample
from kosha.adapters.postgres.vector_tables import Tables
from kosha.model.index_report import IndexReport
from kosha.model.workspace import Metric, Workspace

DIMENSIONS_LIMIT = 4_000  # of pgvector's HNSW on its type `halfvec`

# Recall@10 against the exact order and p50 on 100,000 x 384 real vectors, ef_search 100: m 16 with ef_construction 64
# .90, with 128 .95 in 1 ms, m 24 with 200 .975 in 1.6 ms (docs/performance.md).
M, EF_CONSTRUCTION = 16, 128
# Tried in turn until recall@10 is enough; a search costs in proportion.
EF_SEARCHES = (EF_SEARCH, 200, 400, 800)
_OPERATOR_CLASSES: dict[Metric, str] = {
    "cosine": "halfvec_cosine_ops",
    "l2": "halfvec_l2_ops",
    "inner": "halfvec_ip_ops",
}
_DIFFERENT_SHARE = 0.5  # of the chunks it was built with: so many came or went since
_BYTES_A_NODE = (
    800  # of the graph while it is built, beside the vector; beyond the memory allowed it takes ten times as long
)
_LEAST_BUILD_MEMORY_BYTES = 64 * 2**20

_STATE = sql.SQL("""
select c.relname, i.indisvalid, obj_description(c.oid, 'pg_class'), pg_relation_size(c.oid)
from pg_index i join pg_class c on c.oid = i.indexrelid
where i.indrelid = to_regclass(%(table)s) and c.relname = any(%(names)s) order by c.relname""")
_SIZE = sql.SQL(
    "select (select chunks from {words} where lexeme = ''), (select coalesce(max(chunk_no), 0) from {chunks})"
)
_BUILD = sql.SQL("""
create index concurrently {name} on {chunks} using hnsw ((content_embeddings::halfvec({dimensions})) {operators})
with (m = {m}, ef_construction = {ef})""")


class VectorIndex(NamedTuple):
    """A finished index. chunks, last_chunk_no: of when it was built. recall: measured at 10 with ef_search."""

    chunks: int
    last_chunk_no: int
    ef_search: int = EF_SEARCH
    recall: float | None = None
    size_bytes: int = 0

    def is_outdated(self, chunks: int, last_chunk_no: int) -> bool:
        """Whether so much came or went since that a new one would be better."""
        came = last_chunk_no - self.last_chunk_no
        gone = max(0, self.chunks + came - chunks)
        return came + gone > _DIFFERENT_SHARE * max(self.chunks, 1)


def vector_index(connection: Connection, tables: Tables) -> VectorIndex | None:
    """The index that searches use; None where they are exact, because there is none or it is not finished."""
    for name, is_valid, comment, size_bytes in _all(connection, tables):
        if name == tables.ann_index and is_valid and comment:
            told: dict[str, Any] = json.loads(comment)
            return VectorIndex(told["chunks"], told["lastChunkNo"], told["efSearch"], told["recall"], size_bytes)
    return None


def tend(
    connection: Connection,
    tables: Tables,
    workspace: Workspace,
    *,
    exact_limit: int,
    memory_bytes: int,
    helpers: int = 0,
) -> bool:
    """Make the index where the workspace has outgrown exact search, or anew where it has changed much.

    Takes about a minute for 100,000 vectors on a core. Nothing happens while another process is at it. Returns whether
    something was made. helpers: processes beside the one that builds; without any, the other cores go on answering.
    The connection must not be in a transaction.
    """
    with _alone(connection, tables) as is_alone:
        if not is_alone:
            return False
        _clear(connection, tables)
        chunks, last_chunk_no = _size(connection, tables)
        present = vector_index(connection, tables)
        if present and not present.is_outdated(chunks, last_chunk_no):
            if present.recall is None:
                _measure(connection, tables, workspace, present)
            return False
        if chunks <= exact_limit:
            return False
        _build(connection, tables, workspace, chunks, memory_bytes, helpers)
        built = VectorIndex(chunks, last_chunk_no)
        _note(connection, tables.next_ann_index, built)
        _put_in_place(connection, tables)
        _measure(connection, tables, workspace, built)
        return True


def reported(
    connection: Connection, tables: Tables, nearness: Nearness, never: str | None, exact_limit: int
) -> IndexReport:
    """What there is, and what it finds. never: why there is never an index."""
    chunks, last_chunk_no = _size(connection, tables)
    index = vector_index(connection, tables)
    if index is None or nearness.ef_search is None:
        few = f"Up to {exact_limit} chunks are searched exactly."
        reason = never or (few if chunks <= exact_limit else "The index is being built, or will be by the next import.")
        return IndexReport(kind="exact", chunks=chunks, reason=reason)
    found = measured(connection, tables, sample(connection, tables), nearness)
    return IndexReport(
        kind="hnsw",
        chunks=chunks,
        questions=found.questions,
        recall_at_10=found.recall_at_10,
        index_ms=found.index_ms,
        exact_ms=found.exact_ms,
        size_in_bytes=index.size_bytes,
        parameters={"m": M, "efConstruction": EF_CONSTRUCTION, "efSearch": index.ef_search, "vectors": "halfvec"},
        outdated=index.is_outdated(chunks, last_chunk_no),
    )


def stop_building(connection: Connection, tables: Tables) -> None:
    """Whoever builds an index for the workspace stops: it is to be removed."""
    statement = """
        select pg_cancel_backend(pid) from pg_stat_progress_create_index where relid = to_regclass(%s)"""
    connection.execute(statement, (f"vectors.{tables.name}",))


@contextmanager
def _alone(connection: Connection, tables: Tables) -> Generator[bool]:
    """One process at a time sees to a workspace's index; a killed one lets go with its connection."""
    key = f"index of {tables.name}"
    row: Any = connection.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", (key,)).fetchone()
    try:
        yield row[0]
    finally:
        if row[0] and not connection.closed:
            connection.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", (key,))


def _all(connection: Connection, tables: Tables) -> list[Any]:
    values = {"table": f"vectors.{tables.name}", "names": [tables.ann_index, tables.next_ann_index]}
    return connection.execute(_STATE, values).fetchall()


def _clear(connection: Connection, tables: Tables) -> None:
    """Remove what killed builds left; put in place what PostgreSQL finished after whoever wanted it had gone."""
    for name, is_valid, comment, _ in _all(connection, tables):
        if not is_valid:
            connection.execute(_dropped(name, concurrently=True))
        elif name == tables.next_ann_index:
            if not comment:
                _note(connection, name, VectorIndex(*_size(connection, tables)))
            _put_in_place(connection, tables)


def _size(connection: Connection, tables: Tables) -> tuple[int, int]:
    row: Any = connection.execute(tables.fill(_SIZE)).fetchone()
    return row[0], row[1]


def _build(
    connection: Connection, tables: Tables, workspace: Workspace, chunks: int, memory_bytes: int, helpers: int
) -> None:
    dimensions = workspace.embeddings_model_dimensions
    wanted = chunks * (_BYTES_A_NODE + 2 * dimensions) * 5 // 4
    memory = min(max(wanted, _LEAST_BUILD_MEMORY_BYTES), memory_bytes)
    statement = tables.fill(
        _BUILD,
        name=sql.Identifier(tables.next_ann_index),
        dimensions=sql.Literal(dimensions),
        operators=sql.Identifier(_OPERATOR_CLASSES[workspace.metric]),
        m=sql.Literal(M),
        ef=sql.Literal(EF_CONSTRUCTION),
    )
    settings = {"maintenance_work_mem": f"{memory // 1024}kB", "max_parallel_maintenance_workers": str(helpers)}
    try:
        for name, value in settings.items():
            connection.execute("select set_config(%s, %s, false)", (name, value))
        connection.execute(statement)
    finally:
        if not connection.closed:
            for name in settings:
                connection.execute(sql.SQL("reset {}").format(sql.Identifier(name)))


def _measure(connection: Connection, tables: Tables, workspace: Workspace, built: VectorIndex) -> None:
    """Find out how far a search has to look, and note it: the least of what was tried that finds enough."""
    asked = sample(connection, tables)
    for ef_search in EF_SEARCHES:
        nearness = Nearness(workspace.metric, workspace.embeddings_model_dimensions, ef_search)
        recall = measured(connection, tables, asked, nearness).recall_at_10
        built = built._replace(ef_search=ef_search, recall=recall)
        if recall >= LEAST_RECALL:
            break
    _note(connection, tables.ann_index, built)


def _note(connection: Connection, name: str, built: VectorIndex) -> None:
    told = {
        "chunks": built.chunks, "lastChunkNo": built.last_chunk_no, "efSearch": built.ef_search, "recall": built.recall,
    }  # fmt: skip
    connection.execute(
        sql.SQL("comment on index {} is {}").format(sql.Identifier("vectors", name), sql.Literal(json.dumps(told)))
    )


def _put_in_place(connection: Connection, tables: Tables) -> None:
    with connection.transaction():
        connection.execute(_dropped(tables.ann_index))
        connection.execute(
            sql.SQL("alter index {} rename to {}").format(
                sql.Identifier("vectors", tables.next_ann_index), sql.Identifier(tables.ann_index)
            )
        )


def _dropped(name: str, *, concurrently: bool = False) -> sql.Composed:
    statement = "drop index concurrently if exists {}" if concurrently else "drop index if exists {}"
    return sql.SQL(statement).format(sql.Identifier("vectors", name))
