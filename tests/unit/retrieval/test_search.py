"""A search as a use case: on a real index, with an embedder whose directions are words of the text."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import numpy as np
import pytest

from kosha.adapters.postgres.database import Database
from kosha.adapters.postgres.index import PgvectorIndex
from kosha.errors import Unavailable
from kosha.model.chunk import IndexedChunk
from kosha.model.document import Document
from kosha.model.search import ChunkTrace, Condition, Filters, Found
from kosha.model.workspace import Workspace
from kosha.ports import Embedded, Kind, TokenVectors, Vectors
from kosha.retrieval.search import Question, search

NOW = datetime(2026, 11, 20, tzinfo=UTC)
TOPICS = {"leave": 0, "holiday": 0, "travel": 1, "trip": 1, "pump": 2, "moon": 3}


class TopicEmbedder:
    """Knows four topics by six words; texts on one topic are equal to it."""

    provider, name, dimensions, window_tokens = "test", "topics", 5, 100

    def embed(self, texts: Sequence[str], *, kind: Kind) -> Vectors:
        rows = np.full((len(texts), self.dimensions), 0.01, np.float32)
        for row, text in zip(rows, texts, strict=True):
            places = [place for word, place in TOPICS.items() if word in text.lower()]
            row[places or [4]] = 1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def tokens(self, text: str) -> int:
        return len(text.split())


class ReadingEmbedder(TopicEmbedder):
    """Tells the words of a text apart, each by its first letter."""

    token_dimensions = 26

    def __init__(self, fluency: float = 1.0) -> None:
        self.fluency = fluency

    def embed_tokens(self, texts: Sequence[str], *, kind: Kind) -> Embedded:
        tokens = [self._tokens(text) for text in texts]
        return Embedded(self.embed(texts, kind=kind), tokens, [self.fluency] * len(texts))

    def _tokens(self, text: str) -> TokenVectors:
        letters = [ord(word[0]) - ord("a") for word in text.lower().split() if word[0].isalpha()]
        vectors = np.zeros((len(letters), self.token_dimensions), np.int8)
        vectors[np.arange(len(letters)), letters] = 127
        return vectors


class Judge:
    """A cross-encoder that likes passages with a word."""

    provider, name = "test", "judge"

    def __init__(self, likes: str, *, is_silent: bool = False) -> None:
        self.likes = likes
        self.is_silent = is_silent

    def score(self, question: str, passages: Sequence[str]) -> Vectors:
        if self.is_silent:
            raise Unavailable("The cross-encoder does not answer.")
        return np.array([9.0 if self.likes in passage else -9.0 for passage in passages], np.float32)


class SilentEmbedder(TopicEmbedder):
    """Its endpoint does not answer."""

    def embed(self, texts: Sequence[str], *, kind: Kind) -> Vectors:
        raise Unavailable("The embedding model does not answer.")


class Shelf:
    """A workspace and what a test does with it."""

    def __init__(self, index: PgvectorIndex, **fields: Any) -> None:
        self.index = index
        self.workspace = Workspace(
            id=str(uuid4()), name="Shelf", embeddings_model_provider="test", embeddings_model_name="topics",
            embeddings_model_dimensions=5, created_at=NOW, updated_at=NOW, **fields,
        )  # fmt: skip
        index.create(self.workspace)

    def put(self, *texts: str, **fields: Any) -> str:
        """A document of these chunks; returns its id."""
        plain: dict[str, Any] = {
            "id": str(uuid4()), "workspace_id": self.workspace.id, "type": "text", "title": "", "path": "a.txt",
            "content_type": "text/plain", "status": "processing", "run": 1, "created_at": NOW, "updated_at": NOW,
        }  # fmt: skip
        document = Document(**{**plain, **fields})
        chunks = [
            IndexedChunk(chunk_id=str(uuid4()), document_id=document.id, index=place, content=text)
            for place, text in enumerate(texts)
        ]
        made = ReadingEmbedder().embed_tokens(texts, kind="passage")
        self.index.stage(document, chunks, made.vectors, made.token_vectors)
        self.index.publish(self.workspace, document)
        return document.id

    def ask(
        self,
        text: str,
        embedder: TopicEmbedder | None = TopicEmbedder(),  # noqa: B008
        judge: Judge | None = None,
        **options: Any,
    ) -> Found:
        return search(
            Question(text, **options),
            workspace=self.workspace,
            index=self.index,
            embedder=embedder,
            cross_encoder=judge,
        )

    def chooses(self, **options: Any) -> None:
        """The workspace's retrieval options from now on."""
        retrieval = self.workspace.retrieval.model_copy(update=options)
        self.workspace = self.workspace.model_copy(update={"retrieval": retrieval})

    def trace(self, text: str, document_id: str, **options: Any) -> ChunkTrace:
        """Of the document's first chunk."""
        found = self.ask(text, explain=True, document_id=document_id, **options)
        assert found.explain is not None
        assert found.explain.document is not None
        return found.explain.document.chunks[0]


@pytest.fixture
def shelf(house_database: Database) -> Iterator[Shelf]:
    shelf = Shelf(PgvectorIndex(house_database))
    yield shelf
    shelf.index.drop(shelf.workspace.id)


