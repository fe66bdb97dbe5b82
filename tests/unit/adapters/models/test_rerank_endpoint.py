"""Rerank endpoints as Cohere's over a real connection: order, batches, refusals."""

from collections.abc import AsyncGenerator, Iterator

import pytest
from tests.served.answers import Refusal
from tests.served.endpoint import Endpoint, Piece, Request, hosted, whole
from tests.served.openai import error

from kosha.adapters.models.rerank_endpoint import RerankEndpoint
from kosha.errors import ModelUnavailable, Rejected


class Reranker(Endpoint):
    """Scores a passage by how often it has the query in it; sends the best first, as Cohere does."""

    async def answer(self, request: Request) -> AsyncGenerator[Piece]:
        documents: list[str] = request.body["documents"]
        scores = [(text.count(request.body["query"]), index) for index, text in enumerate(documents)]
        rows = [{"index": index, "relevance_score": score} for score, index in sorted(scores, reverse=True)]
        yield whole("200 OK", {"id": "1", "results": rows, "meta": {}})


@pytest.fixture
def server() -> Iterator[Reranker]:
    with hosted(Reranker()) as server:
        yield server


def endpoint(server: Reranker) -> RerankEndpoint:
    return RerankEndpoint("rerank-v3.5", f"{server.origin}/v2/rerank", "secret", sleep=lambda _: None)


def test_scores_come_in_the_order_of_the_passages(server: Reranker) -> None:
    assert endpoint(server).score("a", ["b", "aa", "a"]).tolist() == [0, 2, 1]
    [request] = server.requests
    assert (request.path, request.headers["authorization"]) == ("/v2/rerank", "Bearer secret")
    assert request.body == {"model": "rerank-v3.5", "query": "a", "documents": ["b", "aa", "a"]}


def test_many_passages_are_sent_in_parts(server: Reranker) -> None:
    scores = endpoint(server).score("a", ["a" * (number % 7) for number in range(150)])
    assert scores.tolist() == [number % 7 for number in range(150)]
    assert [len(request.body["documents"]) for request in server.requests] == [64, 64, 22]


def test_no_passages_ask_nobody(server: Reranker) -> None:
    assert endpoint(server).score("a", []).shape == (0,)
    assert server.requests == []


def test_the_fields_of_other_servers_are_read(server: Reranker) -> None:
    server.will_send(whole("200 OK", {"data": [{"index": 1, "score": 0.5}, {"index": 0, "score": 0.25}]}))
    assert endpoint(server).score("q", ["a", "b"]).tolist() == [0.25, 0.5]


@pytest.mark.parametrize(
    "sent",
    [
        {"results": [{"index": 0, "relevance_score": 1}]},
        {"results": [{"index": 0, "relevance_score": 1}, {"index": 7, "relevance_score": 1}]},
        {"results": [{"index": 0, "relevance_score": 1}, {"index": -1, "relevance_score": 1}]},
        {"results": [{"index": 0}, {"index": 1}]},
        {"results": "none"},
        ["nonsense"],
    ],
)
def test_a_reply_that_does_not_score_every_passage_is_the_models_fault(server: Reranker, sent: object) -> None:
    server.will_send(whole("200 OK", sent))
    with pytest.raises(ModelUnavailable, match=r"rerank-v3\.5"):
        endpoint(server).score("q", ["a", "b"])


def test_a_bad_key_names_the_setting(server: Reranker) -> None:
    server.will_send(error(Refusal("invalid", "invalid api token", 401)))
    with pytest.raises(ModelUnavailable, match="KOSHA_RERANK_API_KEY"):
        endpoint(server).score("q", ["a"])


def test_throttling_is_tried_again(server: Reranker) -> None:
    server.will_send(error(Refusal("throttled", "Slow down", 429, "1")))
    server.will_send(whole("200 OK", {"results": [{"index": 0, "relevance_score": 1}]}))
    assert endpoint(server).score("q", ["a"]).tolist() == [1]


def test_a_question_that_is_refused_is_not_tried_again(server: Reranker) -> None:
    server.will_send(error(Refusal("bad_request", "too many documents", 400)))
    with pytest.raises(Rejected, match="too many documents"):
        endpoint(server).score("q", ["a"])
    assert len(server.requests) == 1
