"""The chunks that stand around a chunk in its document."""

from collections.abc import Sequence
from typing import Any

from psycopg import sql
from psycopg.rows import dict_row

from kosha.adapters.postgres.database import Connection
from kosha.adapters.postgres.vector_tables import Tables
from kosha.model.chunk import IndexedChunk

_AROUND = sql.SQL("""
select hit.chunk_id::text as around, near.chunk_id::text, near.document_id::text, near.chunk_index as index,
    near.content, near.content_complement, near.page, near.heading, near.enabled
from {chunks} hit join {chunks} near on near.document_id = hit.document_id
    and near.chunk_index between hit.chunk_index - %(reach)s and hit.chunk_index + %(reach)s and near.served
where hit.workspace_id = %(workspace)s and hit.chunk_id = any(%(chunks)s) and hit.served
order by hit.chunk_no, near.chunk_index""")


def neighbours(
    connection: Connection, tables: Tables, workspace_id: str, chunk_ids: Sequence[str], reach: int
) -> dict[str, list[IndexedChunk]]:
    """Of each chunk, itself among the served ones up to `reach` places away, in the order of the document."""
    parameters = {"workspace": workspace_id, "chunks": list(chunk_ids), "reach": reach}
    found: dict[str, list[IndexedChunk]] = {}
    with connection.cursor(row_factory=dict_row) as cursor:
        rows: list[dict[str, Any]] = cursor.execute(tables.fill(_AROUND), parameters).fetchall()
    for row in rows:
        found.setdefault(row.pop("around"), []).append(IndexedChunk.model_validate(row))
    return found
