"""The two rankings as SQL: nearest vectors, and BM25 over the postings of the question's words."""

from typing import Any, NamedTuple

from psycopg import sql

from kosha.adapters.postgres.bm25 import BY_WORDS, LIMITS
from kosha.adapters.postgres.database import Connection
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

# The limit is part of the text: a plan that is made once, without knowing it, would pass over the index. An index that
# goes on where its first look was not enough gives the rest out of order, and PostgreSQL takes its word for the order
# of `distance`; `distance + 0` is sorted for certain.
_NEAREST = sql.SQL("""
with nearest as materialized (
    select m.chunk_id, m.content_embeddings {operator} %(vector)s as distance from {chunks} m
    where m.served and m.workspace_id = %(workspace)s and {condition}
    order by m.content_embeddings {operator} %(vector)s limit {limit}
)
select chunk_id::text, {similarity} from nearest where distance is not null order by distance + 0""")

# The chunks are few and known, so that no index may guess.
_NEAREST_AMONG = sql.SQL("""
with among as materialized (
    select m.chunk_id, m.content_embeddings {operator} %(vector)s as distance from {chunks} m
    where m.served and m.workspace_id = %(workspace)s and {condition}
)
select chunk_id::text, {similarity} from among where distance is not null order by distance limit {limit}""")


class ByWords(NamedTuple):
    """A ranking by BM25, what a chunk with each word once would have, and how many chunks the workspace serves."""

    ranking: list[Scored]
    full: float
    chunks: int


def nearest(
    connection: Connection, tables: Tables, metric: Metric, scope: Scope, parameters: Parameters
) -> list[Scored]:
    """The chunks nearest to `vector`, by their cosine; exact where the workspace has no index for it."""
    statement = tables.fill(
        _NEAREST_AMONG if scope.is_few else _NEAREST,
        operator=_OPERATORS[metric],
        similarity=_SIMILARITIES[metric],
        condition=scope.condition,
        limit=sql.Literal(parameters["limit"]),
    )
    # A plan that is made once for every filter suits none.
    rows = connection.execute(statement, scope.parameters | parameters, prepare=None if scope.is_all else False)
    return [Scored(chunk_id, score) for chunk_id, score in rows]


def by_words(connection: Connection, tables: Tables, scope: Scope, parameters: Parameters) -> ByWords:
    """The chunks with the words of `tokens` by BM25.

    A word that is in many chunks adds to the score of those that rarer words have found, but finds none by itself
    unless it is the rarest of the question: then the order among its chunks is that of the first 50,000.
    """
    limits = LIMITS if scope.postings is None else LIMITS | {"postings": scope.postings}
    statement = tables.fill(BY_WORDS, among=scope.among, meeting=scope.meeting)
    values = scope.parameters | parameters | limits
    rows: list[Any] = connection.execute(statement, values, prepare=None if scope.is_all else False).fetchall()
    _, _, full, chunks = rows[0]  # there is always one
    return ByWords([Scored(chunk_id, score) for chunk_id, score, *_ in rows if chunk_id is not None], full, chunks)
