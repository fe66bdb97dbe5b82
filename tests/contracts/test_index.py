"""The contract of the port `Index`."""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contracts.examples import NOON, a_document, a_workspace, new_id
from tests.contracts.races import at_once
from tests.served.opensearch import FakeOpenSearch, serving

from kosha.adapters.engines.langchain_store import LangChainRanker
from kosha.adapters.engines.opensearch import OpenSearchRanker
from kosha.adapters.engines.opensearch_http import OpenSearchHttp
from kosha.adapters.engines.ranked_elsewhere import RankedElsewhere
from kosha.adapters.postgres.database import Database
from kosha.adapters.postgres.index import PgvectorIndex
from kosha.errors import Invalid, NotFound
from kosha.model.chunk import IndexedChunk
from kosha.model.document import Document
from kosha.model.page import PageOf
from kosha.model.search import Condition, Filters, Rankings
from kosha.model.workspace import Workspace
from kosha.ports import ChunkEdit, Index, Vectors

DIMENSIONS = 8
ANYTHING = Filters()


@pytest.fixture(scope="session")
def cluster() -> Iterator[FakeOpenSearch]:
    """A fake of OpenSearch's REST API, served."""
    with serving() as fake:
        yield fake


@pytest.fixture(params=["pgvector", "langchain", "opensearch"])
def index(request: pytest.FixtureRequest, database: Database) -> Index:
    """Every engine."""
    if request.param == "langchain":
        return RankedElsewhere(database, LangChainRanker(in_memory), name="langchain")
    if request.param == "opensearch":
        cluster: FakeOpenSearch = request.getfixturevalue("cluster")
        return RankedElsewhere(database, OpenSearchRanker(OpenSearchHttp(cluster.url)), name="opensearch")
    return PgvectorIndex(database)


def in_memory(_: str, embedding: Any) -> Any:
    """LangChain's own store in memory."""
    from langchain_core.vectorstores import InMemoryVectorStore

    return InMemoryVectorStore(embedding)


@pytest.fixture
def workspace(index: Index) -> Workspace:
    return make_workspace(index)


def make_workspace(index: Index, **fields: Any) -> Workspace:
    workspace = a_workspace(**{"embeddings_model_dimensions": DIMENSIONS, **fields})
    index.create(workspace)
    return workspace


def chunks_of(document: Document, texts: Sequence[str], **fields: Any) -> list[IndexedChunk]:
    return [
        IndexedChunk(chunk_id=new_id(), document_id=document.id, index=place, content=text, **fields)
        for place, text in enumerate(texts)
    ]


def axis(place: int) -> Vectors:
    """A unit vector; different places are as far apart as vectors can be."""
    vector = np.zeros(DIMENSIONS, np.float32)
    vector[place % DIMENSIONS] = 1
    return vector


def vectors_for(count: int) -> Vectors:
    return np.stack([axis(place) for place in range(count)])


def serve(index: Index, workspace: Workspace, texts: Sequence[str], **fields: Any) -> Document:
    """A document with these chunks, the first with `axis(0)` as its vector and so on."""
    document = a_document(workspace.id, **{"title": "", "run": 1, **fields})
    index.stage(document, chunks_of(document, texts), vectors_for(len(texts)))
    assert index.publish(workspace, document) == len(texts)
    return document


def rank(index: Index, workspace: Workspace, query: str, vector: Vectors | None = None, **options: Any) -> Rankings:
    return index.rankings(workspace, query, vector, **{"limit": 10, "filters": ANYTHING, **options})


def found_by_words(index: Index, workspace: Workspace, query: str, **options: Any) -> list[str]:
    keyword = rank(index, workspace, query, **options).keyword
    return [hit.content for hit in index.hits(workspace.id, [scored.chunk_id for scored in keyword])]


def found_by_vector(index: Index, workspace: Workspace, vector: Vectors, **options: Any) -> list[str]:
    nearest = rank(index, workspace, "", vector, **options).vector
    return [hit.content for hit in index.hits(workspace.id, [scored.chunk_id for scored in nearest])]


def where(field: str, op: Any, value: Any) -> Filters:
    return Filters(all=(Condition(field=field, op=op, value=value),))


