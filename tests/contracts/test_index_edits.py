"""The contract of the port `Index`: changes of what is served without a new import."""

from typing import Any

import numpy as np
import pytest
from tests.contracts.examples import a_document, new_id
from tests.contracts.races import at_once
from tests.contracts.test_index import (
    DIMENSIONS,
    axis,
    chunks_of,
    cluster,
    found_by_vector,
    found_by_words,
    index,
    rank,
    serve,
    traces_of,
    vectors_for,
    where,
    workspace,
)

from kosha.adapters.postgres.database import Database
from kosha.errors import NotFound
from kosha.model.chunk import IndexedChunk
from kosha.model.document import Document
from kosha.model.page import PageOf
from kosha.model.workspace import Workspace
from kosha.ports import ChunkEdit, Index

__all__ = ["cluster", "index", "workspace"]
LEAVE, TRAVEL, PAY = "Leave is 25 days.", "Travel is paid.", "Pay comes monthly."
SABBATICAL = ChunkEdit("A sabbatical takes a year.", axis(5))
OFF, ON = ChunkEdit(enabled=False), ChunkEdit(enabled=True)


def chunks(index: Index, document: Document) -> list[IndexedChunk]:
    return list(index.chunks(document.workspace_id, document.id, PageOf(100)).items)


def contents(index: Index, document: Document) -> list[str]:
    return [chunk.content for chunk in chunks(index, document)]


def import_again(index: Index, workspace: Workspace, served: list[IndexedChunk], document: Document) -> Document:
    """The next run, of these chunks."""
    again = document.model_copy(update={"run": document.run + 1})
    index.stage(again, served, vectors_for(len(served)))
    index.publish(workspace, again)
    return again


def numbers(database: Database, workspace: Workspace) -> list[Any]:
    """Every number that word search keeps."""
    table = f"vectors.ws_{workspace.id.replace('-', '')}_words"
    return database.run(lambda c: c.execute(f"select lexeme, chunks, occurrences from {table} order by 1").fetchall())


