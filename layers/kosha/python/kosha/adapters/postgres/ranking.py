"""The ranking by vectors: the nearest, by the index where the workspace has one."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import NamedTuple

from psycopg import sql

from kosha.adapters.postgres.database import EF_SEARCH, Connection
from kosha.adapters.postgres.filters import Parameters
from kosha.adapters.postgres.scope import Scope
from kosha.adapters.postgres.vector_tables import Tables
from kosha.model.search import Scored
from kosha.model.workspace import Metric

_OPERATORS: dict[Metric, sql.SQL] = {"cosine": sql.SQL("<=>"), "l2": sql.SQL("<->"), "inner": sql.SQL("<#>")}
# For vectors of unit length each is the cosine.
_SIMILARITIES: dict[Metric, sql.SQL] = {
    "cosine": sql.SQL("1 - distance"),
    "l2": sql.SQL("1 - distance * distance / 2"),
    "inner": sql.SQL("-distance"),
}

# An index that goes on where its first look was not enough gives the rest out of order, and PostgreSQL takes its word
# for the order of `distance`; `distance + 0` is sorted for certain. The limit is part of the text: a plan that is made
# once, without knowing it, would pass over the index.
_NEAREST = sql.SQL("""
with nearest as materialized (
    select m.chunk_id, m.content_embeddings {operator} %(vector)b as distance from {chunks} m
    where m.served and m.workspace_id = %(workspace)s and {condition} order by {order} limit {limit}
)
select chunk_id::text, {similarity} from nearest where distance is not null order by distance + 0""")

# The chunks are few and known, so that no index may guess.
_NEAREST_AMONG = sql.SQL("""
with among as materialized (
    select m.chunk_id, m.content_embeddings {operator} %(vector)b as distance from {chunks} m
    where m.served and m.workspace_id = %(workspace)s and {condition}
)
select chunk_id::text, {similarity} from among where distance is not null order by distance limit {limit}""")


class Nearness(NamedTuple):
    """How vectors are compared. ef_search: how far an approximate search looks; None for an exact one."""

    metric: Metric
    dimensions: int
    ef_search: int | None = None

    @property
    def order(self) -> sql.Composed:
        """Distances as the order of a statement has them: such that the index is used, or such that it is not."""
        if self.ef_search is None:
            return sql.SQL("m.content_embeddings {} %(vector)b").format(_OPERATORS[self.metric])
        return sql.SQL("m.content_embeddings::halfvec({n}) {operator} %(vector)b::vector::halfvec({n})").format(
            n=sql.Literal(self.dimensions), operator=_OPERATORS[self.metric]
        )


def nearest(
    connection: Connection, tables: Tables, nearness: Nearness, scope: Scope, parameters: Parameters
) -> list[Scored]:
    """The chunks nearest to `vector`, by their cosine. Fewer than `limit` only where there are no more."""
    if scope.chunk_nos is not None:
        return among(connection, tables, nearness, scope, parameters)
    values = scope.parameters | parameters
    with looking(connection, nearness.ef_search):
        found = _rows(_NEAREST, connection, tables, nearness, scope, values)
    # The index gives up at a number of chunks; what meets the conditions may all lie behind them.
    if nearness.ef_search and scope.is_wide and len(found) < parameters["limit"]:
        return among(connection, tables, nearness, scope, parameters)
    return found


def among(
    connection: Connection, tables: Tables, nearness: Nearness, scope: Scope, parameters: Parameters
) -> list[Scored]:
    """The same, looked for one by one, without an index."""
    return _rows(_NEAREST_AMONG, connection, tables, nearness, scope, scope.parameters | parameters)


@contextmanager
def looking(connection: Connection, ef_search: int | None) -> Generator[None]:
    """Searches of the index look so far. What every connection has is not set again: it would take three calls."""
    if ef_search in (None, EF_SEARCH):
        yield
        return
    with connection.transaction():
        connection.execute("select set_config('hnsw.ef_search', %s, true)", (str(ef_search),))
        yield


def _rows(
    statement: sql.SQL, connection: Connection, tables: Tables, nearness: Nearness, scope: Scope, values: Parameters
) -> list[Scored]:
    filled = tables.fill(
        statement,
        operator=_OPERATORS[nearness.metric],
        order=nearness.order,
        similarity=_SIMILARITIES[nearness.metric],
        condition=scope.condition,
        limit=sql.Literal(values["limit"]),
    )
    # A plan that is made once for every filter suits none.
    rows = connection.execute(filled, values, prepare=None if scope.is_all else False)
    return [Scored(chunk_id, score) for chunk_id, score in rows]
