"""Titan and Cohere over a real connection: batches, windows, kinds of text, refusals."""

import threading
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from tests.served.answers import Refusal
from tests.served.bedrock import BedrockRuntime, error
from tests.served.endpoint import hosted, whole
from tests.unit.adapters.models.providers import letters

from kosha.adapters.models.bedrock_embeddings import cohere_embedder, titan_embedder
from kosha.adapters.models.cuttable import runtime_client
from kosha.adapters.models.embedding import EmbeddingFacts
from kosha.errors import ModelUnavailable

TITAN = EmbeddingFacts(
    provider="bedrock",
    name="amazon.titan-embed-text-v2:0",
    dimensions=512,
    window_tokens=8192,
    window_characters=50_000,
)
COHERE = EmbeddingFacts(
    provider="bedrock",
    name="cohere.embed-multilingual-v3",
    dimensions=1024,
    window_tokens=512,
    window_characters=2048,
    batch_texts=96,
)


@pytest.fixture
def bedrock(credentials: None) -> Iterator[BedrockRuntime]:
    with hosted(BedrockRuntime(embed=letters)) as bedrock:
        yield bedrock


@pytest.fixture
def client(bedrock: BedrockRuntime) -> Any:
    return runtime_client("bedrock-runtime", endpoint_url=bedrock.origin)


def test_titan_gives_rows_of_unit_length_in_the_order_of_the_texts(client: Any, bedrock: BedrockRuntime) -> None:
    vectors = titan_embedder(TITAN, client).embed(["aaaa", "bb", "abab"], kind="passage")
    assert (vectors.shape, vectors.dtype) == ((3, 512), np.float32)
    np.testing.assert_allclose(vectors[:, :3], [[1, 0, 0], [0, 1, 0], [0.5**0.5, 0.5**0.5, 0]], atol=1e-6)
    assert len(bedrock.requests) == 3
    assert bedrock.requests[0].path == "/model/amazon.titan-embed-text-v2%3A0/invoke"
    assert {request.body["dimensions"] for request in bedrock.requests} == {512}


def test_titan_is_asked_by_a_few_calls_at_once(credentials: None) -> None:
    together = threading.Barrier(4, timeout=5)

    def embed(texts: Sequence[str]) -> list[list[float]]:
        together.wait()
        return letters(texts)

    with hosted(BedrockRuntime(embed=embed)) as bedrock:
        client = runtime_client("bedrock-runtime", endpoint_url=bedrock.origin)
        embedder = titan_embedder(TITAN.model_copy(update={"calls_at_once": 4}), client)
        assert len(embedder.embed(["a"] * 8, kind="passage")) == 8


def test_a_text_longer_than_the_window_is_embedded_in_parts_and_none_of_it_is_lost(
    client: Any, bedrock: BedrockRuntime
) -> None:
    embedder = titan_embedder(TITAN.model_copy(update={"window_tokens": 100}), client)
    [vector] = embedder.embed(["a " * 300 + "b " * 300 + "c " * 300], kind="passage")
    np.testing.assert_allclose(vector[:3], [3**-0.5] * 3, atol=0.1)
    assert len(bedrock.requests) > 5
    assert all(len(request.body["inputText"]) <= 300 for request in bedrock.requests)


def test_a_text_that_has_more_tokens_than_estimated_is_halved_until_it_fits(
    client: Any, bedrock: BedrockRuntime
) -> None:
    bedrock.will_send(error(Refusal("ValidationException", "Too many input tokens. Max input tokens: 8192")))
    bedrock.will_send(whole("200 OK", {"embedding": [1.0] + [0.0] * 511, "inputTextTokenCount": 1}))
    [vector] = titan_embedder(TITAN, client).embed(["a" * 9000], kind="passage")
    assert vector[0] == pytest.approx(1)
    assert [len(request.body["inputText"]) for request in bedrock.requests] == [9000, 4596, 4500]


def test_a_blank_text_has_a_vector_too(client: Any) -> None:
    assert titan_embedder(TITAN, client).embed([" \n"], kind="passage").shape == (1, 512)


def test_nothing_costs_no_call(client: Any, bedrock: BedrockRuntime) -> None:
    assert titan_embedder(TITAN, client).embed([], kind="passage").shape == (0, 512)
    assert bedrock.requests == []


def test_cohere_takes_96_texts_a_call(client: Any, bedrock: BedrockRuntime) -> None:
    vectors = cohere_embedder(COHERE, client).embed(["a", "b"] * 100, kind="passage")
    assert (vectors[::2, 0] == 1).all()
    assert (vectors[1::2, 1] == 1).all()
    assert sorted(len(request.body["texts"]) for request in bedrock.requests) == [8, 96, 96]


@pytest.mark.parametrize(("kind", "told"), [("query", "search_query"), ("passage", "search_document")])
def test_cohere_is_told_what_a_text_is_for(client: Any, bedrock: BedrockRuntime, kind: Any, told: str) -> None:
    cohere_embedder(COHERE, client).embed(["a"], kind=kind)
    assert (bedrock.requests[0].body["input_type"], bedrock.requests[0].body["truncate"]) == (told, "NONE")


def test_one_text_that_is_too_long_does_not_fail_its_batch(client: Any, bedrock: BedrockRuntime) -> None:
    wide = cohere_embedder(COHERE.model_copy(update={"window_tokens": 5000, "window_characters": None}), client)
    vectors = wide.embed(["a", "b" * 3000, "c"], kind="passage")
    np.testing.assert_allclose(vectors[:, :3], np.eye(3), atol=1e-6)


def test_cohere_4_makes_vectors_of_the_dimensions_asked_for(client: Any, bedrock: BedrockRuntime) -> None:
    facts = EmbeddingFacts(
        provider="bedrock", name="cohere.embed-v4:0", dimensions=1536, window_tokens=8192, batch_texts=96
    )
    vectors = cohere_embedder(facts, client, model_id="eu.cohere.embed-v4:0").embed(["a"], kind="query")
    assert vectors.shape == (1, 1536)
    assert bedrock.requests[0].path == "/model/eu.cohere.embed-v4%3A0/invoke"
    assert bedrock.requests[0].body["output_dimension"] == 1536


def test_throttling_is_tried_again(client: Any, bedrock: BedrockRuntime) -> None:
    bedrock.will_send(error(Refusal("ThrottlingException", "Too many requests", 429)))
    bedrock.will_send(whole("200 OK", {"embedding": [1.0] * 512}))
    assert len(titan_embedder(TITAN, client).embed(["a"], kind="query")) == 1


@pytest.mark.parametrize(
    "reply",
    [
        error(Refusal("ThrottlingException", "Too many requests", 429)),
        error(Refusal("AccessDeniedException", "No access", 403)),
        whole("200 OK", b"<html>"),
        whole("200 OK", {"embedding": None}),
        whole("200 OK", {"embedding": ["x"]}),
        whole("200 OK", {"embedding": [1.0, 2.0]}),
    ],
    ids=["throttled", "no access", "no JSON", "no vector", "no numbers", "other dimensions"],
)
def test_what_is_no_vector_is_unavailable(client: Any, bedrock: BedrockRuntime, reply: bytes) -> None:
    bedrock.will_send(reply)
    with pytest.raises(ModelUnavailable):
        titan_embedder(TITAN, client).embed(["a"], kind="query")


def test_tokens_are_estimated_rather_too_many_than_too_few(client: Any) -> None:
    embedder = titan_embedder(TITAN, client)
    assert embedder.tokens("How much leave do I have?") >= 7
    assert embedder.tokens("我有多少假期") >= 6