class TestEditing:
    def test_an_edited_chunk_is_found_by_its_new_words_and_vector_alone(
        self, index: Index, workspace: Workspace
    ) -> None:
        document = serve(index, workspace, [LEAVE, TRAVEL])
        before = chunks(index, document)
        changed = index.edit(workspace, document, before[0].chunk_id, SABBATICAL)
        assert (changed.chunk_id, changed.content, changed.enabled) == (before[0].chunk_id, SABBATICAL.content, True)
        assert found_by_words(index, workspace, "leave") == []
        assert found_by_words(index, workspace, "sabbatical") == [SABBATICAL.content]
        assert found_by_vector(index, workspace, axis(5))[0] == SABBATICAL.content
        assert rank(index, workspace, "", axis(5)).vector[0].score == pytest.approx(1)

    def test_an_edited_chunk_keeps_its_id_and_its_place(self, index: Index, workspace: Workspace) -> None:
        document = serve(index, workspace, [LEAVE, TRAVEL, PAY])
        before = chunks(index, document)
        index.edit(workspace, document, before[1].chunk_id, SABBATICAL)
        assert [chunk.chunk_id for chunk in chunks(index, document)] == [chunk.chunk_id for chunk in before]
        assert contents(index, document) == [LEAVE, SABBATICAL.content, PAY]
        assert index.hits(workspace.id, [before[1].chunk_id])[0].content == SABBATICAL.content

    def test_the_words_count_as_if_the_document_had_come_like_this(
        self, index: Index, workspace: Workspace, database: Database
    ) -> None:
        document = serve(index, workspace, [LEAVE, TRAVEL])
        before = numbers(database, workspace)
        first, second = (chunk.chunk_id for chunk in chunks(index, document))
        index.edit(workspace, document, first, SABBATICAL)
        index.edit(workspace, document, second, OFF)
        index.edit(workspace, document, first, ChunkEdit(LEAVE, axis(0)))
        index.edit(workspace, document, second, ON)
        assert numbers(database, workspace) == before

    def test_a_chunk_that_is_off_is_listed_and_found_by_nobody(
        self, index: Index, workspace: Workspace, database: Database
    ) -> None:
        alone = serve(index, workspace, [TRAVEL])
        without = numbers(database, workspace)
        document = serve(index, workspace, [LEAVE])
        [chunk] = chunks(index, document)
        assert index.edit(workspace, document, chunk.chunk_id, OFF).enabled is False
        assert [(chunk.content, chunk.enabled) for chunk in chunks(index, document)] == [(LEAVE, False)]
        assert found_by_words(index, workspace, "leave") == []
        assert found_by_vector(index, workspace, axis(0)) == contents(index, alone)
        assert numbers(database, workspace) == without
        index.edit(workspace, document, chunk.chunk_id, ON)
        assert found_by_words(index, workspace, "leave") == [LEAVE]

    def test_what_is_edited_while_it_is_off_stays_off(self, index: Index, workspace: Workspace) -> None:
        document = serve(index, workspace, [LEAVE])
        [chunk] = chunks(index, document)
        index.edit(workspace, document, chunk.chunk_id, OFF)
        assert index.edit(workspace, document, chunk.chunk_id, SABBATICAL).enabled is False
        assert found_by_words(index, workspace, "sabbatical") == []

    def test_an_edit_reaches_the_passage_around_and_its_other_parts(self, index: Index, workspace: Workspace) -> None:
        document = a_document(workspace.id, run=1)
        parts = chunks_of(document, [LEAVE, TRAVEL], content_complement=f"{LEAVE} {TRAVEL}")
        index.stage(document, parts, vectors_for(2))
        index.publish(workspace, document)
        index.edit(workspace, document, parts[0].chunk_id, SABBATICAL)
        around = f"{SABBATICAL.content} {TRAVEL}"
        assert [chunk.content_complement for chunk in chunks(index, document)] == [around, around]
        import_again(index, workspace, parts, document)
        assert [chunk.content_complement for chunk in chunks(index, document)] == [around, around]

    def test_edits_in_one_passage_all_reach_it_and_stay(self, index: Index, workspace: Workspace) -> None:
        document = a_document(workspace.id, run=1)
        parts = chunks_of(document, [LEAVE, TRAVEL, PAY], content_complement=f"{LEAVE} {TRAVEL} {PAY}")
        index.stage(document, parts, vectors_for(3))
        index.publish(workspace, document)
        index.edit(workspace, document, parts[0].chunk_id, SABBATICAL)
        index.edit(workspace, document, parts[2].chunk_id, ChunkEdit("Pay is late.", axis(6)))
        around = f"{SABBATICAL.content} {TRAVEL} Pay is late."
        assert {chunk.content_complement for chunk in chunks(index, document)} == {around}
        import_again(index, workspace, parts, document)
        assert {chunk.content_complement for chunk in chunks(index, document)} == {around}

    def test_the_answer_to_a_question_is_left_alone(self, index: Index, workspace: Workspace) -> None:
        document = a_document(workspace.id, run=1, type="qna")
        [pair] = chunks_of(document, ["leave"], content_complement="Of leave you have 25 days.")
        index.stage(document, [pair], vectors_for(1))
        index.publish(workspace, document)
        changed = index.edit(workspace, document, pair.chunk_id, ChunkEdit("holidays", axis(1)))
        assert changed.content_complement == "Of leave you have 25 days."
        assert found_by_words(index, workspace, "25") == ["holidays"]

    @pytest.mark.parametrize("chunk_id", [new_id(), "no id", ""])
    def test_a_chunk_that_is_not_served_cannot_be_edited(
        self, index: Index, workspace: Workspace, chunk_id: str
    ) -> None:
        document = serve(index, workspace, [LEAVE])
        with pytest.raises(NotFound):
            index.edit(workspace, document, chunk_id, SABBATICAL)

    def test_the_chunk_of_another_document_is_not_found_through_this_one(
        self, index: Index, workspace: Workspace
    ) -> None:
        mine, other = serve(index, workspace, [LEAVE]), serve(index, workspace, [TRAVEL])
        with pytest.raises(NotFound):
            index.edit(workspace, mine, chunks(index, other)[0].chunk_id, SABBATICAL)
        assert contents(index, other) == [TRAVEL]

    def test_token_vectors_follow_the_words(self, index: Index, workspace: Workspace) -> None:
        document = a_document(workspace.id, run=1)
        served = chunks_of(document, [LEAVE, TRAVEL])
        old, new = np.full((2, 4), 1, np.int8), np.full((3, 4), 2, np.int8)
        index.stage(document, served, vectors_for(2), [old, old])
        index.publish(workspace, document)
        ids = [chunk.chunk_id for chunk in served]
        index.edit(workspace, document, ids[0], ChunkEdit(PAY, axis(1), new))
        index.edit(workspace, document, ids[1], OFF)
        kept = index.token_vectors(workspace.id, ids)
        assert np.array_equal(kept[ids[0]], new)
        assert np.array_equal(kept[ids[1]], old)

    def test_edits_of_one_chunk_at_one_moment_leave_one_of_them(
        self, index: Index, workspace: Workspace, database: Database
    ) -> None:
        document = serve(index, workspace, [LEAVE, TRAVEL])
        first = chunks(index, document)[0].chunk_id
        words = [f"version{number}" for number in range(6)]
        edits = [ChunkEdit(word, axis(number)) for number, word in enumerate(words)]
        at_once([lambda edit=edit: index.edit(workspace, document, first, edit) for edit in edits])
        left = contents(index, document)[0]
        assert [word for word in words if found_by_words(index, workspace, word)] == [left]
        assert len(numbers(database, workspace)) == len({*numbers(database, workspace)})


