"""The served Bedrock with Kosha's own models behind it, as the emulated deployment has it."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from tests.served.bedrock import BedrockRuntime
from tests.served.endpoint import hosted
from tests.served.kosha_models import local_bedrock
from tests.unit.adapters.models.providers import INFO, all_of, reasons, text

from kosha.adapters.models.bedrock_chat import BedrockChatModel
from kosha.adapters.models.bedrock_embeddings import titan_embedder
from kosha.adapters.models.cuttable import runtime_client
from kosha.adapters.models.embedding import EmbeddingFacts
from kosha.adapters.models.extractive import NO_PASSAGES
from kosha.model.chunk import Hit
from kosha.model.prompt import Prompt

TITAN = EmbeddingFacts(
    provider="bedrock", name="amazon.titan-embed-text-v2:0", dimensions=1024, window_tokens=8192, calls_at_once=2
)
TEXTS = ["Leave is 25 days a year.", "The office closes at six.", "How many days of leave do I have?"]


@pytest.fixture(scope="module")
def bedrock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BedrockRuntime]:
    with hosted(local_bedrock(tmp_path_factory.mktemp("models"))) as bedrock:
        yield bedrock


@pytest.fixture
def client(bedrock: BedrockRuntime, credentials: None) -> Any:
    return runtime_client("bedrock-runtime", endpoint_url=bedrock.origin)


def test_vectors_filled_up_with_zeros_keep_their_cosines(client: Any) -> None:
    vectors = titan_embedder(TITAN, client).embed(TEXTS, kind="passage")
    assert vectors.shape == (3, 1024)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[2] @ vectors[0] > 0.5 > vectors[2] @ vectors[1]


def test_an_answer_quotes_the_passages_of_the_prompt(client: Any, threads: ThreadPoolExecutor) -> None:
    passages = tuple(
        Hit(chunk_id=str(place), document_id="1", document_type="file", title="Handbook", path="h.md", content=content)
        for place, content in enumerate([TEXTS[1], TEXTS[0]])
    )
    prompt = Prompt(system="Cite.", question=TEXTS[2], passages=passages)
    pieces = asyncio.run(all_of(BedrockChatModel(INFO, client, threads, model_id="amazon.nova-lite-v1:0"), prompt))
    assert (text(pieces), reasons(pieces)) == ("Leave is 25 days a year. [2]", ["end"])


def test_without_passages_it_says_what_it_is(client: Any, threads: ThreadPoolExecutor) -> None:
    model = BedrockChatModel(INFO, client, threads, model_id="amazon.nova-lite-v1:0")
    assert text(asyncio.run(all_of(model, Prompt(system="S", question="Hello")))) == NO_PASSAGES
