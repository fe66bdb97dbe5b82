"""Searching a workspace."""

import pytest
from tests.acceptance.client import User
from tests.acceptance.conftest import TRAVEL, Library


async def test_the_best_passage_comes_first(ben: User, library: Library) -> None:
    reply = await ben.post("semantic-search", {"workspaceId": library.id, "query": "Who books train tickets?"})
    assert reply.status in (200, 201), reply.text
    best = reply.body["items"][0]
    assert (best["title"], best["content"]) == ("Travel", TRAVEL)
    assert best["documentId"] == library.documents["Travel"]["id"]
    assert best["ranks"]["fused"] == 1
    scores = [hit["score"] for hit in reply.body["items"]]
    assert scores == sorted(scores, reverse=True)
    assert set(reply.body["timingsMs"]) >= {"embed", "vector", "keyword", "fuse", "rerank", "total"}


async def test_a_question_is_found_with_its_answer(ben: User, library: Library) -> None:
    wish = {"workspaceId": library.id, "query": "the coffee machine is broken", "limit": 1}
    [hit] = (await ben.post("semantic-search", wish)).body["items"]
    assert hit["documentType"] == "qna"
    assert hit["contentComplement"] == "The facility team, room 0.17."


async def test_explain_tells_what_each_stage_kept(ben: User, library: Library) -> None:
    document_id = library.documents["Keys"]["id"]
    wish = {"workspaceId": library.id, "query": "annual leave", "explain": True, "documentId": document_id}
    explained = (await ben.post("semantic-search", wish)).body["explain"]
    assert all({"stage", "candidates", "kept", "rule"} <= stage.keys() for stage in explained["stages"])
    [chunk] = explained["document"]["chunks"]
    assert chunk["ranks"] or chunk["lostAt"]


@pytest.mark.parametrize(
    ("condition", "is_found"),
    [
        ({"field": "title", "op": "eq", "value": "Leave"}, True),
        ({"field": "title", "op": "ne", "value": "Leave"}, False),
        ({"field": "title", "op": "in", "value": ["Leave", "Keys"]}, True),
        ({"field": "title", "op": "contains", "value": "eav"}, True),
        ({"field": "type", "op": "eq", "value": "qna"}, False),
        ({"field": "createdAt", "op": "gte", "value": "2020-01-01T00:00:00Z"}, True),
        ({"field": "createdAt", "op": "lt", "value": "2020-01-01T00:00:00Z"}, False),
    ],
)
async def test_filters_hold(ben: User, library: Library, condition: dict[str, object], is_found: bool) -> None:
    wish = {"workspaceId": library.id, "query": "days of annual leave", "filters": {"all": [condition]}}
    reply = await ben.post("semantic-search", wish)
    assert reply.status in (200, 201), reply.text
    assert ("Leave" in [hit["title"] for hit in reply.body["items"]]) == is_found


@pytest.mark.parametrize(
    "query", ["休暇は何日ですか", "congés d'été", "l'été", "-" * 40, "'; drop table x; --", "& | ! ( ) :*", "🏖️"]
)
async def test_any_text_is_a_query(ben: User, library: Library, query: str) -> None:
    reply = await ben.post("semantic-search", {"workspaceId": library.id, "query": query})
    assert reply.status in (200, 201), reply.text


@pytest.mark.parametrize(
    "change",
    [
        {"limit": 0},
        {"limit": 101},
        {"query": ""},
        {"filters": {"all": [{"field": "password", "op": "eq", "value": "x"}]}},
        {"filters": {"all": [{"field": "title", "op": "like", "value": "x"}]}},
        {"surprise": 1},
    ],
)
async def test_a_search_that_makes_no_sense_is_refused(ben: User, library: Library, change: dict[str, object]) -> None:
    reply = await ben.post("semantic-search", {"workspaceId": library.id, "query": "leave", **change})
    assert reply.status == 422, reply.text
