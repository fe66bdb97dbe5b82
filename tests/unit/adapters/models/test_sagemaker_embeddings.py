"""Embedding models and cross-encoders on SageMaker endpoints over a real connection."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from tests.served.answers import Refusal
from tests.served.endpoint import hosted, whole
from tests.served.sagemaker import SagemakerRuntime, error, model_error
from tests.unit.adapters.models.providers import letters

from kosha.adapters.models.cuttable import runtime_client
from kosha.adapters.models.embedding import EmbeddingFacts
from kosha.adapters.models.sagemaker_cross_encoder import CrossEncoderFacts, SagemakerCrossEncoder
from kosha.adapters.models.sagemaker_embeddings import sagemaker_embedder
from kosha.errors import ModelUnavailable

MINILM = EmbeddingFacts(provider="sagemaker", name="minilm", dimensions=3, window_tokens=256, batch_texts=4)
RERANKER = CrossEncoderFacts(provider="sagemaker", name="reranker", batch_texts=2)


def score(question: str, passages: Sequence[str]) -> list[float]:
    """How many letters they share."""
    return [float(len(set(question) & set(passage))) for passage in passages]


@pytest.fixture
def sagemaker(credentials: None) -> Iterator[SagemakerRuntime]:
    with hosted(SagemakerRuntime(embed=letters, score=score)) as sagemaker:
        yield sagemaker


@pytest.fixture
def client(sagemaker: SagemakerRuntime) -> Any:
    return runtime_client("sagemaker-runtime", endpoint_url=sagemaker.origin)


@pytest.mark.parametrize("payload", ["kosha", "tei", "jumpstart"])
def test_every_container_gives_rows_of_unit_length_in_order(client: Any, payload: str) -> None:
    facts = MINILM.model_copy(update={"payload": payload})
    vectors = sagemaker_embedder(facts, client, endpoint="minilm").embed(["aa", "b"] * 5, kind="passage")
    np.testing.assert_allclose(vectors, [[1, 0, 0], [0, 1, 0]] * 5, atol=1e-6)


def test_our_own_script_is_told_what_a_text_is_for(client: Any, sagemaker: SagemakerRuntime) -> None:
    sagemaker_embedder(MINILM, client, endpoint="minilm").embed(["a"], kind="query")
    [request] = sagemaker.requests
    assert (request.path, request.body) == ("/endpoints/minilm/invocations", {"inputs": ["a"], "kind": "query"})


@pytest.mark.parametrize(
    "reply",
    [
        error(Refusal("ThrottlingException", "Rate exceeded", 429)),
        model_error(503, "Loading"),
        whole("200 OK", b"<html>"),
        whole("200 OK", b"[]"),
    ],
)
def test_what_is_no_vector_and_no_score_is_unavailable(client: Any, sagemaker: SagemakerRuntime, reply: bytes) -> None:
    sagemaker.will_send(reply)
    with pytest.raises(ModelUnavailable):
        sagemaker_embedder(MINILM, client, endpoint="minilm").embed(["a"], kind="query")
    with pytest.raises(ModelUnavailable):
        SagemakerCrossEncoder(RERANKER, client, endpoint="reranker").score("a", ["a"])


def test_passages_are_scored_in_their_order_a_batch_at_a_time(client: Any, sagemaker: SagemakerRuntime) -> None:
    scores = SagemakerCrossEncoder(RERANKER, client, endpoint="reranker").score("ab", ["a", "ab", "x", "b", "ba"])
    assert (scores.tolist(), scores.dtype) == ([1, 2, 0, 1, 2], np.float32)
    assert [len(request.body["texts"]) for request in sagemaker.requests] == [2, 2, 1]


def test_scores_may_come_as_a_plain_list(client: Any, sagemaker: SagemakerRuntime) -> None:
    sagemaker.will_send(whole("200 OK", {"scores": [0.25, 0.75]}))
    assert SagemakerCrossEncoder(RERANKER, client, endpoint="r").score("q", ["a", "b"]).tolist() == [0.25, 0.75]


def test_no_passage_costs_no_call(client: Any, sagemaker: SagemakerRuntime) -> None:
    assert SagemakerCrossEncoder(RERANKER, client, endpoint="reranker").score("a", []).shape == (0,)
    assert sagemaker.requests == []
