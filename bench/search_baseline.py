"""The plain way, for comparison: one shared table, an exact vector order, and ts_rank_cd over a GIN index."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kosha.adapters.postgres.database import Connection, Database

# As an app built on a vector store class and PostgreSQL's own full text has it: two statements a question.
# Parallel, to be done sooner.
_FILL = """
set local max_parallel_workers_per_gather = 2;
set local max_parallel_maintenance_workers = 2;
set local maintenance_work_mem = '256MB';
drop table if exists baseline;
create table baseline as select chunk_id::text as id, content as document, content_embeddings as embedding,
    jsonb_build_object('document_id', document_id) as cmetadata, to_tsvector('english', content) as words
    from vectors.{table};
alter table baseline add primary key (id);
create index on baseline using gin (words);
analyze baseline"""
_VECTOR = "select id, document, cmetadata, embedding <=> %s as distance from baseline order by distance limit 50"
_WORDS = """
select id, ts_rank_cd(words, q) as rank from baseline,
    cast(replace(plainto_tsquery('english', %s)::text, '&', '|') as tsquery) q
    where words @@ q order by rank desc limit 50"""


def fill(database: Database, table: str) -> None:
    """Copy the chunks of a workspace's table."""
    database.run(lambda connection: connection.execute(_FILL.format(table=table).encode()))


def search(database: Database, text: str, vector: NDArray[np.float32]) -> list[Any]:
    """Two statements, then reciprocal ranks: the ids of the best ten."""

    def work(connection: Connection) -> tuple[list[Any], list[Any]]:
        return connection.execute(_VECTOR, (vector,)).fetchall(), connection.execute(_WORDS, (text,)).fetchall()

    scores: dict[str, float] = {}
    for ranking in database.run(work):
        for rank, row in enumerate(ranking, start=1):
            scores[row[0]] = scores.get(row[0], 0.0) + 1 / (60 + rank)
    return sorted(scores, key=lambda chunk_id: -scores[chunk_id])[:10]