def traces_of(database: Database, *ids: str) -> int:
    """Rows in the schema `vectors`, or staged, that name one of the ids; tables named after one count too."""

    def work(connection: Any) -> int:
        found = 0
        listed = "select schemaname || '.' || tablename from pg_tables where schemaname = 'vectors'"
        for (table,) in [*connection.execute(listed).fetchall(), ("kosha.staged_chunks",)]:
            found += sum(UUID(one).hex in table for one in ids)
            for one in ids:
                found += connection.execute(
                    f"select count(*) from {table} t where t::text like %s", (f"%{one}%",)
                ).fetchone()[0]
        return found

    return database.run(work)


class TestPublishing:
    def test_what_is_staged_is_found_by_nobody(self, index: Index, workspace: Workspace) -> None:
        document = a_document(workspace.id, run=1)
        index.stage(document, chunks_of(document, ["Leave is 25 days."]), vectors_for(1))
        assert rank(index, workspace, "leave", axis(0))[:2] == ([], [])
        assert index.staged(document) == 1

    def test_what_is_published_is_found_by_vector_and_by_words(self, index: Index, workspace: Workspace) -> None:
        serve(index, workspace, ["Leave is 25 days.", "Travel is paid."])
        assert found_by_words(index, workspace, "day of leave") == ["Leave is 25 days."]
        assert found_by_vector(index, workspace, axis(1)) == ["Travel is paid.", "Leave is 25 days."]

    def test_the_same_chunk_staged_twice_is_kept_once(self, index: Index, workspace: Workspace) -> None:
        document = a_document(workspace.id, run=1)
        chunks = chunks_of(document, ["one", "two", "three"])
        index.stage(document, chunks[:2], vectors_for(2))
        index.stage(document, chunks, vectors_for(3))
        assert index.staged(document) == 3
        assert index.publish(workspace, document) == 3
        assert found_by_words(index, workspace, "two") == ["two"]

    def test_publishing_again_changes_nothing(self, index: Index, workspace: Workspace) -> None:
        document = serve(index, workspace, ["Leave is 25 days.", "Travel is paid."])
        before = rank(index, workspace, "leave travel", axis(0))
        assert index.publish(workspace, document) == 2
        after = rank(index, workspace, "leave travel", axis(0))
        assert (after.vector, after.keyword) == (before.vector, before.keyword)
        assert index.staged(document) == 0

    def test_a_new_run_takes_the_place_of_the_old_one(self, index: Index, workspace: Workspace) -> None:
        old = serve(index, workspace, ["Leave is 25 days.", "Travel is paid."])
        new = old.model_copy(update={"run": 2})
        index.stage(new, chunks_of(new, ["Leave is 30 days."]), vectors_for(1))
        assert set(found_by_words(index, workspace, "leave travel")) == {"Leave is 25 days.", "Travel is paid."}
        assert index.publish(workspace, new) == 1
        assert found_by_words(index, workspace, "leave travel") == ["Leave is 30 days."]
        assert found_by_vector(index, workspace, axis(0)) == ["Leave is 30 days."]

    def test_a_run_that_was_overtaken_does_not_come_back(self, index: Index, workspace: Workspace) -> None:
        new = serve(index, workspace, ["Leave is 30 days."], run=2)
        late = new.model_copy(update={"run": 1})
        index.stage(late, chunks_of(late, ["Leave is 25 days."]), vectors_for(1))
        index.publish(workspace, late)
        assert found_by_words(index, workspace, "leave") == ["Leave is 30 days."]
        assert index.staged(late) == 0

    def test_chunks_keep_their_ids_when_the_same_text_comes_again(self, index: Index, workspace: Workspace) -> None:
        first = a_document(workspace.id, run=1)
        chunks = chunks_of(first, ["Leave is 25 days."])
        for run in (1, 2):
            document = first.model_copy(update={"run": run})
            index.stage(document, chunks, vectors_for(1))
            index.publish(workspace, document)
        assert [hit.chunk_id for hit in index.hits(workspace.id, [chunks[0].chunk_id])] == [chunks[0].chunk_id]

    def test_a_document_without_chunks_is_published_as_nothing(self, index: Index, workspace: Workspace) -> None:
        assert index.publish(workspace, a_document(workspace.id, run=1)) == 0

    def test_chunks_without_vectors_are_found_by_words_alone(self, index: Index) -> None:
        workspace = make_workspace(index, embeddings_model_dimensions=0)
        document = a_document(workspace.id, run=1)
        index.stage(document, chunks_of(document, ["Leave is 25 days."]), None)
        assert index.publish(workspace, document) == 1
        assert found_by_words(index, workspace, "leave") == ["Leave is 25 days."]

    def test_documents_published_at_one_moment_are_all_counted(self, index: Index, workspace: Workspace) -> None:
        documents = [a_document(workspace.id, run=1, title="") for _ in range(8)]
        for document in documents:
            index.stage(document, chunks_of(document, ["common words here", "common ground"]), vectors_for(2))
        outcomes = at_once([lambda document=document: index.publish(workspace, document) for document in documents])
        assert outcomes == [2] * 8
        assert len(rank(index, workspace, "common", limit=50).keyword) == 16

    def test_readers_see_the_old_run_or_the_new_one_and_nothing_between(
        self, index: Index, workspace: Workspace
    ) -> None:
        document = serve(index, workspace, ["rule one", "rule two", "rule three"])

        def publish_often() -> None:
            for run in range(2, 14):
                new = document.model_copy(update={"run": run})
                index.stage(new, chunks_of(new, ["rule one", "rule two", "rule three"]), vectors_for(3))
                assert index.publish(workspace, new) == 3

        def read_often() -> set[tuple[int, int]]:
            found = [rank(index, workspace, "rule", axis(0)) for _ in range(60)]
            return {(len(rankings.vector), len(rankings.keyword)) for rankings in found}

        assert at_once([publish_often, read_often, read_often])[1:] == [{(3, 3)}, {(3, 3)}]

    def test_any_text_can_be_kept(self, index: Index, workspace: Workspace) -> None:
        serve(index, workspace, ["nul \0 and half a pair \ud800 and 🙂", ""], title="\0")
        assert len(found_by_words(index, workspace, "half pair")) == 1


