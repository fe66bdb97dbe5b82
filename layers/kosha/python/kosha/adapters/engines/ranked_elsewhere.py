"""An index whose candidates another engine finds: `Index` over PostgreSQL and a `Ranker`.

PostgreSQL keeps the chunks, tells which of them are served, and scores what the engine names, so scores, filters and
the swap of a new version are the same in every engine: the entries of a run are put there before it is served, and
those of the run before are taken away after. So an engine can also be filled again from what is kept.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, TypeVar
from uuid import UUID

from psycopg import sql
from psycopg.types.json import Jsonb

from kosha.adapters.engines.ranker import Entry, Ranker
from kosha.adapters.postgres.by_words import ByWords, by_words, known_words
from kosha.adapters.postgres.database import Database
from kosha.adapters.postgres.filters import Parameters
from kosha.adapters.postgres.index import PgvectorIndex
from kosha.adapters.postgres.keywords import dictionaries, storable
from kosha.adapters.postgres.ranking import among
from kosha.adapters.postgres.recall import compared, sample
from kosha.adapters.postgres.scope import EVERYTHING, Scope, scope_among
from kosha.adapters.postgres.staging import staged
from kosha.adapters.postgres.vector_tables import tables_of
from kosha.errors import NotFound
from kosha.model.chunk import IndexedChunk
from kosha.model.document import Document
from kosha.model.index_report import IndexReport
from kosha.model.page import PageOf
from kosha.model.search import Scored
from kosha.model.workspace import Metric, Workspace
from kosha.ports import ChunkEdit, Vectors

T = TypeVar("T")

_AT_ONCE = 200  # entries a call
_MORE = 2  # times as many as are wanted, for some are of runs that are not served
_FURTHER = 4  # times as many again, where conditions leave too few
_TRIES = 3
_MOST_CANDIDATES = 10_000  # what engines give in one answer

_STAGED = """
select chunk, embedding from kosha.staged_chunks where document_id = %s and run = %s and chunk_index > %s
order by chunk_index limit %s"""
_SERVED_KEYS = sql.SQL("select chunk_id::text, run from {chunks} where workspace_id = %s and document_id = %s")
_STAGED_KEYS = "select chunk ->> 'chunk_id', run from kosha.staged_chunks where document_id = %s"
_ALL_KEYS = sql.SQL("select chunk_id::text, run from {chunks}")
_VECTORS = sql.SQL("""
select chunk_id::text, run, title, content_embeddings from {chunks} where workspace_id = %s and chunk_id = any(%s)""")
_RENAMED = """
select 1 from kosha.staged_chunks
where document_id = %s and run = %s and chunk ->> 'title' is distinct from %s limit 1"""
_EDITED = "select chunk_id from kosha.chunk_edits where document_id = %s"
_WORDS = """
select entry.key, coalesce((
    select string_agg(rtrim(repeat(lexeme || ' ', occurrences)), ' ') from (
        select lexeme, least(sum(token.value::integer), 100)::integer as occurrences
        from jsonb_each_text(entry.value) token, lateral (
            select distinct lexeme from unnest(%(dictionaries)s::text[]) dictionary,
                unnest(coalesce(ts_lexize(dictionary::regdictionary, token.key), array[token.key])) lexeme
        ) stem group by lexeme
    ) held
), '') from jsonb_each(%(tokens)s) entry"""
_CANDIDATES = sql.SQL("""
select m.chunk_no, m.served and {condition} from {chunks} m
where m.workspace_id = %(workspace)s
    and (m.chunk_id, m.run) in (select * from unnest(%(ids)s::uuid[], %(runs)s::integer[]))""")


class RankedElsewhere(PgvectorIndex):
    """`Index` with the candidates of an engine."""

    def __init__(self, database: Database, ranker: Ranker, *, name: str) -> None:
        super().__init__(database)
        self._ranker, self._name = ranker, name

    def create(self, workspace: Workspace) -> None:
        """Make the workspace here and there."""
        super().create(workspace)
        self._ranker.create(workspace)

    def drop(self, workspace_id: str) -> None:
        """Remove the workspace there and here."""
        self._ranker.drop(workspace_id, self._all_keys(workspace_id))
        super().drop(workspace_id)

    def publish(self, workspace: Workspace, document: Document) -> int:
        """Put the staged run there, serve it here, then take away there what was served before."""
        before = self._served_keys(workspace.id, document.id)
        renamed = (document.id, document.run, storable(document.title))
        is_renamed = bool(self._database.ask(lambda c: c.execute(_RENAMED, renamed).fetchone()))
        for entries in self._staged_entries(workspace, document):
            self._ranker.put(workspace.id, entries)
        served = super().publish(workspace, document)
        edited = self._database.ask(lambda c: c.execute(_EDITED, (document.id,)).fetchall())
        if is_renamed or edited:  # publishing has brought those up to date
            self._put_again(workspace, document, None if is_renamed else [chunk_id for (chunk_id,) in edited])
        gone = set(before) - set(self._served_keys(workspace.id, document.id))
        self._take(workspace.id, sorted(gone))
        return served

    def edit(self, workspace: Workspace, document: Document, chunk_id: str, wanted: ChunkEdit) -> IndexedChunk:
        """Serve a chunk with other content here, then there."""
        changed = super().edit(workspace, document, chunk_id, wanted)
        self._put_again(workspace, document, [chunk_id])
        return changed

    def describe(self, workspace: Workspace, document: Document) -> None:
        """Let what is served have what the record says; there its words, which a title is part of."""
        super().describe(workspace, document)
        if self._ranker.ranks_words:
            self._put_again(workspace, document, None)

    def remove(self, workspace_id: str, document_id: str) -> None:
        """Remove a document's chunks here, then there."""
        try:
            keys = self._served_keys(workspace_id, document_id)
        except NotFound:
            keys = []
        keys += self._keys(workspace_id, _STAGED_KEYS, (document_id,))
        super().remove(workspace_id, document_id)
        self._take(workspace_id, keys)

    def by_vector(self, workspace: Workspace, scope: Scope, parameters: Parameters) -> list[Scored]:
        """The nearest of what the engine names, by their true distance."""
        if scope.chunk_nos is not None:
            return super().by_vector(workspace, scope, parameters)
        tables, nearness = tables_of(workspace.id), self._nearness(workspace)
        vector = parameters["vector"]

        def scored(few: Scope) -> list[Scored]:
            return self._ask(workspace.id, lambda c: among(c, tables, nearness, few, parameters))

        def named(limit: int) -> list[str]:
            return self._ranker.nearest(workspace.id, vector, limit)

        found = self._found(workspace, scope, parameters, named, scored, len)
        return super().by_vector(workspace, scope, parameters) if found is None else found

    def by_words(self, workspace: Workspace, scope: Scope, parameters: Parameters) -> ByWords:
        """What the engine names, scored by BM25."""
        if scope.chunk_nos is not None or not self._ranker.ranks_words:
            return super().by_words(workspace, scope, parameters)
        tables = tables_of(workspace.id)
        words = self._ask(workspace.id, lambda c: known_words(c, tables, parameters))

        def scored(few: Scope) -> ByWords:
            return self._read(workspace.id, lambda c: by_words(c, tables, few, parameters))

        def named(limit: int) -> list[str]:
            return self._ranker.by_words(workspace.id, words, limit)

        found = self._found(workspace, scope, parameters, named, scored, lambda found: len(found.ranking))
        return super().by_words(workspace, scope, parameters) if found is None else found

    def tend(self, workspace: Workspace) -> bool:  # noqa: ARG002 # the port has it
        """Nothing: the engine sees to its index."""
        return False

    def report(self, workspace: Workspace) -> IndexReport:
        """How many of the truly nearest the engine names, measured now."""
        tables = tables_of(workspace.id)
        asked = self._ask(workspace.id, lambda c: sample(c, tables))

        def named(vector: Vectors) -> set[str]:
            return _ids(self.by_vector(workspace, EVERYTHING, _ten(workspace, vector)))

        def true(vector: Vectors) -> set[str]:
            return _ids(super(RankedElsewhere, self).by_vector(workspace, EVERYTHING, _ten(workspace, vector)))

        found = compared(asked, named, true)
        chunks = super().report(workspace).chunks
        return IndexReport(kind="other", chunks=chunks, parameters={"engine": self._name}, **found._asdict())

    def supports(self, metric: Metric, dimensions: int) -> str | None:
        """What the engine supports."""
        return self._ranker.supports(metric, dimensions)

    def _found(
        self,
        workspace: Workspace,
        scope: Scope,
        parameters: Parameters,
        named: Callable[[int], list[str]],
        scored: Callable[[Scope], T],
        count: Callable[[T], int],
    ) -> T | None:
        """What the engine names, scored here; asked again where a new version took the place of what was named.

        None where that happened again and again: PostgreSQL has to look for itself.
        """
        for _ in range(_TRIES):
            chunk_nos, is_all = self._candidates(workspace, scope, parameters, named)
            found = scored(scope_among(chunk_nos, tables_of(workspace.id)))
            if count(found) >= parameters["limit"] or (is_all and count(found) == len(chunk_nos)):
                return found
        return None

    def _candidates(
        self, workspace: Workspace, scope: Scope, parameters: Parameters, named: Callable[[int], list[str]]
    ) -> tuple[list[int], bool]:
        """Numbers of served chunks that meet the conditions, as many as are wanted or all that the engine has.

        And whether all that it named are served: else it may have been asked before a new version was.
        """
        statement = tables_of(workspace.id).fill(_CANDIDATES, condition=scope.condition)
        wanted, limit = parameters["limit"], parameters["limit"] * _MORE
        while True:
            limit = min(limit, _MOST_CANDIDATES)
            keys = named(limit)
            ids, runs = _parts(keys)
            values = scope.parameters | {"workspace": workspace.id, "ids": ids, "runs": runs}
            rows = self._ask(workspace.id, lambda c, v=values: c.execute(statement, v, prepare=False).fetchall())
            meeting = [chunk_no for chunk_no, meets in rows if meets]
            if len(meeting) >= wanted or len(keys) < limit or limit == _MOST_CANDIDATES:
                return meeting, len(rows) == len(keys)
            limit *= _FURTHER

    def _staged_entries(self, workspace: Workspace, document: Document) -> Iterator[list[Entry]]:
        after = -1
        while True:
            values = (document.id, document.run, after, _AT_ONCE)
            rows = self._database.ask(lambda c, v=values: c.execute(_STAGED, v).fetchall())
            if not rows:
                return
            chunks = [IndexedChunk.model_validate(chunk) for chunk, _ in rows]
            tokens = [chunk["tokens"] for chunk, _ in rows]
            yield self._entries(workspace, document, chunks, tokens, [vector for _, vector in rows])
            after = chunks[-1].index

    def _put_again(self, workspace: Workspace, document: Document, chunk_ids: Sequence[str] | None) -> None:
        """Put there what is served here of these chunks, or of all of a document."""
        statement = tables_of(workspace.id).fill(_VECTORS)
        for chunks in self._served(workspace.id, document.id):
            changed = [chunk for chunk in chunks if chunk_ids is None or chunk.chunk_id in chunk_ids]
            if not changed:
                continue
            values = workspace.id, [chunk.chunk_id for chunk in changed]
            rows = self._ask(workspace.id, lambda c, v=values: c.execute(statement, v).fetchall())
            kept = {chunk_id: (run, title, vector) for chunk_id, run, title, vector in rows}
            changed = [chunk for chunk in changed if chunk.chunk_id in kept]
            if changed:
                run, title, _ = kept[changed[0].chunk_id]
                told = document.model_copy(update={"run": run, "title": title})
                tokens = [staged(told, chunk)["tokens"] for chunk in changed]
                vectors = [kept[chunk.chunk_id][2] for chunk in changed]
                self._ranker.put(workspace.id, self._entries(workspace, told, changed, tokens, vectors))

    def _entries(
        self,
        workspace: Workspace,
        document: Document,
        chunks: Sequence[IndexedChunk],
        tokens: Sequence[dict[str, int]],
        vectors: Sequence[Any],
    ) -> list[Entry]:
        keys = [_key(chunk.chunk_id, document.run) for chunk in chunks]
        languages = (*workspace.languages, *((document.language,) if document.language else ()))
        values = {
            "dictionaries": dictionaries(languages),
            "tokens": Jsonb(dict(zip(keys, tokens, strict=True)) if self._ranker.ranks_words else {}),
        }
        words = dict(self._database.ask(lambda c: c.execute(_WORDS, values).fetchall()))
        return [
            Entry(key, chunk.content, words.get(key, ""), None if vector is None else vector.to_numpy())
            for key, chunk, vector in zip(keys, chunks, vectors, strict=True)
        ]

    def _served(self, workspace_id: str, document_id: str) -> Iterator[Sequence[IndexedChunk]]:
        cursor: str | None = None
        while True:
            page = self.chunks(workspace_id, document_id, PageOf(_AT_ONCE, cursor))
            yield page.items
            cursor = page.next_cursor
            if cursor is None:
                return

    def _all_keys(self, workspace_id: str) -> Iterator[str]:
        """Read when they are asked for: not every engine needs them."""
        with suppress(NotFound):
            yield from self._keys(workspace_id, tables_of(workspace_id).fill(_ALL_KEYS), ())

    def _served_keys(self, workspace_id: str, document_id: str) -> list[str]:
        statement = tables_of(workspace_id).fill(_SERVED_KEYS)
        return self._keys(workspace_id, statement, (workspace_id, document_id))

    def _keys(self, workspace_id: str, statement: Any, values: tuple[str, ...]) -> list[str]:
        rows = self._ask(workspace_id, lambda c: c.execute(statement, values).fetchall())
        return [_key(chunk_id, run) for chunk_id, run in rows]

    def _take(self, workspace_id: str, keys: Sequence[str]) -> None:
        for start in range(0, len(keys), _AT_ONCE):
            self._ranker.take(workspace_id, keys[start : start + _AT_ONCE])


def _key(chunk_id: str, run: int) -> str:
    return f"{chunk_id}.{run}"


def _parts(keys: Sequence[str]) -> tuple[list[str], list[int]]:
    """Chunk ids and runs of keys; one that is not ours is passed over."""
    parts = [key.rpartition(".") for key in keys]
    ours = [(chunk_id, int(run)) for chunk_id, _, run in parts if run.isdecimal() and _is_uuid(chunk_id)]
    return [chunk_id for chunk_id, _ in ours], [run for _, run in ours]


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _ten(workspace: Workspace, vector: Vectors) -> Parameters:
    return {"workspace": workspace.id, "limit": 10, "vector": vector}


def _ids(ranking: Sequence[Scored]) -> set[str]:
    return {scored.chunk_id for scored in ranking}