class TestImportingAgain:
    def test_an_edit_stays_where_the_document_still_says_what_it_said(self, index: Index, workspace: Workspace) -> None:
        document = serve(index, workspace, [LEAVE, TRAVEL])
        original = chunks(index, document)
        index.edit(workspace, document, original[0].chunk_id, SABBATICAL)
        index.edit(workspace, document, original[1].chunk_id, OFF)
        again = import_again(index, workspace, original, document)
        assert contents(index, again) == [SABBATICAL.content, TRAVEL]
        assert found_by_words(index, workspace, "leave travel sabbatical") == [SABBATICAL.content]
        assert found_by_vector(index, workspace, axis(5)) == [SABBATICAL.content]
        assert index.publish(workspace, again) == 2
        third = import_again(index, workspace, original, again)
        assert contents(index, third) == [SABBATICAL.content, TRAVEL]

    def test_an_edit_goes_with_the_passage_it_was_of(
        self, index: Index, workspace: Workspace, database: Database
    ) -> None:
        document = serve(index, workspace, [LEAVE])
        original = chunks(index, document)
        index.edit(workspace, document, original[0].chunk_id, SABBATICAL)
        newer = import_again(index, workspace, chunks_of(document, ["Leave is 30 days."]), document)
        assert contents(index, newer) == ["Leave is 30 days."]
        back = import_again(index, workspace, original, newer)
        assert contents(index, back) == [LEAVE]

    def test_a_run_that_was_overtaken_takes_no_edit_with_it(self, index: Index, workspace: Workspace) -> None:
        document = serve(index, workspace, [LEAVE], run=2)
        original = chunks(index, document)
        index.edit(workspace, document, original[0].chunk_id, SABBATICAL)
        late = document.model_copy(update={"run": 1})
        index.stage(late, chunks_of(late, [TRAVEL]), vectors_for(1))
        index.publish(workspace, late)
        again = import_again(index, workspace, original, document)
        assert contents(index, again) == [SABBATICAL.content]

    def test_an_edit_during_an_import_is_not_undone_by_it(self, index: Index, workspace: Workspace) -> None:
        document = serve(index, workspace, [LEAVE, TRAVEL])
        original = chunks(index, document)
        again = document.model_copy(update={"run": 2})
        index.stage(again, original, vectors_for(2))
        index.edit(workspace, document, original[0].chunk_id, SABBATICAL)
        assert index.publish(workspace, again) == 2
        assert contents(index, again) == [SABBATICAL.content, TRAVEL]
        assert found_by_words(index, workspace, "leave") == []

    def test_edits_and_imports_at_one_moment_never_bring_old_words_back(
        self, index: Index, workspace: Workspace
    ) -> None:
        document = serve(index, workspace, [LEAVE, TRAVEL])
        original = chunks(index, document)

        def import_often() -> None:
            for run in range(2, 8):
                again = document.model_copy(update={"run": run})
                index.stage(again, original, vectors_for(2))
                index.publish(workspace, again)

        def edit_often() -> None:
            for number in range(6):
                index.edit(workspace, document, original[0].chunk_id, ChunkEdit(f"version {number}", axis(3)))

        at_once([import_often, edit_often])
        assert contents(index, document) == ["version 5", TRAVEL]
        assert found_by_words(index, workspace, "leave") == []

    def test_a_removed_document_and_a_dropped_workspace_leave_no_edit(
        self, index: Index, workspace: Workspace, database: Database
    ) -> None:
        documents = [serve(index, workspace, [LEAVE]) for _ in range(2)]
        for document in documents:
            index.edit(workspace, document, chunks(index, document)[0].chunk_id, SABBATICAL)
        count = "select count(*) from kosha.chunk_edits where workspace_id = %s"
        index.remove(workspace.id, documents[0].id)
        assert database.run(lambda c: c.execute(count, (workspace.id,)).fetchone()) == (1,)
        index.drop(workspace.id)
        assert database.run(lambda c: c.execute(count, (workspace.id,)).fetchone()) == (0,)
        assert traces_of(database, *(document.id for document in documents)) == 0