class TestEditing:
    def test_an_edited_chunk_is_found_by_what_it_says_now(self, index: Index, workspace: Workspace) -> None:
        document = serve(index, workspace, ["Leave is 25 days.", "Travel is paid."])
        [first, _] = index.chunks(workspace.id, document.id, PageOf()).items
        index.edit(workspace, document, first.chunk_id, ChunkEdit("Holidays are 30 days.", axis(5)))
        assert found_by_words(index, workspace, "holiday") == ["Holidays are 30 days."]
        assert found_by_words(index, workspace, "leave") == []
        assert found_by_vector(index, workspace, axis(5), limit=1) == ["Holidays are 30 days."]

    def test_a_described_document_is_found_by_its_new_title(self, index: Index, workspace: Workspace) -> None:
        document = serve(index, workspace, ["25 days."], title="Leave")
        index.describe(workspace, document.model_copy(update={"title": "Holidays"}))
        assert found_by_words(index, workspace, "holiday") == ["25 days."]
        assert found_by_words(index, workspace, "leave") == []


class TestRemoving:
    def test_a_discarded_import_leaves_what_is_served(self, index: Index, workspace: Workspace) -> None:
        served = serve(index, workspace, ["Leave is 25 days."])
        again = served.model_copy(update={"run": 2})
        index.stage(again, chunks_of(again, ["Leave is 30 days."]), vectors_for(1))
        index.discard(served.id)
        assert index.staged(again) == 0
        assert found_by_words(index, workspace, "leave") == ["Leave is 25 days."]

    def test_a_removed_document_leaves_no_row(self, index: Index, workspace: Workspace, database: Database) -> None:
        document = serve(index, workspace, ["Leave is 25 days.", "Travel is paid."])
        again = document.model_copy(update={"run": 2})
        index.stage(again, chunks_of(again, ["Leave is 30 days."]), vectors_for(1))
        index.remove(workspace.id, document.id)
        index.remove(workspace.id, document.id)
        assert traces_of(database, document.id) == 0
        assert rank(index, workspace, "leave travel", axis(0))[:2] == ([], [])

    def test_the_words_of_a_removed_document_count_no_more(self, index: Index, workspace: Workspace) -> None:
        serve(index, workspace, ["Leave is 25 days."])
        before = rank(index, workspace, "leave travel")
        gone = serve(index, workspace, ["Leave and travel.", "Travel is paid."])
        index.remove(workspace.id, gone.id)
        after = rank(index, workspace, "leave travel")
        assert (after.keyword, after.keyword_full) == (before.keyword, before.keyword_full)

    def test_a_dropped_workspace_leaves_nothing(self, index: Index, workspace: Workspace, database: Database) -> None:
        served = serve(index, workspace, ["Leave is 25 days."])
        waiting = a_document(workspace.id, run=1)
        index.stage(waiting, chunks_of(waiting, ["Travel is paid."]), vectors_for(1))
        index.drop(workspace.id)
        index.drop(workspace.id)
        assert traces_of(database, workspace.id, served.id, waiting.id) == 0

    def test_a_workspace_that_was_dropped_is_not_found(self, index: Index, workspace: Workspace) -> None:
        document = serve(index, workspace, ["Leave is 25 days."])
        index.drop(workspace.id)
        for call in (
            lambda: rank(index, workspace, "leave", axis(0)),
            lambda: index.hits(workspace.id, [new_id()]),
            lambda: index.chunks(workspace.id, document.id, PageOf()),
            lambda: index.publish(workspace, document),
        ):
            with pytest.raises(NotFound):
                call()
        index.remove(workspace.id, document.id)

    @pytest.mark.parametrize("id", ["", "x", "'; drop schema vectors cascade; --", "\0"])
    def test_only_a_uuid_names_a_workspace(self, index: Index, id: str) -> None:
        with pytest.raises(NotFound):
            index.hits(id, [new_id()])

    def test_making_a_workspace_again_keeps_what_it_holds(self, index: Index, workspace: Workspace) -> None:
        serve(index, workspace, ["Leave is 25 days."])
        index.create(workspace)
        assert found_by_words(index, workspace, "leave") == ["Leave is 25 days."]


