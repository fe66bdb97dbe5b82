"""The two rankings as SQL: nearest vectors, and BM25 over the postings of the question's words."""

from typing import Any

from psycopg import sql

from kosha.adapters.postgres.database import Connection, one
from kosha.adapters.postgres.filters import Parameters
from kosha.adapters.postgres.scope import Scope
from kosha.adapters.postgres.vector_tables import Tables
from kosha.model.search import Scored
from kosha.model.workspace import Metric

_WORDS_LIMIT = 24  # of a question, the rarest first: they decide the order
# Postings read to find candidates, again the rarest words first; more frequent words only add to their scores.
_POSTINGS_LIMIT = 10_000
_RAREST_LIMIT = 50_000  # of the rarest word, where even that one is frequent
_CANDIDATES_LIMIT = 400

_EF_SEARCH = 100
_EF_SEARCH_LIMIT = 1000  # pgvector takes no more

_OPERATORS: dict[Metric, sql.SQL] = {"cosine": sql.SQL("<=>"), "l2": sql.SQL("<->"), "inner": sql.SQL("<#>")}
# For vectors of unit length each is the cosine.
_SIMILARITIES: dict[Metric, sql.SQL] = {
    "cosine": sql.SQL("1 - distance"),
    "l2": sql.SQL("1 - distance * distance / 2"),
    "inner": sql.SQL("-distance"),
}

_PREPARE = sql.SQL("""
select chunks, set_config('hnsw.ef_search', %s, true), set_config('hnsw.iterative_scan', 'relaxed_order', true),
    set_config('max_parallel_workers_per_gather', '0', true), set_config('jit', 'off', true),
    set_config('timezone', 'UTC', true)
from {words} where lexeme = ''""")

_NEAREST = sql.SQL("""
with nearest as materialized (
    select m.chunk_id, m.content_embeddings {operator} %(vector)s as distance from {chunks} m
    where m.served and m.workspace_id = %(workspace)s and {condition}
    order by m.content_embeddings {operator} %(vector)s limit %(limit)s
)
select chunk_id::text, {similarity} from nearest where distance is not null order by distance""")

# The chunks are few and known, so that no index may guess.
_NEAREST_AMONG = sql.SQL("""
with among as materialized (
    select m.chunk_id, m.content_embeddings {operator} %(vector)s as distance from {chunks} m
    where m.served and m.workspace_id = %(workspace)s and {condition}
)
select chunk_id::text, {similarity} from among where distance is not null order by distance limit %(limit)s""")

# BM25 with k1 = 1.2 and b = 0.75, idf = ln(1 + (N - n + 0.5) / (n + 0.5)) as in Lucene: never negative.
# Source: Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009.
_BY_WORDS = sql.SQL("""
with stems as materialized (
    select distinct lexeme from unnest(%(tokens)s::text[]) token, unnest(%(dictionaries)s::text[]) dictionary,
        unnest(coalesce(ts_lexize(dictionary::regdictionary, token), array[token])) lexeme
),
corpus as materialized (
    select chunks::float8 as chunks, greatest(occurrences, 1)::float8 / greatest(chunks, 1) as mean_length
    from {words} where lexeme = ''
),
known as materialized (
    select s.lexeme, coalesce(w.chunks, 0) as chunks,
        ln(1 + (c.chunks - coalesce(w.chunks, 0) + 0.5) / (coalesce(w.chunks, 0) + 0.5)) as idf
    from stems s cross join corpus c left join {words} w on w.lexeme = s.lexeme
),
asked as materialized (
    select lexeme, idf, chunks = sum(chunks) over rarest or sum(chunks) over rarest <= %(postings)s as leads
    from known where chunks > 0 window rarest as (order by chunks, lexeme) order by chunks, lexeme limit %(words)s
),
found as (
    select p.chunk_no, sum(a.idf * p.frequency * 2.2
        / (p.frequency + 1.2 * (0.25 + 0.75 * p.length / c.mean_length))) as score
    from asked a cross join corpus c cross join lateral (
        select p.* from {postings} p where p.lexeme = a.lexeme and {among} limit %(rarest)s
    ) p
    where a.leads group by p.chunk_no order by 2 desc
),
candidates as materialized (
    select p.chunk_no, p.score from found p where {meeting} order by p.score desc limit %(candidates)s
),
ranked as materialized (
    select k.chunk_no, k.score + coalesce((
        select sum(a.idf * p.frequency * 2.2
            / (p.frequency + 1.2 * (0.25 + 0.75 * p.length / c.mean_length)))
        from asked a cross join corpus c join {postings} p on p.lexeme = a.lexeme and p.chunk_no = k.chunk_no
        where not a.leads
    ), 0) as score
    from candidates k order by 2 desc, 1 limit %(limit)s
)
select m.chunk_id::text, ranked.score, total.idf
from (select coalesce(sum(idf), 0) as idf from known) total
left join (ranked join {chunks} m on m.chunk_no = ranked.chunk_no and m.workspace_id = %(workspace)s) on true
order by ranked.score desc, ranked.chunk_no""")


def prepare(connection: Connection, tables: Tables, *, limit: int) -> int:
    """Settle how this transaction searches; returns how many chunks the workspace serves.

    Never several processes for one question (they cost more to start than it takes), filters inside the index.
    """
    ef_search = str(min(max(_EF_SEARCH, limit), _EF_SEARCH_LIMIT))
    return one(connection.execute(tables.fill(_PREPARE), (ef_search,)).fetchone())


def nearest(
    connection: Connection, tables: Tables, metric: Metric, scope: Scope, parameters: Parameters
) -> list[Scored]:
    """The chunks nearest to `vector`, by their cosine; exact where the workspace has no index for it."""
    statement = tables.fill(
        _NEAREST_AMONG if scope.is_few else _NEAREST,
        operator=_OPERATORS[metric],
        similarity=_SIMILARITIES[metric],
        condition=scope.condition,
    )
    # A plan that is made once for every filter suits none.
    rows = connection.execute(statement, scope.parameters | parameters, prepare=None if scope.is_all else False)
    return [Scored(chunk_id, score) for chunk_id, score in rows]


def by_words(
    connection: Connection, tables: Tables, scope: Scope, parameters: Parameters
) -> tuple[list[Scored], float]:
    """The chunks with the words of `tokens` by BM25, and what one with each word once would have.

    A word that is in many chunks adds to the score of those that rarer words have found, but finds none by itself
    unless it is the rarest of the question: then the order among its chunks is that of the first 50,000.
    """
    limits = {
        "words": _WORDS_LIMIT,
        "postings": scope.postings or _POSTINGS_LIMIT,
        "rarest": _RAREST_LIMIT,
        "candidates": _CANDIDATES_LIMIT,
    }
    statement = tables.fill(_BY_WORDS, among=scope.among, meeting=scope.meeting)
    values = scope.parameters | parameters | limits
    rows: list[Any] = connection.execute(statement, values, prepare=None if scope.is_all else False).fetchall()
    full = rows[0][2] if rows else 0.0
    return [Scored(chunk_id, score) for chunk_id, score, _ in rows if chunk_id is not None], full
