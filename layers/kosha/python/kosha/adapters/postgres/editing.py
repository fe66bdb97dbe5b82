"""Changes of what is served without a new import: of a chunk by a person, of what a document's record says.

A changed chunk is staged again and served anew, so that it has a number of its own: postings hold the numbers of
chunks in the order in which they came. Edits are kept besides, for the next import of the document.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from kosha.adapters.postgres import publishing
from kosha.adapters.postgres.database import Connection, one
from kosha.adapters.postgres.keywords import storable
from kosha.adapters.postgres.staging import staged
from kosha.adapters.postgres.token_vectors import packed, unpacked
from kosha.adapters.postgres.vector_tables import Tables, lock_writes
from kosha.errors import NotFound
from kosha.model.chunk import IndexedChunk
from kosha.model.document import Document
from kosha.model.workspace import Workspace
from kosha.ports import ChunkEdit

_AT_ONCE = 500  # chunks whose words are counted together

_ONE = sql.SQL("""
select chunk_id::text, document_id::text, chunk_index as index, content, content_complement, page, heading, enabled,
    run, served, title, metadata, language
from {chunks} where workspace_id = %s and document_id = %s and chunk_id = %s""")

_SLICE = sql.SQL("""
select chunk_id::text, document_id::text, chunk_index as index, content, content_complement, page, heading, enabled
from {chunks} where workspace_id = %s and document_id = %s and chunk_index > %s order by chunk_index limit %s""")

_KEEP = """
insert into kosha.chunk_edits as e (workspace_id, document_id, chunk_id, content, embedding, token_vectors, enabled)
values (%(workspace)s, %(document)s, %(chunk)s, %(content)s, %(embedding)s, %(token_vectors)s, %(enabled)s)
on conflict (document_id, chunk_id) do update
set content = coalesce(excluded.content, e.content), enabled = excluded.enabled,
    embedding = case when excluded.content is null then e.embedding else excluded.embedding end,
    token_vectors = case when excluded.content is null then e.token_vectors else excluded.token_vectors end"""

# Vectors go from table to table: they are longer than all the rest together.
_STAGE_AGAIN = sql.SQL("""
insert into kosha.staged_chunks (document_id, run, chunk_index, chunk, embedding, token_vectors)
select m.document_id::text, m.run, m.chunk_index, %(staged)s,
    case when %(is_new)s then %(embedding)s::vector else m.content_embeddings end,
    case when %(is_new)s then %(token_vectors)s::bytea else m.token_vectors end
from {chunks} m where m.workspace_id = %(workspace)s and m.document_id = %(document)s and m.chunk_id = %(chunk)s""")

_PARENTS = sql.SQL("""
update {chunks} set content_complement = %(new)s
where workspace_id = %(workspace)s and document_id = %(document)s and content_complement = %(old)s""")

_DIFFERENT = sql.SQL("""
select coalesce(max(run), -1), count(*) filter (where title <> %(title)s or served <> (enabled and %(enabled)s)),
    count(*) filter (where metadata <> %(metadata)s)
from {chunks} where workspace_id = %(workspace)s and document_id = %(document)s""")

_DESCRIBE = sql.SQL("""
update {chunks} set metadata = %(metadata)s
where workspace_id = %(workspace)s and document_id = %(document)s and metadata <> %(metadata)s""")


_OTHER_TITLE = """
select chunk from kosha.staged_chunks
where document_id = %s and run = %s and chunk ->> 'title' is distinct from %s order by chunk_index"""

_RUN = sql.SQL("select coalesce(max(run), -1) from {chunks} where document_id = %s")

_EDITS = "select chunk_id, content, embedding, token_vectors, enabled from kosha.chunk_edits where document_id = %s"

_STAGED = """
select chunk from kosha.staged_chunks where document_id = %s and run = %s and chunk ->> 'chunk_id' = %s"""

_FORGET = "delete from kosha.chunk_edits where document_id = %s and chunk_id = %s"


_EDIT_STAGED = """
update kosha.staged_chunks
set chunk = %(staged)s, embedding = case when %(is_new)s then %(embedding)s::vector else embedding end,
    token_vectors = case when %(is_new)s then %(token_vectors)s::bytea else token_vectors end