class TestDescribing:
    def test_a_document_is_found_by_its_new_title_and_not_by_the_old(
        self, index: Index, workspace: Workspace, database: Database
    ) -> None:
        document = serve(index, workspace, [LEAVE, TRAVEL], title="Handbook")
        renamed = document.model_copy(update={"title": "Almanac"})
        index.describe(workspace, renamed)
        assert found_by_words(index, workspace, "handbook") == []
        assert len(found_by_words(index, workspace, "almanac")) == 2
        assert found_by_words(index, workspace, "day", filters=where("title", "eq", "Almanac")) == [LEAVE]
        assert {hit.title for hit in index.hits(workspace.id, [chunks(index, document)[0].chunk_id])} == {"Almanac"}
        assert found_by_vector(index, workspace, axis(1))[0] == TRAVEL
        before = numbers(database, workspace)
        index.describe(workspace, renamed)
        assert numbers(database, workspace) == before

    def test_own_fields_are_filtered_by_as_they_are_now(self, index: Index, workspace: Workspace) -> None:
        document = serve(index, workspace, [LEAVE], metadata={"team": "hr", "year": 2025.0})
        index.describe(workspace, document.model_copy(update={"metadata": {"team": "it"}}))
        assert found_by_words(index, workspace, "leave", filters=where("metadata.team", "eq", "hr")) == []
        assert found_by_words(index, workspace, "leave", filters=where("metadata.team", "eq", "it")) == [LEAVE]
        assert found_by_words(index, workspace, "leave", filters=where("metadata.year", "gt", 1.0)) == []

    def test_a_document_that_is_off_is_out_of_search_and_comes_back_as_it_was(
        self, index: Index, workspace: Workspace, database: Database
    ) -> None:
        document = serve(index, workspace, [LEAVE, TRAVEL, PAY])
        index.edit(workspace, document, chunks(index, document)[1].chunk_id, OFF)
        before = numbers(database, workspace)
        off = document.model_copy(update={"enabled": False})
        index.describe(workspace, off)
        assert rank(index, workspace, "leave travel pay", axis(0))[:2] == ([], [])
        assert [chunk.enabled for chunk in chunks(index, document)] == [True, False, True]
        index.edit(workspace, off, chunks(index, document)[0].chunk_id, SABBATICAL)
        assert found_by_words(index, workspace, "sabbatical") == []
        index.edit(workspace, off, chunks(index, document)[0].chunk_id, ChunkEdit(LEAVE, axis(0)))
        index.describe(workspace, document)
        assert set(found_by_words(index, workspace, "leave travel pay")) == {LEAVE, PAY}
        assert numbers(database, workspace) == before

    def test_a_title_that_changed_during_an_import_is_the_one_that_is_searched(
        self, index: Index, workspace: Workspace
    ) -> None:
        document = a_document(workspace.id, run=1, title="Handbook")
        index.stage(document, chunks_of(document, [LEAVE]), vectors_for(1))
        index.publish(workspace, document.model_copy(update={"title": "Almanac"}))
        assert found_by_words(index, workspace, "handbook") == []
        assert found_by_words(index, workspace, "almanac") == [LEAVE]

    def test_a_document_of_many_chunks_is_described_whole(self, index: Index, workspace: Workspace) -> None:
        document = a_document(workspace.id, run=1, title="Handbook")
        texts = [f"rule {number}" for number in range(1100)]
        index.stage(document, chunks_of(document, texts), np.tile(vectors_for(DIMENSIONS), (138, 1))[:1100])
        index.publish(workspace, document)
        index.describe(workspace, document.model_copy(update={"title": "Almanac"}))
        assert len(rank(index, workspace, "almanac", limit=2000).keyword) == 1100
        assert found_by_words(index, workspace, "handbook") == []

    def test_what_is_not_served_is_described_by_nothing(self, index: Index, workspace: Workspace) -> None:
        index.describe(workspace, a_document(workspace.id, run=1))
        assert rank(index, workspace, "leave").keyword == []
