"""Which chunks a search may find: all of a workspace, a handful known by number, or those that meet a condition."""

from typing import NamedTuple

from psycopg import sql

from kosha.adapters.postgres.database import Connection
from kosha.adapters.postgres.filters import Parameters, compile_filters
from kosha.adapters.postgres.vector_tables import Tables
from kosha.model.search import Filters

# Filters speak of documents. Where they leave so few chunks, those are looked at one by one: an approximate index
# would look for them in vain among the many others, and word search would pass over the frequent words.
_FEW_CHUNKS = 5_000
_NEAR_CHUNKS = 20_000  # chunk numbers so close together that all their postings may be read
_MANY_POSTINGS = 10**9

# The inner limit keeps the planner from going through all chunks where it cannot guess how many documents match.
_MATCHING = sql.SQL("""
with documents as materialized (
    select m.document_id from {chunks} m where m.chunk_index = 0 and m.workspace_id = %(workspace)s and {condition}
)
select own.chunk_no from documents d cross join lateral (
    select c.chunk_no from {chunks} c where c.document_id = d.document_id and c.served limit %(few)s
) own limit %(few)s""")

_MEETING = sql.SQL("exists (select from {chunks} m where m.chunk_no = p.chunk_no and {condition})")
_AMONG = sql.SQL("p.chunk_no between %(first)s and %(last)s and p.chunk_no = any(%(chunk_nos)s)")


_ALL = sql.SQL("true")


class Scope(NamedTuple):
    """What a search may find, said of chunks `m` (condition), of postings `p` (among), of candidates `p` (meeting).

    is_all: nothing is left out. is_few: the chunks are known one by one. postings: how many may be read to find
    candidates, None for as many as without filters.
    """

    condition: sql.Composable
    among: sql.Composable
    meeting: sql.Composable
    parameters: Parameters
    is_all: bool = False
    is_few: bool = False
    postings: int | None = None


def scope_of(
    connection: Connection, tables: Tables, workspace_id: str, filters: Filters, document_id: str | None
) -> Scope:
    """What the filters and the document leave. Raises Invalid for a filter without sense."""
    condition, parameters = compile_filters(filters)
    if document_id is not None:
        condition = sql.SQL("m.document_id = %(document)s and {}").format(condition)
        parameters["document"] = document_id
    elif not filters.all:
        return Scope(condition, _ALL, _ALL, parameters, is_all=True)
    asked = {"workspace": workspace_id, "few": _FEW_CHUNKS + 1}
    statement = tables.fill(_MATCHING, condition=condition)
    rows = connection.execute(statement, parameters | asked, prepare=False).fetchall()
    if len(rows) > _FEW_CHUNKS:
        return Scope(condition, _ALL, _MEETING.format(chunks=tables.chunks, condition=condition), parameters)
    return _few(sorted(chunk_no for (chunk_no,) in rows))


def _few(chunk_nos: list[int]) -> Scope:
    first, last = (chunk_nos[0], chunk_nos[-1]) if chunk_nos else (0, 0)
    return Scope(
        sql.SQL("m.chunk_no = any(%(chunk_nos)s)"),
        _AMONG,
        _ALL,
        {"chunk_nos": chunk_nos, "first": first, "last": last},
        is_few=True,
        postings=_MANY_POSTINGS if last - first < _NEAR_CHUNKS else None,
    )