class TestRanking:
    def test_a_rare_word_weighs_more_than_a_common_one(self, index: Index, workspace: Workspace) -> None:
        serve(index, workspace, ["policy of leave", "policy of travel", "policy of safety", "sabbatical"])
        assert found_by_words(index, workspace, "policy sabbatical")[0] == "sabbatical"

    def test_a_short_chunk_beats_a_long_one_with_the_same_words(self, index: Index, workspace: Workspace) -> None:
        long = "leave " + " ".join(f"word{number}" for number in range(100))
        serve(index, workspace, [long, "leave"])
        assert found_by_words(index, workspace, "leave") == ["leave", long]

    def test_a_word_in_nearly_every_chunk_still_finds(self, index: Index, workspace: Workspace) -> None:
        serve(index, workspace, [f"leave rule{number}" for number in range(30)])
        assert len(rank(index, workspace, "leave", limit=50).keyword) == 30

    @pytest.mark.parametrize("metric", ["cosine", "l2", "inner"])
    def test_scores_by_vector_are_cosines(self, index: Index, metric: str) -> None:
        workspace = make_workspace(index, metric=metric)
        serve(index, workspace, ["first", "second"])
        between = (axis(0) * 0.8 + axis(1) * 0.6).astype(np.float32)
        scores = [scored.score for scored in rank(index, workspace, "", between).vector]
        assert scores == pytest.approx([0.8, 0.6], abs=1e-5)

    def test_a_large_workspace_is_searched_by_its_index(self, database: Database) -> None:
        index = PgvectorIndex(database, exact_limit_chunks=100)
        workspace = make_workspace(index)
        random = np.random.default_rng(3).normal(size=(1200, DIMENSIONS)).astype(np.float32)
        random /= np.linalg.norm(random, axis=1, keepdims=True)
        document = a_document(workspace.id, run=1)
        index.stage(document, chunks_of(document, [f"text {number}" for number in range(1200)]), random)
        index.publish(workspace, document)
        assert index.tend(workspace)
        exact = [f"text {row}" for row in np.argsort(-(random @ random[7]))[:10]]
        assert len(set(found_by_vector(index, workspace, random[7])) & set(exact)) >= 9
        wide = rank(index, workspace, "", random[7], filters=where("title", "eq", "Leave"), limit=200)
        assert len(wide.vector) == 200
        rare = serve(index, workspace, ["text far away"] * 3, title="Rare")
        for options in ({"filters": where("title", "eq", "Rare")}, {"document_id": rare.id}):
            narrow = rank(index, workspace, "text", random[7], **options)
            assert (len(narrow.vector), len(narrow.keyword)) == (3, 3)

    def test_what_the_index_finds_in_several_looks_comes_best_first(self, database: Database) -> None:
        count, dimensions, limit = 3000, 64, 150  # more than one look of the index brings
        index = PgvectorIndex(database, exact_limit_chunks=100)
        workspace = make_workspace(index, embeddings_model_dimensions=dimensions)
        random = np.random.default_rng(5).normal(size=(count, dimensions)).astype(np.float32)
        random /= np.linalg.norm(random, axis=1, keepdims=True)
        document = a_document(workspace.id, run=1)
        index.stage(document, chunks_of(document, ["text"] * count), random)
        index.publish(workspace, document)
        assert index.tend(workspace)
        scores = [scored.score for scored in rank(index, workspace, "", random[7], limit=limit).vector]
        assert len(scores) == limit
        assert scores == sorted(scores, reverse=True)

    def test_every_score_comes_best_first(self, index: Index, workspace: Workspace) -> None:
        serve(index, workspace, ["leave leave leave", "leave and travel", "travel", "leave travel pay"])
        rankings = rank(index, workspace, "leave travel pay", axis(2))
        for ranking in (rankings.vector, rankings.keyword):
            scores = [scored.score for scored in ranking]
            assert scores == sorted(scores, reverse=True)
        assert rankings.keyword_full > 0

    def test_the_limit_holds_for_each_ranking(self, index: Index, workspace: Workspace) -> None:
        serve(index, workspace, [f"leave {number}" for number in range(8)])
        rankings = rank(index, workspace, "leave", axis(0), limit=3)
        assert (len(rankings.vector), len(rankings.keyword)) == (3, 3)


