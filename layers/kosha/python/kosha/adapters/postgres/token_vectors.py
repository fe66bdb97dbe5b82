"""The vectors of a chunk's tokens as bytes: how many numbers each has, then the numbers, one byte each."""

from collections.abc import Sequence

import numpy as np
from psycopg import sql

from kosha.adapters.postgres.database import Connection
from kosha.ports import TokenVectors

TOKEN_VECTORS = sql.SQL("""
select chunk_id::text, token_vectors from {chunks}
where workspace_id = %s and chunk_id = any(%s) and token_vectors is not null""")


def packed(vectors: TokenVectors | None) -> bytes | None:
    """vectors: (tokens, dimensions), of at most 255 dimensions."""
    return None if vectors is None else bytes([vectors.shape[1]]) + vectors.tobytes()


def unpacked(content: bytes) -> TokenVectors:
    """What `packed` was given."""
    return np.frombuffer(content, np.int8, offset=1).reshape(-1, content[0])


def fetched(
    connection: Connection, statement: sql.Composed, workspace_id: str, chunk_ids: Sequence[str]
) -> dict[str, TokenVectors]:
    """By chunk id. In the binary protocol: as text, each byte would come as two."""
    with connection.cursor(binary=True) as cursor:
        rows = cursor.execute(statement, (workspace_id, list(chunk_ids))).fetchall()
    return {chunk_id: unpacked(content) for chunk_id, content in rows}