def contents(found: Found) -> list[str]:
    return [hit.content for hit in found.items]


def test_what_means_the_same_is_found_without_a_common_word(shelf: Shelf) -> None:
    shelf.put("Leave is 25 days.", "Travel is paid.")
    found = shelf.ask("How long may my holiday be?")
    assert contents(found)[0] == "Leave is 25 days."
    assert found.items[0].scores.keyword is None
    assert found.items[0].ranks.vector == 1


def test_a_hit_carries_the_numbers_of_every_stage(shelf: Shelf) -> None:
    shelf.put("Leave is 25 days.", "Travel is paid.")
    [best, *_] = shelf.ask("days of leave").items
    assert (best.ranks.vector, best.ranks.keyword, best.ranks.fused) == (1, 1, 1)
    assert best.scores.vector == pytest.approx(1, abs=1e-3)
    assert best.score == best.scores.fused


def test_a_question_about_something_else_finds_nothing(shelf: Shelf) -> None:
    shelf.put("Leave is 25 days.", "Travel is paid.")
    found = shelf.ask("How far is the moon?")
    assert found.items == ()
    assert found.relevance < 0.4


def test_a_workspace_may_ask_for_less_or_more_relevance(shelf: Shelf) -> None:
    shelf.put("Leave is 25 days.")
    for threshold, count in ((0.0, 1), (1.0, 0)):
        options = shelf.workspace.retrieval.model_copy(update={"threshold": threshold})
        shelf.workspace = shelf.workspace.model_copy(update={"retrieval": options})
        assert len(shelf.ask("days of leave").items) == count


@pytest.mark.parametrize("embedder", [None, SilentEmbedder()], ids=["missing", "silent"])
def test_without_an_embedder_words_decide_and_the_outcome_says_so(shelf: Shelf, embedder: TopicEmbedder | None) -> None:
    shelf.put("Leave is 25 days.", "Travel is paid.")
    found = shelf.ask("leave days", embedder)
    assert contents(found) == ["Leave is 25 days."]
    assert found.degraded
    assert not shelf.ask("leave days").degraded


def test_a_workspace_may_search_by_meaning_alone(house_database: Database) -> None:
    shelf = Shelf(PgvectorIndex(house_database), hybrid_search=False)
    shelf.put("Leave is 25 days.", "Travel is paid.")
    [best, *_] = shelf.ask("25 days of leave").items
    assert best.scores.keyword is None
    assert contents(shelf.ask("25 days of leave", None)) == ["Leave is 25 days."]
    shelf.index.drop(shelf.workspace.id)


@pytest.mark.parametrize(
    "text", ["休暇は何日ですか", "¿Cuántos días?", "l'été, n'est-ce pas?", "🙂", "-" * 40, "x" * 20_000]
)
def test_any_text_is_a_question(shelf: Shelf, text: str) -> None:
    shelf.put("Leave is 25 days.")
    shelf.ask(text, explain=True)


def test_the_limit_is_a_limit(shelf: Shelf) -> None:
    shelf.put(*(f"leave rule number {number}" for number in range(30)))
    assert len(shelf.ask("leave rule", limit=7).items) == 7


def test_the_times_of_the_stages_fit_into_the_whole(shelf: Shelf) -> None:
    shelf.put("Leave is 25 days.")
    times = shelf.ask("leave").timings_ms
    assert times.vector > 0
    assert times.keyword > 0
    assert times.embed + max(times.vector, times.keyword) + times.fuse + times.rerank <= times.total + 0.1


class TestExplaining:
    def test_every_stage_tells_what_it_saw_and_kept(self, shelf: Shelf) -> None:
        shelf.put("Leave is 25 days.", "Travel is paid.", "Leave can be split.")
        found = shelf.ask("days of leave", explain=True, limit=2)
        assert found.explain is not None
        stages = {stage.stage: (stage.candidates, stage.kept) for stage in found.explain.stages}
        assert stages == {
            "vector": (3, 3), "keyword": (2, 2), "fused": (3, 2), "rerank": (0, 2), "threshold": (2, 2)
        }  # fmt: skip
        assert contents(found) == contents(shelf.ask("days of leave", limit=2))

    def test_a_chunk_that_was_found_is_lost_nowhere(self, shelf: Shelf) -> None:
        document_id = shelf.put("Leave is 25 days.")
        trace = shelf.trace("days of leave", document_id)
        assert (trace.lost_at, trace.reason, trace.ranks["fused"]) == (None, None, 1)

    def test_a_chunk_beyond_the_limit_tells_its_place(self, shelf: Shelf) -> None:
        shelf.put("Leave leave leave.", "Leave is leave.")
        last = shelf.put("Leave is taken by telling a colleague and the team lead.")
        trace = shelf.trace("leave", last, limit=1)
        assert trace.lost_at == "fused"
        assert "3 of 3" in (trace.reason or "")

    def test_a_chunk_that_both_rankings_placed_low_tells_how_low(self, shelf: Shelf) -> None:
        shelf.put(*(f"Leave rule {number}." for number in range(60)))
        last = shelf.put("A pump.")
        trace = shelf.trace("leave rule", last)
        assert trace.lost_at == "vector"
        assert trace.ranks["vector"] == 61
        assert "shares no word" in (trace.reason or "")

    def test_a_refused_search_says_how_much_was_missing(self, shelf: Shelf) -> None:
        document_id = shelf.put("Leave is 25 days.")
        trace = shelf.trace("How far is the moon?", document_id)
        assert trace.lost_at == "threshold"
        assert "0.4" in (trace.reason or "")

    def test_a_chunk_that_a_filter_left_out_says_so(self, shelf: Shelf) -> None:
        document_id = shelf.put("Leave is 25 days.")
        other = Filters(all=(Condition(field="path", op="eq", value="b.txt"),))
        assert shelf.trace("leave", document_id, filters=other).lost_at == "filter"

    def test_a_document_that_is_switched_off_says_so(self, shelf: Shelf) -> None:
        document_id = shelf.put("Leave is 25 days.", enabled=False)
        trace = shelf.trace("leave", document_id)
        assert trace.lost_at == "index"
        assert "switched off" in (trace.reason or "")

    def test_a_search_that_reads_nothing_again_says_why(self, shelf: Shelf) -> None:
        shelf.put("Leave is 25 days.")
        found = shelf.ask("days of leave", explain=True)
        assert found.explain is not None
        [stage] = [stage for stage in found.explain.stages if stage.stage == "rerank"]
        assert (stage.candidates, stage.rule.startswith("left out")) == (0, True)


