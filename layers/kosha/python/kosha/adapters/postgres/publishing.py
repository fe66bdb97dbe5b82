"""Puts the staged chunks of an import in the place of what was served of the document, and takes them away again."""

from typing import Any

from psycopg import sql
from psycopg.types.json import Jsonb

from kosha.adapters.postgres.database import Connection, one
from kosha.adapters.postgres.keywords import dictionaries, storable
from kosha.adapters.postgres.vector_tables import Tables, lock_writes
from kosha.model.document import Document
from kosha.model.workspace import Workspace

_SERVED = sql.SQL("select coalesce(max(run), -1), count(*) from {chunks} where document_id = %s")

# One statement, so that the numbers of the chunks, their words and the rows are made in one pass over what is staged.
# A chunk that is switched off is kept but has no words.
_SERVE = sql.SQL("""
with staged as materialized (
    select nextval(%(sequence)s)::integer as chunk_no, s.chunk_index, s.chunk, s.embedding,
        %(enabled)s and (s.chunk ->> 'enabled')::boolean as served
    from (select * from kosha.staged_chunks where document_id = %(document)s and run = %(run)s order by chunk_index) s
),
tokens as materialized (
    select chunk_no, token.key as token, token.value::integer as occurrences
    from staged, jsonb_each_text(chunk -> 'tokens') token where served
),
stems as materialized (
    select distinct token, lexeme
    from (select distinct token from tokens) t,
        unnest(%(dictionaries)s::text[]) dictionary,
        unnest(coalesce(ts_lexize(dictionary::regdictionary, token), array[token])) lexeme
),
counted as materialized (
    select chunk_no, lexeme, least(sum(occurrences), 32767)::smallint as frequency
    from tokens join stems using (token) group by chunk_no, lexeme
),
lengths as materialized (
    select chunk_no, least(sum(frequency), 32767)::integer as length, array_agg(lexeme) as lexemes
    from counted group by chunk_no
),
posted as (
    insert into {postings} (lexeme, chunk_no, frequency, length)
    select lexeme, chunk_no, frequency, length from counted join lengths using (chunk_no) order by lexeme, chunk_no
),
learned as (
    insert into {words} as w (lexeme, chunks, occurrences)
    select lexeme, count(*), sum(frequency) from counted group by lexeme
    union all select '', count(*), coalesce(sum(length), 0) from lengths
    on conflict (lexeme) do update
    set chunks = w.chunks + excluded.chunks, occurrences = w.occurrences + excluded.occurrences
)
insert into {chunks} (
    chunk_no, chunk_id, workspace_id, document_id, document_sub_id, document_type, path, title, content,
    content_complement, content_embeddings, metadata, created_at, run, chunk_index, page, heading, enabled, served,
    length, lexemes
)
select chunk_no, (chunk ->> 'chunk_id')::uuid, %(workspace)s, %(document)s::uuid, %(sub_document)s, %(type)s, %(path)s,
    %(title)s, chunk ->> 'content', chunk ->> 'content_complement', embedding, %(metadata)s, %(created_at)s, %(run)s,
    chunk_index, (chunk ->> 'page')::integer, chunk ->> 'heading', (chunk ->> 'enabled')::boolean, served,
    coalesce(length, 0), coalesce(lexemes, '{{}}')
from staged left join lengths using (chunk_no) order by chunk_index""")

_WITHDRAW = sql.SQL("""
with gone as materialized (
    delete from {chunks} where workspace_id = %(workspace)s and document_id = %(document)s
    returning chunk_no, length, lexemes
),
taken as (
    delete from {postings} p using (select chunk_no, unnest(lexemes) as lexeme from gone) g
    where p.lexeme = g.lexeme and p.chunk_no = g.chunk_no
    returning p.lexeme, p.frequency
),
counted as (
    select lexeme, count(*) as chunks, sum(frequency) as occurrences from taken group by lexeme
    union all select '', count(*), coalesce(sum(length), 0) from gone where lexemes <> '{{}}'
)
update {words} w set chunks = w.chunks - c.chunks, occurrences = w.occurrences - c.occurrences
from counted c where w.lexeme = c.lexeme
returning case when w.chunks = 0 then w.lexeme end""")

_FORGET_WORDS = sql.SQL("delete from {words} where lexeme = any(%s) and lexeme <> ''")


def publish(connection: Connection, tables: Tables, workspace: Workspace, document: Document) -> int:
    """Serve the staged run and forget it; returns how many chunks of the document are served now.

    A run that is served already, or that a newer one has overtaken, changes nothing.
    """
    lock_writes(connection, tables)
    served_run, served_chunks = _served(connection, tables, document.id)
    if served_run < document.run:
        withdraw(connection, tables, workspace.id, document.id)
        served_chunks = connection.execute(tables.fill(_SERVE), _parameters(tables, workspace, document)).rowcount
    connection.execute(
        "delete from kosha.staged_chunks where document_id = %s and run <= %s", (document.id, document.run)
    )
    return served_chunks


def withdraw(connection: Connection, tables: Tables, workspace_id: str, document_id: str) -> None:
    """Take what is served of a document away with its words. The caller holds `lock_writes`."""
    parameters = {"workspace": workspace_id, "document": document_id}
    changed = connection.execute(tables.fill(_WITHDRAW), parameters).fetchall()
    unused = [lexeme for (lexeme,) in changed if lexeme]
    connection.execute(tables.fill(_FORGET_WORDS), (unused,))


def chunks_with_words(connection: Connection, tables: Tables) -> int:
    """How many chunks of the workspace keyword search knows: nearly all that are served."""
    statement = sql.SQL("select chunks from {words} where lexeme = ''")
    return one(connection.execute(tables.fill(statement)).fetchone())


def _served(connection: Connection, tables: Tables, document_id: str) -> tuple[int, int]:
    row: Any = connection.execute(tables.fill(_SERVED), (document_id,)).fetchone()
    return row[0], row[1]


def _parameters(tables: Tables, workspace: Workspace, document: Document) -> dict[str, Any]:
    return {
        "sequence": tables.sequence,
        "dictionaries": dictionaries(workspace.languages),
        "workspace": workspace.id,
        "document": document.id,
        "sub_document": document.parent_id,
        "run": document.run,
        "type": document.type,
        "path": storable(document.path),
        "title": storable(document.title),
        "metadata": Jsonb(document.metadata),
        "created_at": document.created_at,
        "enabled": document.enabled,
    }
