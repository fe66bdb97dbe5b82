"""BM25 by SQL gives the scores of the formula, whichever words find the candidates."""

from collections.abc import Sequence
from math import log
from typing import Any

import pytest
from psycopg import sql
from tests.contracts.examples import a_document, a_workspace, new_id

from kosha.adapters.postgres.bm25 import BY_WORDS, LIMITS
from kosha.adapters.postgres.database import Connection, Database
from kosha.adapters.postgres.index import PgvectorIndex
from kosha.adapters.postgres.keywords import dictionaries
from kosha.adapters.postgres.scope import scope_of
from kosha.adapters.postgres.vector_tables import tables_of
from kosha.model.chunk import IndexedChunk
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
_TEXTS = sql.SQL("select chunk_id::text, content from {chunks}")


@pytest.fixture
def workspace(database: Database) -> Workspace:
    """Holds the texts as chunks of one document."""
    index, workspace = PgvectorIndex(database), a_workspace(embeddings_model_dimensions=0)
    index.create(workspace)
    document = a_document(workspace.id, run=1, title=TITLE)
    chunks = [
        IndexedChunk(chunk_id=new_id(), document_id=document.id, index=place, content=text)
        for place, text in enumerate(TEXTS)
    ]
    index.stage(document, chunks, None)
    index.publish(workspace, document)
    return workspace


def scores(database: Database, workspace: Workspace, *words: str, **limits: int) -> dict[str, float]:
    """By text, as the statement has them in its order."""
    tables = tables_of(workspace.id)

    def work(connection: Connection) -> list[Any]:
        scope = scope_of(connection, tables, workspace.id, Filters(), None)
        values = {"workspace": workspace.id, "limit": 50, "tokens": list(words)} | LIMITS | limits
        values["dictionaries"] = dictionaries(workspace.languages)
        statement = tables.fill(BY_WORDS, among=scope.among, meeting=scope.meeting)
        ranked = connection.execute(statement, values).fetchall()
        texts = dict(connection.execute(tables.fill(_TEXTS)).fetchall())
        return [(texts[chunk_id], score) for chunk_id, score, *_ in ranked if chunk_id]

    return dict(database.run(work))


def by_the_formula(*words: str) -> dict[str, float]:
    """BM25 with k1 = 1.2 and b = 0.75 over the texts."""
    texts = {text: [TITLE, *text.split()] for text in TEXTS}
    mean = sum(len(held) for held in texts.values()) / len(texts)

    def score(held: Sequence[str], word: str) -> float:
        having = sum(word in other for other in texts.values())
        often = held.count(word)
        weight = log(1 + (len(texts) - having + 0.5) / (having + 0.5))
        return weight * often * 2.2 / (often + 1.2 * (0.25 + 0.75 * len(held) / mean))

    totals = {text: sum(score(held, word) for word in words) for text, held in texts.items()}
    return {text: total for text, total in totals.items() if total}


@pytest.mark.parametrize("words", [("leave",), ("rare", "pay"), ("leave", "travel", "pay", "rare")])
def test_scores_are_those_of_the_formula(database: Database, workspace: Workspace, words: tuple[str, ...]) -> None:
    assert scores(database, workspace, *words) == pytest.approx(by_the_formula(*words))


def test_a_frequent_word_finds_nothing_but_adds_as_much_to_what_rarer_words_have_found(
    database: Database, workspace: Workspace
) -> None:
    found = scores(database, workspace, "leave", "travel", "pay", "rare", postings=0)
    everything = by_the_formula("leave", "travel", "pay", "rare")
    assert found == pytest.approx({text: everything[text] for text in TEXTS if "rare" in text.split()})


def test_only_the_best_candidates_are_looked_at_again(database: Database, workspace: Workspace) -> None:
    assert len(scores(database, workspace, "leave", "pay", candidates=2)) == 2


def test_no_word_is_known(database: Database, workspace: Workspace) -> None:
    assert scores(database, workspace, "unheard") == {}