where document_id = %(document)s and run = %(run)s and chunk_index = %(index)s"""

_STAGED_PARENTS = """
update kosha.staged_chunks set chunk = jsonb_set(chunk, '{content_complement}', %(new)s)
where document_id = %(document)s and run = %(run)s and chunk ->> 'content_complement' = %(old)s"""


def edit(
    connection: Connection, tables: Tables, workspace: Workspace, document: Document, chunk_id: str, wanted: ChunkEdit
) -> IndexedChunk:
    """Serve a chunk with other content, or not at all, and keep the edit. Raises NotFound where it is not served."""
    lock_writes(connection, tables)
    row = _row(connection, tables, document, chunk_id)
    chunk = IndexedChunk.model_validate(row)
    changed = _edited(document, chunk, wanted)
    connection.execute(_KEEP, _kept(document, changed, wanted))
    # What the row says was true when it was served; a change of the record that is on its way comes after.
    told: dict[str, Any] = {name: row[name] for name in ("run", "title", "metadata", "language")}
    served = document.model_copy(update=told | {"enabled": row["served"] or (document.enabled and not row["enabled"])})
    _clear(connection, served)
    _stage(connection, tables, served, changed, wanted)
    publishing.serve_again(connection, tables, workspace, served, [chunk_id])
    _clear(connection, served)
    if changed.content_complement != chunk.content_complement:
        values = {"old": chunk.content_complement, "new": changed.content_complement}
        connection.execute(tables.fill(_PARENTS), values | {"workspace": workspace.id, "document": document.id})
    return changed


def describe(connection: Connection, tables: Tables, workspace: Workspace, document: Document) -> bool:
    """Let what is served of a document have the title, the metadata and the switch of its record.

    Returns whether that changed what is found.
    """
    lock_writes(connection, tables)
    values = {
        "workspace": workspace.id,
        "document": document.id,
        "title": storable(document.title),
        "metadata": Jsonb(document.metadata),
        "enabled": document.enabled,
    }
    found: Any = connection.execute(tables.fill(_DIFFERENT), values).fetchone()
    run, with_other_words, with_other_metadata = found
    if with_other_words:
        served = document.model_copy(update={"run": run})
        _clear(connection, served)
        for chunk in _all(connection, tables, served):
            _stage(connection, tables, served, chunk, ChunkEdit())
        publishing.serve_again(connection, tables, workspace, served)
        _clear(connection, served)
    elif with_other_metadata:
        connection.execute(tables.fill(_DESCRIBE), values)
    return bool(with_other_words)


def bring_up_to_date(connection: Connection, tables: Tables, document: Document) -> None:
    """See that the run that is about to be served has the document's present title, and the edits that people made.

    Edits of chunks that the run has not got are forgotten.
    """
    lock_writes(connection, tables)
    if document.run <= one(connection.execute(tables.fill(_RUN), (document.id,)).fetchone()):
        return  # it is served, or was overtaken
    values = (document.id, document.run, storable(document.title))
    for (chunk,) in connection.execute(_OTHER_TITLE, values).fetchall():
        _edit_staged(connection, document, IndexedChunk.model_validate(chunk), ChunkEdit())
    edits = connection.execute(_EDITS, (document.id,)).fetchall()
    for chunk_id, content, vector, token_vectors, enabled in edits:
        # Read one after the other: an edit changes the passage around, which other edits may be in too.
        row = connection.execute(_STAGED, (document.id, document.run, chunk_id)).fetchone()
        if row is None:
            connection.execute(_FORGET, (document.id, chunk_id))
        else:
            kept = ChunkEdit(content, vector, None if token_vectors is None else unpacked(token_vectors), enabled)
            _edit_staged(connection, document, IndexedChunk.model_validate(row[0]), kept)


def forget(connection: Connection, document_id: str) -> None:
    """No edit of the document is kept any more."""
    connection.execute("delete from kosha.chunk_edits where document_id = %s", (document_id,))


def forget_all(connection: Connection, workspace_id: str) -> None:
    """No edit in the workspace is kept any more."""
    connection.execute("delete from kosha.chunk_edits where workspace_id = %s", (workspace_id,))


def _row(connection: Connection, tables: Tables, document: Document, chunk_id: str) -> dict[str, Any]:
    try:
        key = str(UUID(chunk_id))
    except ValueError:
        raise NotFound("chunk", chunk_id) from None
    with connection.cursor(row_factory=dict_row) as cursor:
        values = (document.workspace_id, document.id, key)
        row = cursor.execute(tables.fill(_ONE), values).fetchone()
    if row is None:
        raise NotFound("chunk", chunk_id)
    return row


def _edited(document: Document, chunk: IndexedChunk, wanted: ChunkEdit) -> IndexedChunk:
    """The chunk as it is wanted, also in the passage around it, which is what answers are made of."""
    content = chunk.content if wanted.content is None else storable(wanted.content)
    around = chunk.content_complement
    if around is not None and document.type != "qna":
        around = around.replace(chunk.content, content, 1)
    enabled = chunk.enabled if wanted.enabled is None else wanted.enabled
    return chunk.model_copy(update={"content": content, "content_complement": around, "enabled": enabled})


def _kept(document: Document, changed: IndexedChunk, wanted: ChunkEdit) -> dict[str, Any]:
    return {
        "workspace": document.workspace_id,
        "document": document.id,
        "chunk": changed.chunk_id,
        "content": None if wanted.content is None else changed.content,
        "embedding": wanted.vector,
        "token_vectors": packed(wanted.token_vectors),
        "enabled": changed.enabled,
    }


def _stage(connection: Connection, tables: Tables, document: Document, chunk: IndexedChunk, wanted: ChunkEdit) -> None:
    values = {
        "staged": Jsonb(staged(document, chunk)),
        "is_new": wanted.content is not None,
        "embedding": wanted.vector,
        "token_vectors": packed(wanted.token_vectors),
        "workspace": document.workspace_id,
        "document": document.id,
        "chunk": chunk.chunk_id,
    }
    connection.execute(tables.fill(_STAGE_AGAIN), values)


def _clear(connection: Connection, document: Document) -> None:
    """Whatever still waits of the run that is served was served already."""
    connection.execute(
        "delete from kosha.staged_chunks where document_id = %s and run = %s", (document.id, document.run)
    )


def _all(connection: Connection, tables: Tables, document: Document) -> Sequence[IndexedChunk]:
    found: list[IndexedChunk] = []
    while True:
        after = found[-1].index if found else -1
        with connection.cursor(row_factory=dict_row) as cursor:
            values = (document.workspace_id, document.id, after, _AT_ONCE)
            rows = cursor.execute(tables.fill(_SLICE), values).fetchall()
        found += [IndexedChunk.model_validate(row) for row in rows]
        if len(rows) < _AT_ONCE:
            return found


def _edit_staged(connection: Connection, document: Document, chunk: IndexedChunk, wanted: ChunkEdit) -> None:
    changed = _edited(document, chunk, wanted)
    values = {
        "staged": Jsonb(staged(document, changed)),
        "is_new": wanted.content is not None,
        "embedding": wanted.vector,
        "token_vectors": packed(wanted.token_vectors),
        "document": document.id,
        "run": document.run,
        "index": chunk.index,
    }
    connection.execute(_EDIT_STAGED, values)
    if changed.content_complement != chunk.content_complement:
        parents = {"old": chunk.content_complement, "new": Jsonb(changed.content_complement)}
        connection.execute(_STAGED_PARENTS, values | parents)