class TestAnyQuestion:
    @pytest.mark.parametrize(
        "query",
        [
            "",
            " ",
            "-" * 32,
            "'\"`;--",
            "\0",
            "\ud800",
            "🙂🙃",
            "the of and",
            "a & b | !c <-> (",
            "x" * 20_000,
            "né " * 6000,
        ],
        ids=range(11),
    )
    def test_a_question_of_odd_characters_is_no_error(self, index: Index, workspace: Workspace, query: str) -> None:
        serve(index, workspace, ["Leave is 25 days."])
        assert rank(index, workspace, query, axis(0)).keyword == []

    @settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(query=st.text(max_size=300))
    def test_any_text_is_a_question(self, index: Index, workspace: Workspace, query: str) -> None:
        rank(index, workspace, query)

    @settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(text=st.text(alphabet=st.characters(categories=["L", "N"]), min_size=1, max_size=40))
    def test_a_text_of_letters_finds_itself(self, index: Index, text: str) -> None:
        workspace = make_workspace(index, languages=("xx",))
        serve(index, workspace, [text])
        found = found_by_words(index, workspace, text)
        index.drop(workspace.id)
        assert found == [text]

    @pytest.mark.parametrize(
        ("languages", "text", "query"),
        [
            (("en",), "The committees decided.", "committee decision"),
            (("en",), "Her résumé is here.", "resume"),
            (("fr",), "L'élève n'est pas là aujourd'hui.", "ELEVE"),
            (("de",), "Die Häuser der Straße", "haus strasse"),
            (("en",), "日本の首都は東京です。", "東京"),
            (("en",), "日本の首都は東京です。", "日"),
            (("en",), "战国无双系列", "无双系"),
            (("ko",), "대한민국의 수도는 서울이다", "서울"),
            (("th",), "กรุงเทพมหานครเป็นเมืองหลวง", "เมืองหลวง"),
            (("en",), "Install Kosha ด้วยคำสั่ง pip ใน東京", "คำสั่ง"),
            (("en",), "Install Kosha ด้วยคำสั่ง pip ใน東京", "東京 pip"),
            (("hi",), "हिन्दी भाषा", "हिन्दी"),
            (("ru",), "Правила отпусков", "правило отпуска"),
            (("en", "de"), "Reisekosten and expenses", "expense"),
            (("en",), "error code E-1234/x_y", "e-1234"),
        ],
    )
    def test_words_are_found_in_any_language(
        self, index: Index, languages: tuple[str, ...], text: str, query: str
    ) -> None:
        workspace = make_workspace(index, languages=languages)
        serve(index, workspace, [text, "nothing like it"])
        assert found_by_words(index, workspace, query) == [text]

    @pytest.mark.parametrize(
        ("code", "others"),
        [
            ("ERR_42", ["ERR_43 on line 42", "42 of ERR_41, ERR_7", "ERR 42"]),
            ("v2.1.7", ["v2.7.1 and 1.7", "7 of v2, 1 of v1"]),
            ("Article 21A", ["Article 21", "Article 21B, not A", "Article 12A"]),
            ("C2065", ["C2066", "C 2065"]),
            ("max_connections", ["max of connections, connections, max", "max-connections"]),
        ],
    )
    def test_a_code_finds_first_what_has_it_as_it_is_written(
        self, index: Index, workspace: Workspace, code: str, others: list[str]
    ) -> None:
        filler = "and more of the same, for as long as it takes to be a longer text than the others"
        serve(index, workspace, [*others, f"About {code}, {filler}"][:DIMENSIONS])
        assert found_by_words(index, workspace, f"what is {code.lower()}?")[0].startswith("About")


