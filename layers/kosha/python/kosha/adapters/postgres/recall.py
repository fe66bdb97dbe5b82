"""How many of the truly nearest chunks an approximate search finds, and what it saves."""

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
from psycopg import sql

from kosha.adapters.postgres.database import Connection
from kosha.adapters.postgres.ranking import Nearness, looking
from kosha.adapters.postgres.vector_tables import Tables
from kosha.ports import Vectors

T = TypeVar("T")

LEAST_RECALL = 0.95
QUESTIONS = 40
_AT = 10
_SECONDS = 12.0  # whoever waits for a report has no more patience, and a gateway has 29 seconds

_SOME = sql.SQL("""
select content_embeddings from {chunks} where served and content_embeddings is not null
    and chunk_no = any(%s)""")
_LAST = sql.SQL("select coalesce(max(chunk_no), 0) from {chunks}")
_NEAREST = sql.SQL("""
select m.chunk_no from {chunks} m where m.served order by {order} limit {limit}""")


class Measured(NamedTuple):
    """Recall@10 against the exact order, and the median milliseconds of a search either way."""

    questions: int
    recall_at_10: float
    index_ms: float
    exact_ms: float


def sample(connection: Connection, tables: Tables, questions: int = QUESTIONS) -> list[Vectors]:
    """Unit vectors that lie between those of two chunks, nearer to one, as questions do."""
    row: Any = connection.execute(tables.fill(_LAST)).fetchone()
    numbers = np.random.default_rng(row[0]).integers(1, max(row[0], 1), size=8 * questions, endpoint=True)
    rows = connection.execute(tables.fill(_SOME), (numbers.tolist(),)).fetchall()
    vectors = [vector.to_numpy() for (vector,) in rows][: 2 * questions]
    mixed = [one + 0.5 * other for one, other in zip(vectors, reversed(vectors), strict=True)][:questions]
    return [(vector / max(float(np.linalg.norm(vector)), 1e-9)).astype(np.float32) for vector in mixed]


def measured(connection: Connection, tables: Tables, asked: Sequence[Vectors], nearness: Nearness) -> Measured:
    """Ask each by the index and exactly. Not in a transaction."""
    exact = nearness._replace(ef_search=None)
    return compared(
        asked,
        lambda vector: _nearest(connection, tables, nearness, vector),
        lambda vector: _nearest(connection, tables, exact, vector),
    )


def compared(
    asked: Sequence[Vectors], find: Callable[[Vectors], set[T]], find_exactly: Callable[[Vectors], set[T]]
) -> Measured:
    """Ask each both ways for the ten nearest; once many seconds have gone, the rest is left."""
    shares: list[float] = []
    by_index: list[float] = []
    exactly: list[float] = []
    ends = time.monotonic() + _SECONDS
    for vector in asked:
        found, true = _clocked(find, vector, by_index), _clocked(find_exactly, vector, exactly)
        shares.append(len(found & true) / max(1, len(true)))
        if time.monotonic() > ends:
            break
    if not shares:
        return Measured(0, 1.0, 0.0, 0.0)
    return Measured(
        len(shares),
        round(float(np.mean(shares)), 3),
        round(float(np.median(by_index)), 2),
        round(float(np.median(exactly)), 2),
    )


def _clocked(find: Callable[[Vectors], set[T]], vector: Vectors, times: list[float]) -> set[T]:
    started = time.perf_counter()
    found = find(vector)
    times.append((time.perf_counter() - started) * 1e3)
    return found


def _nearest(connection: Connection, tables: Tables, nearness: Nearness, vector: Vectors) -> set[int]:
    """Numbers of the ten nearest chunks."""
    statement = tables.fill(_NEAREST, order=nearness.order, limit=sql.Literal(_AT))
    with looking(connection, nearness.ef_search):
        rows = connection.execute(statement, {"vector": vector}).fetchall()
    return {chunk_no for (chunk_no,) in rows}