class TestReadingAgain:
    """Four chunks that vectors and keywords cannot tell apart."""

    QUESTION = "leave quickly"
    ALIKE = ("leave now.", "leave quietly.", "leave soon.", "leave then.")

    def test_the_passage_with_the_words_of_the_question_comes_first(self, shelf: Shelf) -> None:
        shelf.chooses(rerank=True)
        shelf.put(*self.ALIKE)
        found = shelf.ask(self.QUESTION, ReadingEmbedder())
        assert contents(found)[0] == "leave quietly."
        assert found.items[0].scores.rerank == pytest.approx(1)
        assert found.items[0].ranks.rerank == 1
        assert found.items[1].scores.rerank == pytest.approx(0.5)
        assert found.timings_ms.rerank > 0

    def test_a_workspace_may_do_without(self, shelf: Shelf) -> None:
        shelf.chooses(rerank=False)
        shelf.put(*self.ALIKE)
        assert shelf.ask(self.QUESTION, ReadingEmbedder()).items[0].scores.rerank is None

    def test_a_cross_encoder_goes_before_the_words(self, shelf: Shelf) -> None:
        shelf.chooses(rerank=True)
        shelf.put(*self.ALIKE)
        found = shelf.ask(self.QUESTION, ReadingEmbedder(), Judge("then"))
        assert contents(found)[0] == "leave then."
        assert found.items[0].scores.rerank == 9

    def test_while_the_cross_encoder_is_silent_the_words_decide(self, shelf: Shelf) -> None:
        shelf.chooses(rerank=True)
        shelf.put(*self.ALIKE)
        found = shelf.ask(self.QUESTION, ReadingEmbedder(), Judge("then", is_silent=True))
        assert contents(found)[0] == "leave quietly."

    def test_reading_again_does_not_change_what_is_refused(self, shelf: Shelf) -> None:
        shelf.chooses(rerank=True)
        shelf.put(*self.ALIKE)
        assert shelf.ask("How far is the moon?", ReadingEmbedder(), Judge("leave")).items == ()

    def test_a_chunk_that_lost_its_place_by_reading_says_so(self, shelf: Shelf) -> None:
        shelf.chooses(rerank=True)
        first = shelf.put("leave, leave now.")
        shelf.put(*self.ALIKE[1:])
        assert contents(shelf.ask(self.QUESTION, limit=1)) == ["leave, leave now."]
        found = shelf.ask(self.QUESTION, ReadingEmbedder(), explain=True, document_id=first, limit=1)
        assert found.explain is not None
        assert found.explain.document is not None
        [trace] = found.explain.document.chunks
        assert (trace.lost_at, trace.ranks["fused"]) == ("rerank", 1)
        assert trace.ranks["rerank"] == 2
        assert "after reading again" in (trace.reason or "")

    def test_a_model_that_does_not_know_the_words_weighs_less(self, shelf: Shelf) -> None:
        shelf.chooses(rerank=False)
        shelf.put("Her holiday.", "The list of leave rules.")
        question = "leave list rules"  # the vectors of both passages are equally near, the words are of one
        known, unknown = (shelf.ask(question, ReadingEmbedder(fluency=fluency)) for fluency in (1.0, 0.1))
        assert unknown.items[-1].score < known.items[-1].score


def test_a_code_is_found_although_its_vector_is_far(shelf: Shelf) -> None:
    shelf.put("Restart the pump on ERR_42.", "Restart the pump on ERR_43.")
    found = shelf.ask("ERR_42")
    assert contents(found)[0] == "Restart the pump on ERR_42."
    assert shelf.ask("C2065").items == ()
