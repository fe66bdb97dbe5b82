"""OpenAI's embeddings over a real connection: arrays of texts, dimensions, throttling, refusals."""

from collections.abc import Iterator

import numpy as np
import pytest
from tests.served.answers import Refusal
from tests.served.endpoint import hosted, whole
from tests.served.openai import OpenAi, error
from tests.unit.adapters.models.providers import letters

from kosha.adapters.models.embedding import EmbeddingFacts
from kosha.adapters.models.openai_chat import OpenAiAccess
from kosha.adapters.models.openai_embeddings import openai_embedder
from kosha.errors import ModelUnavailable, Rejected

SMALL = EmbeddingFacts(
    provider="openai",
    name="text-embedding-3-small",
    dimensions=1536,
    window_tokens=8191,
    batch_texts=2048,
    batch_tokens=300_000,
)


@pytest.fixture
def openai() -> Iterator[OpenAi]:
    with hosted(OpenAi(embed=letters)) as openai:
        yield openai


def access(openai: OpenAi) -> OpenAiAccess:
    return OpenAiAccess("secret", openai.url)


def test_an_array_of_texts_gives_rows_in_their_order(openai: OpenAi) -> None:
    vectors = openai_embedder(SMALL, access(openai)).embed(["aa", "b", "c"], kind="passage")
    np.testing.assert_allclose(vectors[:, :3], np.eye(3), atol=1e-6)
    [request] = openai.requests
    assert (request.path, request.headers["authorization"]) == ("/v1/embeddings", "Bearer secret")
    assert (request.body["model"], request.body["dimensions"]) == ("text-embedding-3-small", 1536)


def test_large_vectors_are_cut_by_the_provider_to_what_an_index_holds(openai: OpenAi) -> None:
    facts = SMALL.model_copy(update={"name": "text-embedding-3-large", "dimensions": 1024})
    assert openai_embedder(facts, access(openai)).embed(["a"], kind="query").shape == (1, 1024)


def test_a_call_holds_no_more_tokens_than_the_provider_takes(openai: OpenAi) -> None:
    facts = SMALL.model_copy(update={"batch_tokens": 100})
    vectors = openai_embedder(facts, access(openai)).embed(["a" * 90] * 10, kind="passage")
    assert len(vectors) == 10
    assert sorted(len(request.body["input"]) for request in openai.requests) == [1, 3, 3, 3]


def test_throttling_is_waited_for_as_long_as_the_provider_asks(openai: OpenAi) -> None:
    openai.will_send(error(Refusal("rate_limit_exceeded", "Slow down", 429, "2")))
    openai.will_send(whole("200 OK", {"data": [{"index": 0, "embedding": [1.0] * 1536}]}))
    waited: list[float] = []
    assert len(openai_embedder(SMALL, access(openai), sleep=waited.append).embed(["a"], kind="query")) == 1
    assert waited == [2.0]


def test_a_wait_that_is_too_long_is_told_instead_of_waited_for(openai: OpenAi) -> None:
    openai.will_send(error(Refusal("rate_limit_exceeded", "Slow down", 429, "60")))
    waited: list[float] = []
    with pytest.raises(ModelUnavailable, match="Try again in 60 s") as told:
        openai_embedder(SMALL, access(openai), sleep=waited.append).embed(["a"], kind="query")
    assert (told.value.retry_after_ms, waited) == (60_000, [])


def test_a_server_that_fails_is_asked_three_times(openai: OpenAi) -> None:
    openai.will_send(error(Refusal("server_error", "Sorry", 500)))
    with pytest.raises(ModelUnavailable, match="failed"):
        openai_embedder(SMALL, access(openai), sleep=lambda _: None).embed(["a"], kind="query")
    assert len(openai.requests) == 3


def test_a_refusal_is_not_tried_again(openai: OpenAi) -> None:
    openai.will_send(error(Refusal("model_not_found", "No such model", 404)))
    with pytest.raises(Rejected, match="No such model"):
        openai_embedder(SMALL, access(openai)).embed(["a"], kind="query")
    assert len(openai.requests) == 1


def test_a_text_with_more_tokens_than_estimated_is_halved(openai: OpenAi) -> None:
    openai.will_send(error(Refusal("", "This model's maximum context length is 8192 tokens", 400)))
    openai.will_send(whole("200 OK", {"data": [{"index": 0, "embedding": [1.0] * 1536}]}))
    assert openai_embedder(SMALL, access(openai)).embed(["a" * 9000], kind="passage").shape == (1, 1536)
    assert [len(request.body["input"][0]) for request in openai.requests] == [9000, 4596, 4500]


@pytest.mark.parametrize("reply", [b"<html>", b"[]", b'{"data": null}', b'{"data": [{"index": 0}]}'])
def test_what_is_no_vector_is_unavailable(openai: OpenAi, reply: bytes) -> None:
    openai.will_send(whole("200 OK", reply))
    with pytest.raises(ModelUnavailable):
        openai_embedder(SMALL, access(openai), sleep=lambda _: None).embed(["a"], kind="query")


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with hosted(OpenAi()) as gone:
        url = gone.url
    with pytest.raises(ModelUnavailable, match="does not answer"):
        openai_embedder(SMALL, OpenAiAccess("secret", url), sleep=lambda _: None).embed(["a"], kind="query")
