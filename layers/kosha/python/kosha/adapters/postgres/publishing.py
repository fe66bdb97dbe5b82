"""Puts the staged chunks of an import in the place of what was served of the document, and takes them away again."""

from collections.abc import Sequence
from typing import Any

from psycopg import sql
from psycopg.types.json import Jsonb

from kosha.adapters.postgres import postings
from kosha.adapters.postgres.database import Connection, one
from kosha.adapters.postgres.keywords import dictionaries, storable
from kosha.adapters.postgres.vector_tables import Tables, lock_writes
from kosha.model.document import Document
from kosha.model.workspace import Workspace

_SERVED = sql.SQL("select coalesce(max(run), -1), count(*) from {chunks} where document_id = %s")

# One statement, so that the numbers of the chunks, their words and the rows are made in one pass over what is staged.
# Stems are made for the workspace's languages and for the document's own. A chunk that is switched off is kept but has
# no words.
_SERVE = sql.SQL("""
with staged as materialized (
    select nextval(%(sequence)s)::integer as chunk_no, s.chunk_index, s.chunk, s.embedding, s.token_vectors,
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
    select chunk_no, least(sum(frequency), 32767)::smallint as length, array_agg(lexeme) as lexemes
    from counted group by chunk_no
),
{add_postings}
insert into {chunks} (
    chunk_no, chunk_id, workspace_id, document_id, document_sub_id, document_type, path, title, language, content,
    content_complement, content_embeddings, metadata, created_at, run, chunk_index, page, heading, enabled, served,
    length, lexemes, token_vectors
)
select chunk_no, (chunk ->> 'chunk_id')::uuid, %(workspace)s, %(document)s::uuid, %(sub_document)s, %(type)s, %(path)s,
    %(title)s, %(language)s, chunk ->> 'content', chunk ->> 'content_complement', embedding, %(metadata)s,
    %(created_at)s, %(run)s, chunk_index, (chunk ->> 'page')::integer, chunk ->> 'heading',
    (chunk ->> 'enabled')::boolean, served,
    coalesce(length, 0), coalesce(lexemes, '{{}}'), token_vectors
from staged left join lengths using (chunk_no) order by chunk_index""")

_WITHDRAW = sql.SQL("""
delete from {chunks} where workspace_id = %(workspace)s and document_id = %(document)s
    and (%(chunk_ids)s::uuid[] is null or chunk_id = any(%(chunk_ids)s))
returning chunk_no, length, lexemes, language""")


def publish(connection: Connection, tables: Tables, workspace: Workspace, document: Document) -> int:
    """Serve the staged run and forget it; returns how many chunks of the document are served now.

    A run that is served already, or that a newer one has overtaken, changes nothing.
    """
    lock_writes(connection, tables)
    served_run, served_chunks = _served(connection, tables, document.id)
    if served_run < document.run:
        served_chunks = serve_again(connection, tables, workspace, document)
    connection.execute(
        "delete from kosha.staged_chunks where document_id = %s and run <= %s", (document.id, document.run)
    )
    return served_chunks


def serve_again(
    connection: Connection,
    tables: Tables,
    workspace: Workspace,
    document: Document,
    chunk_ids: Sequence[str] | None = None,
) -> int:
    """Serve what is staged of the document's run instead of these chunks, or of all its chunks; returns how many.

    The caller holds `lock_writes`.
    """
    withdraw(connection, tables, workspace.id, document.id, chunk_ids)
    statement = tables.fill(_SERVE, add_postings=postings.adding(tables))
    return connection.execute(statement, _parameters(tables, workspace, document)).rowcount


def withdraw(
    connection: Connection,
    tables: Tables,
    workspace_id: str,
    document_id: str,
    chunk_ids: Sequence[str] | None = None,
) -> None:
    """Take what is served of a document away with its words, or some of its chunks. The caller holds `lock_writes`."""
    ids = None if chunk_ids is None else list(chunk_ids)
    parameters = {"workspace": workspace_id, "document": document_id, "chunk_ids": ids}
    gone: list[Any] = connection.execute(tables.fill(_WITHDRAW), parameters).fetchall()
    words_of = [(chunk_no, length, lexemes) for chunk_no, length, lexemes, _ in gone if lexemes]
    postings.take_out(connection, tables, words_of, gone[0][-1] if gone else None)


def chunks_with_words(connection: Connection, tables: Tables) -> int:
    """How many chunks of the workspace keyword search knows: nearly all that are served."""
    statement = sql.SQL("select chunks from {words} where lexeme = ''")
    return one(connection.execute(tables.fill(statement)).fetchone())


def _served(connection: Connection, tables: Tables, document_id: str) -> tuple[int, int]:
    row: Any = connection.execute(tables.fill(_SERVED), (document_id,)).fetchone()
    return row[0], row[1]


def _parameters(tables: Tables, workspace: Workspace, document: Document) -> dict[str, Any]:
    languages = (document.language,) if document.language else ()
    return {
        "sequence": tables.sequence,
        "dictionaries": dictionaries((*workspace.languages, *languages)),
        "counted_dictionaries": dictionaries(languages),
        "workspace": workspace.id,
        "document": document.id,
        "sub_document": document.parent_id,
        "run": document.run,
        "type": document.type,
        "path": storable(document.path),
        "title": storable(document.title),
        "language": document.language,
        "metadata": Jsonb(document.metadata),
        "created_at": document.created_at,
        "enabled": document.enabled,
    }
