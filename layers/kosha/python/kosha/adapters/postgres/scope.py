"""Which chunks a search may find: all of a workspace, a handful known by number, or those that meet a condition."""

from typing import NamedTuple

from psycopg import sql

from kosha.adapters.postgres.database import Connection
from kosha.adapters.postgres.filters import Parameters, compile_filters
from kosha.adapters.postgres.vector_tables import Tables
from kosha.model.search import Filters

# Filters speak of documents. Where they leave so few chunks, those are looked at one by one: an approximate index
# would look for them in vain among the many others, and word search would pass over the frequent words.
FEW_CHUNKS = 5_000

# The inner limit keeps the planner from going through all chunks where it cannot guess how many documents match.
_MATCHING = sql.SQL("""
with documents as materialized (
    select m.document_id from {chunks} m where m.chunk_index = 0 and m.workspace_id = %(workspace)s and {condition}
)
select own.chunk_no from documents d cross join lateral (
    select c.chunk_no from {chunks} c where c.document_id = d.document_id and c.served limit %(few)s
) own limit %(few)s""")

# Blocks of a word do not overlap: of those that begin before the first number only the last can reach it.
_AMONG = sql.SQL("""p.first <= %(last)s and p.first >= coalesce(
    (select max(b.first) from {postings} b where b.lexeme = k.lexeme and b.first <= %(first)s), %(first)s)""")
_ALL = sql.SQL("true")


class Scope(NamedTuple):
    """What a search may find, said of chunks `m` (condition) and of blocks of postings `p` of the word `k` (among).

    chunk_nos: the chunks one by one where they are few, ascending; None where only the condition tells.
    """

    condition: sql.Composable
    parameters: Parameters
    among: sql.Composable = _ALL
    chunk_nos: list[int] | None = None
    is_all: bool = False

    @property
    def is_wide(self) -> bool:
        """Whether a chunk has to be looked at to know."""
        return not self.is_all and self.chunk_nos is None


EVERYTHING = Scope(_ALL, {}, is_all=True)
NOTHING = Scope(sql.SQL("false"), {}, sql.SQL("false"), [])


def scope_of(
    connection: Connection, tables: Tables, workspace_id: str, filters: Filters, document_id: str | None
) -> Scope:
    """What the filters and the document leave, where there are any. Raises Invalid for a filter without sense."""
    condition, parameters = compile_filters(filters)
    if document_id is not None:
        condition = sql.SQL("m.document_id = %(document)s and {}").format(condition)
        parameters["document"] = document_id
    asked = {"workspace": workspace_id, "few": FEW_CHUNKS + 1}
    statement = tables.fill(_MATCHING, condition=condition)
    rows = connection.execute(statement, parameters | asked, prepare=False).fetchall()
    if len(rows) > FEW_CHUNKS:
        return Scope(condition, parameters)
    return _few(sorted(chunk_no for (chunk_no,) in rows), tables)


def scope_among(chunk_nos: list[int], tables: Tables) -> Scope:
    """These chunks and no others."""
    return _few(sorted(chunk_nos), tables)


def _few(chunk_nos: list[int], tables: Tables) -> Scope:
    first, last = (chunk_nos[0], chunk_nos[-1]) if chunk_nos else (0, 0)
    return Scope(
        sql.SQL("m.chunk_no = any(%(chunk_nos)s)"),
        {"chunk_nos": chunk_nos, "first": first, "last": last},
        tables.fill(_AMONG),
        chunk_nos,
    )
