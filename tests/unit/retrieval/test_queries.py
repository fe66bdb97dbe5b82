"""Several searches for one question, and documents first."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.unit.retrieval.test_search import Shelf, TopicEmbedder

from kosha.adapters.postgres.database import Database
from kosha.adapters.postgres.index import PgvectorIndex
from kosha.model.search import Found
from kosha.retrieval.follow_up import Query
from kosha.retrieval.queries import Place, ask, find
from kosha.retrieval.search import Question


@pytest.fixture
def shelf(house_database: Database) -> Iterator[Shelf]:
    shelf = Shelf(PgvectorIndex(house_database))
    yield shelf
    shelf.index.drop(shelf.workspace.id)


def place_of(shelf: Shelf) -> Place:
    return Place(shelf.workspace, shelf.index, TopicEmbedder())


def contents(found: Found) -> list[str]:
    return [hit.content for hit in found.items]


def test_what_several_queries_find_comes_before_what_one_finds(shelf: Shelf) -> None:
    shelf.put("Leave is 25 days.", "Travel is paid.", "Leave days for travel are extra.")
    found = find([Query("days of leave"), Query("travel")], place_of(shelf), limit=3)
    assert contents(found)[0] == "Leave days for travel are extra."
    assert sorted(contents(found)) == sorted({*contents(found)})
    assert all(0 <= hit.score <= 1 for hit in found.items)


def test_a_query_of_little_weight_moves_little(shelf: Shelf) -> None:
    shelf.put("Leave is 25 days.", "Travel is paid.")
    assert contents(find([Query("days of leave"), Query("travel paid", 0.2)], place_of(shelf), limit=1)) == [
        "Leave is 25 days."
    ]


def test_one_query_that_has_to_do_with_the_workspace_is_enough(shelf: Shelf) -> None:
    shelf.put("Leave is 25 days.", "Travel is paid.")
    place = place_of(shelf)
    assert find([Query("How far is the moon?"), Query("Why is it so?")], place, limit=3).items == ()
    assert contents(find([Query("How far is the moon?"), Query("days of leave")], place, limit=3))


def test_only_the_nearest_documents_are_searched_where_a_workspace_wants_that(shelf: Shelf) -> None:
    for number in range(6):
        shelf.put(f"Leave is {number} days.", "Leave is asked for in writing.")
    far = shelf.put("Travel is paid.", "A trip is booked.", "Leave form number seven.")
    options = shelf.workspace.retrieval.model_copy(update={"threshold": 0.0, "documents_first": 5})
    narrow = replace(place_of(shelf), workspace=shelf.workspace.model_copy(update={"retrieval": options}))
    question = Question("leave form", limit=50)
    assert far in {hit.document_id for hit in ask(question, place_of(shelf)).items}
    found = ask(question, narrow).items
    assert far not in {hit.document_id for hit in found}
    assert len({hit.document_id for hit in found}) == 5
    assert ask(question, replace(narrow, embedder=None)).items, "without vectors it is searched as a whole"