class TestLanguages:
    def test_a_document_is_found_by_the_stems_of_its_own_language(self, index: Index, workspace: Workspace) -> None:
        serve(index, workspace, ["Die Häuser der Straße"], language="de")
        serve(index, workspace, ["The houses of the street"], language="en")
        assert found_by_words(index, workspace, "haus") == ["Die Häuser der Straße"]
        assert found_by_words(index, workspace, "house") == ["The houses of the street"]

    def test_a_language_that_is_gone_stems_no_question(self, index: Index, workspace: Workspace) -> None:
        serve(index, workspace, ["Her hauser was late."], language="en")
        german = serve(index, workspace, ["Die Häuser der Straße"], language="de")
        assert set(found_by_words(index, workspace, "hausern")) == {"Die Häuser der Straße"}
        index.remove(workspace.id, german.id)
        assert found_by_words(index, workspace, "hausern") == []

    def test_a_further_language_changes_nothing_of_what_a_full_match_is(
        self, index: Index, workspace: Workspace
    ) -> None:
        serve(index, workspace, ["The committees decided."], language="en")
        serve(index, workspace, ["Wir haben entschieden."])
        before = rank(index, workspace, "committee decision").keyword_full
        index.remove(workspace.id, serve(index, workspace, ["Häuser"], language="de").id)
        assert rank(index, workspace, "committee decision").keyword_full == pytest.approx(before)


class TestWhoSeesWhat:
    def test_workspaces_do_not_see_each_other(self, index: Index, workspace: Workspace) -> None:
        other = make_workspace(index)
        document = serve(index, workspace, ["Leave is 25 days."])
        [chunk] = index.chunks(workspace.id, document.id, PageOf()).items
        assert rank(index, other, "leave", axis(0))[:2] == ([], [])
        assert index.hits(other.id, [chunk.chunk_id]) == []
        assert index.chunks(other.id, document.id, PageOf()).items == []
        index.remove(other.id, document.id)
        assert found_by_words(index, workspace, "leave") == ["Leave is 25 days."]

    def test_a_chunk_that_is_switched_off_is_kept_but_not_found(self, index: Index, workspace: Workspace) -> None:
        document = a_document(workspace.id, run=1)
        on, off = chunks_of(document, ["Leave is 25 days.", "Leave is 99 days."])
        off = off.model_copy(update={"enabled": False})
        index.stage(document, [on, off], vectors_for(2))
        assert index.publish(workspace, document) == 2
        assert found_by_words(index, workspace, "leave") == ["Leave is 25 days."]
        assert found_by_vector(index, workspace, axis(1)) == ["Leave is 25 days."]
        assert [chunk.enabled for chunk in index.chunks(workspace.id, document.id, PageOf()).items] == [True, False]

    def test_a_document_that_is_switched_off_is_not_found(self, index: Index, workspace: Workspace) -> None:
        document = serve(index, workspace, ["Leave is 25 days."], enabled=False)
        assert rank(index, workspace, "leave", axis(0))[:2] == ([], [])
        assert len(index.chunks(workspace.id, document.id, PageOf()).items) == 1

    def test_a_search_may_keep_to_one_document(self, index: Index, workspace: Workspace) -> None:
        one, _ = serve(index, workspace, ["Leave is 25 days."]), serve(index, workspace, ["Leave is paid."])
        assert found_by_words(index, workspace, "leave", document_id=one.id) == ["Leave is 25 days."]
        assert found_by_vector(index, workspace, axis(0), document_id=one.id) == ["Leave is 25 days."]


