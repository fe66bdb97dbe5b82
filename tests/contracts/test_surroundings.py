"""The contract of the port `Index`: the chunks around a chunk, and the documents nearest to a vector."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from tests.contracts.examples import a_document, a_workspace, new_id

from kosha.adapters.postgres.database import Database
from kosha.adapters.postgres.index import PgvectorIndex
from kosha.adapters.postgres.migrate import migrate
from kosha.model.chunk import IndexedChunk
from kosha.model.document import Document
from kosha.model.search import Condition, Filters
from kosha.model.workspace import Workspace
from kosha.ports import Index, Vectors

DIMENSIONS = 4


@pytest.fixture(params=["pgvector"])
def index(database: Database) -> Index:
    """Every engine that keeps whole documents."""
    return PgvectorIndex(database)


@pytest.fixture
def workspace(index: Index) -> Workspace:
    workspace = a_workspace(embeddings_model_dimensions=DIMENSIONS)
    index.create(workspace)
    return workspace


def vectors(*rows: Sequence[float]) -> Vectors:
    made = np.array(rows, np.float32)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def serve(index: Index, workspace: Workspace, rows: Vectors, *, off: Sequence[int] = (), **fields: Any) -> Document:
    """A document with a chunk for each row (`c0`, `c1` ...), those of `off` switched off."""
    document = a_document(workspace.id, **{"title": "", "run": 1, **fields})
    chunks = [
        IndexedChunk(
            chunk_id=new_id(), document_id=document.id, index=place, content=f"c{place}", enabled=place not in off
        )
        for place in range(len(rows))
    ]
    index.stage(document, chunks, rows)
    index.publish(workspace, document)
    return document


def chunk_id(index: Index, workspace: Workspace, document: Document, place: int) -> str:
    found = index.rankings(workspace, f"c{place}", None, limit=1, filters=Filters(), document_id=document.id).keyword
    return found[0].chunk_id


class TestNeighbours:
    def test_a_chunk_is_told_among_those_beside_it_in_order(self, index: Index, workspace: Workspace) -> None:
        document = serve(index, workspace, vectors(*[[1, 0, 0, 0]] * 6))
        serve(index, workspace, vectors([1, 0, 0, 0]))
        first, middle = (chunk_id(index, workspace, document, place) for place in (0, 3))
        found = index.neighbours(workspace.id, [middle, first], reach=2)
        assert [chunk.content for chunk in found[middle]] == ["c1", "c2", "c3", "c4", "c5"]
        assert [chunk.content for chunk in found[first]] == ["c0", "c1", "c2"]

    def test_what_is_switched_off_is_left_out(self, index: Index, workspace: Workspace) -> None:
        document = serve(index, workspace, vectors(*[[1, 0, 0, 0]] * 3), off=[1])
        middle = chunk_id(index, workspace, document, 0)
        assert [chunk.content for chunk in index.neighbours(workspace.id, [middle], reach=2)[middle]] == ["c0", "c2"]

    def test_of_what_is_gone_or_another_workspaces_nothing_is_told(self, index: Index, workspace: Workspace) -> None:
        other = a_workspace(embeddings_model_dimensions=DIMENSIONS)
        index.create(other)
        document = serve(index, workspace, vectors([1, 0, 0, 0]))
        known = chunk_id(index, workspace, document, 0)
        assert index.neighbours(other.id, [known, new_id(), "no id"], reach=1) == {}
        assert index.neighbours(workspace.id, [], reach=1) == {}


class TestNearestDocuments:
    def test_documents_are_ordered_by_the_mean_of_their_chunks(self, index: Index, workspace: Workspace) -> None:
        mixed = serve(index, workspace, vectors([1, 0, 0, 0], [0, 1, 0, 0]))
        first = serve(index, workspace, vectors([1, 0, 0, 0], [0.9, 0.1, 0, 0]))
        away = serve(index, workspace, vectors([0, 0, 1, 0]))
        asked = vectors([1, 0, 0, 0])[0]
        assert index.nearest_documents(workspace, asked, limit=5) == [first.id, mixed.id, away.id]
        assert index.nearest_documents(workspace, asked, limit=1) == [first.id]

    def test_a_new_version_counts_at_once_and_a_removed_document_no_more(
        self, index: Index, workspace: Workspace
    ) -> None:
        moved = serve(index, workspace, vectors([1, 0, 0, 0]))
        other = serve(index, workspace, vectors([0.5, 0.5, 0, 0]))
        asked = vectors([1, 0, 0, 0])[0]
        serve(index, workspace, vectors([0, 0, 0, 1]), id=moved.id, run=2)
        assert index.nearest_documents(workspace, asked, limit=5) == [other.id, moved.id]
        index.remove(workspace.id, other.id)
        assert index.nearest_documents(workspace, asked, limit=5) == [moved.id]
        index.drop(workspace.id)
        assert index.nearest_documents(workspace, asked, limit=5) == []

    def test_what_is_switched_off_does_not_count(self, index: Index, workspace: Workspace) -> None:
        half = serve(index, workspace, vectors([1, 0, 0, 0], [0, 0, 0, 1]), off=[0])
        serve(index, workspace, vectors([1, 0, 0, 0]), enabled=False)
        assert index.nearest_documents(workspace, vectors([1, 0, 0, 0])[0], limit=5) == [half.id]

    def test_a_search_may_be_kept_to_documents(self, index: Index, workspace: Workspace) -> None:
        documents = [serve(index, workspace, vectors([1, 0, 0, 0])) for _ in range(3)]
        wanted = Condition(field="documentId", op="in", value=(documents[0].id, documents[2].id))
        found = index.rankings(workspace, "c0", None, limit=9, filters=Filters(all=(wanted,))).keyword
        hits = index.hits(workspace.id, [scored.chunk_id for scored in found])
        assert {hit.document_id for hit in hits} == {documents[0].id, documents[2].id}


def test_documents_that_were_there_before_get_their_vectors(database: Database) -> None:
    index = PgvectorIndex(database)
    workspace = a_workspace(embeddings_model_dimensions=DIMENSIONS)
    index.create(workspace)
    document = serve(index, workspace, vectors([1, 0, 0, 0], [0, 1, 0, 0]))
    newest = migrate(database, version=9)
    try:
        migrate(database)
    finally:
        assert newest >= 10
    assert index.nearest_documents(workspace, vectors([1, 0, 0, 0])[0], limit=5) == [document.id]
