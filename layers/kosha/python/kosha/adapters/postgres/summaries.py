"""One vector a document, the mean of what is served of it: documents are chosen by it before their chunks."""

from psycopg import sql

from kosha.adapters.postgres.database import Connection
from kosha.adapters.postgres.vector_tables import Tables
from kosha.ports import Vectors

_FORGET = "delete from kosha.document_vectors where workspace_id = %s and document_id = %s"
_LEARN = sql.SQL("""
insert into kosha.document_vectors (workspace_id, document_id, embedding)
select workspace_id, document_id, l2_normalize(avg(content_embeddings)) from {chunks}
where workspace_id = %s and document_id = %s and served and content_embeddings is not null
group by workspace_id, document_id""")

# Unit vectors, so the cosine orders as any metric does. No index: 10,000 documents take some ten milliseconds.
_NEAREST = """
select document_id::text from kosha.document_vectors where workspace_id = %s
order by embedding <=> %s, document_id limit %s"""


def refresh(connection: Connection, tables: Tables, workspace_id: str, document_id: str) -> None:
    """Make the vector of a document anew, after its chunks have changed; none where nothing of it is served."""
    connection.execute(_FORGET, (workspace_id, document_id))
    connection.execute(tables.fill(_LEARN), (workspace_id, document_id))


def forget_all(connection: Connection, workspace_id: str) -> None:
    """Forget the vectors of a workspace's documents."""
    connection.execute("delete from kosha.document_vectors where workspace_id = %s", (workspace_id,))


def nearest_documents(connection: Connection, workspace_id: str, vector: Vectors, limit: int) -> list[str]:
    """Ids of documents, that with the nearest vector first."""
    return [document_id for (document_id,) in connection.execute(_NEAREST, (workspace_id, vector, limit)).fetchall()]