class TestFilters:
    @pytest.mark.parametrize(
        ("filters", "found"),
        [
            (where("type", "eq", "qna"), {"q"}),
            (where("type", "ne", "qna"), {"old", "new"}),
            (where("type", "in", ("qna", "file")), {"q", "old", "new"}),
            (where("title", "contains", "HAND"), {"old"}),
            (where("path", "eq", "b.md"), {"new"}),
            (where("createdAt", "lt", "2026-01-01"), {"old"}),
            (where("createdAt", "gte", "2026-11-20T12:00:00Z"), {"new", "q"}),
            (where("createdAt", "gt", "2026-11-20T13:00:00+01:00"), set()),
            (where("metadata.year", "gte", 2024.0), {"new"}),
            (where("metadata.year", "eq", 2020.0), {"old"}),
            (where("metadata.year", "lt", "2030"), set()),
            (where("metadata.due", "lt", "2026-03-01"), {"old"}),
            (where("metadata.team", "in", ("hr", "it")), {"old"}),
            (where("metadata.team", "contains", "R"), {"old"}),
            (where("metadata.team", "gt", "a"), {"old"}),
            (where("metadata.team", "ne", "hr"), {"new", "q"}),
            (where("metadata.secret", "eq", True), {"new"}),
            (where("language", "eq", "de"), {"new"}),
            (where("metadata.x-y.z", "eq", "y"), set()),
        ],
        ids=str,
    )
    def test_a_filter_keeps_what_it_says(
        self, index: Index, workspace: Workspace, filters: Filters, found: set[str]
    ) -> None:
        own = {"year": 2020.0, "due": "2026-02-10", "team": "hr"}
        serve(index, workspace, ["old"], title="Handbook", created_at=NOON.replace(year=2020), metadata=own)
        more = {"year": 2025.0, "secret": True, "due": "never", "language": "de"}
        serve(index, workspace, ["new"], path="b.md", metadata=more)
        serve(index, workspace, ["q"], type="qna")
        assert set(found_by_vector(index, workspace, axis(0), filters=filters)) == found
        assert set(found_by_words(index, workspace, "old new q", filters=filters)) == found

    def test_the_language_of_a_document_can_be_filtered_by(self, index: Index, workspace: Workspace) -> None:
        serve(index, workspace, ["english"], language="en")
        serve(index, workspace, ["deutsch"], language="de")
        serve(index, workspace, ["corrected"], language="de", metadata={"language": "nl"})
        unknown = serve(index, workspace, ["unknown"])
        german, named = where("language", "eq", "de"), where("documentId", "in", (unknown.id, "no id"))
        assert found_by_vector(index, workspace, axis(0), filters=german) == ["deutsch"]
        assert found_by_words(index, workspace, "english deutsch corrected", filters=german) == ["deutsch"]
        assert found_by_vector(index, workspace, axis(0), filters=where("language", "ne", "de")) == [
            "english",
            "corrected",
            "unknown",
        ]
        assert found_by_vector(index, workspace, axis(0), filters=named) == ["unknown"]

    @pytest.mark.parametrize("share", [10, 100, 500])
    def test_filters_find_as_many_as_there_are(
        self, index: Index, workspace: Workspace, share: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("kosha.adapters.postgres.scope.FEW_CHUNKS", 50)
        for number in range(20):
            texts = [f"common words of text {number} {place}" for place in range(50)]
            document = a_document(workspace.id, run=1, title="", metadata={"share": float(number * 50)})
            index.stage(document, chunks_of(document, texts), np.tile(axis(number), (50, 1)))
            index.publish(workspace, document)
        own = where("metadata.share", "lt", float(share))
        found = rank(index, workspace, "common words", axis(7), limit=share, filters=own)
        expected = -(-share // 50) * 50
        assert (len(found.vector), len(found.keyword)) == (min(expected, share), min(expected, share))

    def test_all_conditions_must_hold(self, index: Index, workspace: Workspace) -> None:
        serve(index, workspace, ["a"], title="x", path="1")
        serve(index, workspace, ["b"], title="x", path="2")
        both = Filters(all=(Condition(field="title", op="eq", value="x"), Condition(field="path", op="eq", value="2")))
        assert found_by_vector(index, workspace, axis(0), filters=both) == ["b"]

    @pytest.mark.parametrize(
        "filters",
        [
            where("createdAt", "lt", "yesterday"),
            where("title", "in", "x"),
            where("title", "eq", ("x", "y")),
            where("metadata.a", "lt", True),
            where("metadata.a", "eq", "\0"),
            where("metadata.a", "eq", float("nan")),
            where("metadata.a", "contains", 3.0),
            where("title", "eq", 3.0),
            where("type", "eq", "pdf"),
        ],
        ids=str,
    )
    def test_a_filter_without_sense_is_refused(self, index: Index, workspace: Workspace, filters: Filters) -> None:
        with pytest.raises(Invalid, match=re.escape(f"The filter on {filters.all[0].field!r}")) as refused:
            rank(index, workspace, "x", filters=filters)
        assert refused.value.errors

    @settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        field=st.sampled_from(["type", "title", "path", "language", "createdAt", "metadata.a"]),
        op=st.sampled_from(["eq", "ne", "in", "lt", "lte", "gt", "gte", "contains"]),
        value=st.text() | st.floats() | st.booleans() | st.lists(st.text() | st.floats(), max_size=3).map(tuple),
    )
    def test_a_filter_works_or_is_refused(
        self, index: Index, workspace: Workspace, field: str, op: str, value: Any
    ) -> None:
        with suppress(Invalid):
            rank(index, workspace, "x", axis(0), filters=where(field, op, value))


class TestReading:
    def test_hits_tell_what_a_citation_needs(self, index: Index, workspace: Workspace) -> None:
        document = a_document(workspace.id, run=1, type="qna", title="Leave?", path="qna")
        [chunk] = chunks_of(
            document, ["How much leave?"], content_complement="25 days.", page=3, heading="Rules > Leave"
        )
        index.stage(document, [chunk], vectors_for(1))
        index.publish(workspace, document)
        [hit] = index.hits(workspace.id, [chunk.chunk_id])
        assert (hit.title, hit.path, hit.document_type, hit.page, hit.heading) == (
            "Leave?",
            "qna",
            "qna",
            3,
            "Rules > Leave",
        )
        assert (hit.content, hit.content_complement, hit.answerable) == ("How much leave?", "25 days.", "25 days.")
        assert found_by_words(index, workspace, "25") == ["How much leave?"]

    def test_hits_come_in_the_order_asked_for_without_those_that_are_gone(
        self, index: Index, workspace: Workspace
    ) -> None:
        document = serve(index, workspace, ["a", "b", "c"])
        ids = [chunk.chunk_id for chunk in index.chunks(workspace.id, document.id, PageOf()).items]
        asked = [ids[2], new_id(), "no id", ids[0]]
        assert [hit.content for hit in index.hits(workspace.id, asked)] == ["c", "a"]

    def test_pages_of_chunks_hold_each_once_in_order(self, index: Index, workspace: Workspace) -> None:
        document = serve(index, workspace, [f"text {number}" for number in range(7)])
        texts: list[str] = []
        cursor: str | None = None
        while True:
            page = index.chunks(workspace.id, document.id, PageOf(3, cursor))
            texts += [chunk.content for chunk in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert texts == [f"text {number}" for number in range(7)]

    def test_vectors_beyond_what_it_can_index_are_refused_with_the_figures(self, index: Index) -> None:
        assert index.supports("cosine", 384) is None
        assert index.supports("inner", 4000) is None
        reason = index.supports("l2", 16_001)
        assert reason is not None
        assert "16001" in reason
