"""BM25 over packed postings gives the scores of the formula, whichever words find the candidates."""

from collections.abc import Sequence
from math import log

import pytest
from psycopg import sql
from tests.contracts.examples import a_document, a_workspace, new_id

from kosha.adapters.postgres import by_words as ranking_by_words
from kosha.adapters.postgres import postings
from kosha.adapters.postgres.database import Connection, Database, one
from kosha.adapters.postgres.index import PgvectorIndex
from kosha.adapters.postgres.staging import HEADING_COUNTS
from kosha.adapters.postgres.vector_tables import tables_of
from kosha.model.chunk import IndexedChunk
from kosha.model.document import Document
from kosha.model.search import Filters
from kosha.model.workspace import Workspace

TEXTS = (
    "leave",
    "leave leave travel",
    "travel pay pay pay",
    "leave travel pay rare",
    "leave pay trip trip",
    "rare",
)
TITLE = "x"  # a word of every chunk


def publish(index: PgvectorIndex, workspace: Workspace, texts: Sequence[str], *, title: str = TITLE) -> Document:
    document = a_document(workspace.id, run=1, title=title)
    chunks = [
        IndexedChunk(chunk_id=new_id(), document_id=document.id, index=place, content=text)
        for place, text in enumerate(texts)
    ]
    index.stage(document, chunks, None)
    index.publish(workspace, document)
    return document


@pytest.fixture
def index(database: Database) -> PgvectorIndex:
    return PgvectorIndex(database)


@pytest.fixture
def workspace(index: PgvectorIndex) -> Workspace:
    """Holds the texts as chunks of one document."""
    workspace = a_workspace(embeddings_model_dimensions=0)
    index.create(workspace)
    publish(index, workspace, TEXTS)
    return workspace


def scores(index: PgvectorIndex, workspace: Workspace, *words: str, limit: int = 50) -> dict[str, float]:
    """By text, in the order of the ranking."""
    ranked = index.rankings(workspace, " ".join(words), None, limit=limit, filters=Filters()).keyword
    texts = {hit.chunk_id: hit.content for hit in index.hits(workspace.id, [scored.chunk_id for scored in ranked])}
    return {texts[scored.chunk_id]: scored.score for scored in ranked}


def by_the_formula(*words: str, texts: Sequence[str] = TEXTS) -> dict[str, float]:
    """BM25 with k1 = 1.2 and b = 0.75 over the texts."""
    held_of = {text: [TITLE] * HEADING_COUNTS + text.split() for text in texts}
    mean = sum(len(held) for held in held_of.values()) / len(held_of)

    weights: dict[str, float] = {}
    for word in words:
        having = sum(word in held for held in held_of.values())
        weights[word] = log(1 + (len(held_of) - having + 0.5) / (having + 0.5))

    def score(held: Sequence[str], word: str) -> float:
        often, weight = held.count(word), weights[word]
        return weight * often * 2.2 / (often + 1.2 * (0.25 + 0.75 * len(held) / mean))

    totals = {text: sum(score(held, word) for word in words) for text, held in held_of.items()}
    return {text: total for text, total in totals.items() if total}


def records_of(database: Database, workspace: Workspace, lexeme: str) -> tuple[list[int], int]:
    """The numbers of the chunks that a word is noted for, and in how many blocks."""
    tables = tables_of(workspace.id)

    def work(connection: Connection) -> tuple[list[int], int]:
        blocks = tables.fill(sql.SQL("select records from {postings} where lexeme = %s order by first"))
        tail = tables.fill(sql.SQL("select tail from {words} where lexeme = %s"))
        packed = [records for (records,) in connection.execute(blocks, (lexeme,))]
        rest = connection.execute(tail, (lexeme,)).fetchone()
        whole = b"".join([*packed, one(rest) if rest else b""])
        return [int(chunk_no) for chunk_no in postings.unpacked(whole)["chunk_no"]], len(packed)

    return database.run(work)


@pytest.mark.parametrize("words", [("leave",), ("rare", "pay"), ("leave", "travel", "pay", "rare")])
def test_scores_are_those_of_the_formula(index: PgvectorIndex, workspace: Workspace, words: tuple[str, ...]) -> None:
    assert scores(index, workspace, *words) == pytest.approx(by_the_formula(*words))


def test_a_frequent_word_finds_nothing_but_adds_as_much_to_what_rarer_words_have_found(
    index: PgvectorIndex, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking_by_words, "POSTINGS", 0)
    found = scores(index, workspace, "leave", "travel", "pay", "rare")
    everything = by_the_formula("leave", "travel", "pay", "rare")
    assert found == pytest.approx({text: everything[text] for text in TEXTS if "rare" in text.split()})


def test_only_the_best_candidates_are_looked_at_again(
    index: PgvectorIndex, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking_by_words, "CANDIDATES", 2)
    assert len(scores(index, workspace, "rare", "pay")) == 2


def test_no_word_is_known(index: PgvectorIndex, workspace: Workspace) -> None:
    assert scores(index, workspace, "unheard") == {}


@pytest.mark.parametrize("postings_limit", [2, 300, 10**6])
def test_words_of_many_blocks_score_as_the_formula_has_it(
    index: PgvectorIndex, monkeypatch: pytest.MonkeyPatch, postings_limit: int
) -> None:
    monkeypatch.setattr(ranking_by_words, "POSTINGS", postings_limit)
    workspace = a_workspace(embeddings_model_dimensions=0, languages=("xx",))
    index.create(workspace)
    texts = [f"common {'often ' * (number % 3)}only{number} {'now ' * (number % 7)}" for number in range(900)]
    for start in (0, 10, 60, 400):
        end = {0: 10, 10: 60, 60: 400, 400: 900}[start]
        publish(index, workspace, texts[start:end])
    query = ("common", "often", "now", "only700", "only5")
    assert scores(index, workspace, *query, limit=2) == pytest.approx(
        {text: score for text, score in by_the_formula(*query, texts=texts).items() if text in (texts[5], texts[700])}
    )


def test_what_is_removed_leaves_the_postings_of_the_others_as_they_were(
    index: PgvectorIndex, database: Database
) -> None:
    workspace = a_workspace(embeddings_model_dimensions=0)
    index.create(workspace)
    documents = [publish(index, workspace, [f"common {number}"] * size) for number, size in enumerate((70, 3, 500, 5))]
    before, _ = records_of(database, workspace, "common")
    assert before == sorted(before)
    assert len(before) == 578
    for document, left in zip(documents, (508, 505, 5, 0), strict=True):
        index.remove(workspace.id, document.id)
        numbers, blocks = records_of(database, workspace, "common")
        assert (len(numbers), numbers) == (left, sorted(numbers))
    assert blocks == 0
    assert set(numbers) <= set(before)


def test_many_small_documents_share_few_rows(index: PgvectorIndex, database: Database) -> None:
    workspace = a_workspace(embeddings_model_dimensions=0)
    index.create(workspace)
    for number in range(140):
        publish(index, workspace, [f"common {number}"])
    numbers, blocks = records_of(database, workspace, "common")
    assert (len(numbers), blocks) == (140, 2)
