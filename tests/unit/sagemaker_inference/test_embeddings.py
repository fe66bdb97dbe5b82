"""The embedding script on the real MiniLM: the same vectors as the local embedder, prefixes of families, refusals."""

from pathlib import Path

import numpy as np
import pytest
from tests.unit.sagemaker_inference.conftest import Container

from kosha.adapters.local.minilm import MiniLmEmbedder
from kosha.adapters.local.weights import Weights

pytestmark = pytest.mark.slow
TEXTS = [
    "Leave is 25 days a year.",
    "x",
    "Wer kündigt, sagt es schriftlich.",
    "A longer text. " * 12,
    "休暇は年に二十五日です。",
]


@pytest.fixture
def embeddings(container: Container, minilm: Weights) -> Container:
    container.load("embeddings", minilm.folder)
    return container


def vectors(container: Container, texts: list[str], kind: str = "passage") -> np.ndarray:
    """(texts, dimensions)."""
    return np.asarray(container.ask({"inputs": texts, "kind": kind})["embeddings"], np.float32)


def cosines(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Row by row; rows are of unit length."""
    return (left * right).sum(axis=1)


def test_vectors_are_those_of_the_local_embedder_unrounded(
    embeddings: Container, minilm: Weights, tmp_path: Path
) -> None:
    exact = MiniLmEmbedder(minilm, cache=tmp_path, precision={"passage": "float32", "query": "float32"})
    ours = exact.embed(TEXTS, kind="passage")
    assert cosines(vectors(embeddings, TEXTS), ours).min() > 0.99999


def test_rows_are_of_unit_length(embeddings: Container) -> None:
    np.testing.assert_allclose(np.linalg.norm(vectors(embeddings, ["", " ", *TEXTS]), axis=1), 1, atol=1e-5)


def test_a_text_has_the_same_vector_alone_and_among_others_of_other_lengths(embeddings: Container) -> None:
    alone = np.concatenate([vectors(embeddings, [text]) for text in TEXTS])
    assert cosines(vectors(embeddings, TEXTS), alone).min() > 0.99999


def test_minilm_knows_no_difference_between_queries_and_passages(embeddings: Container) -> None:
    query, passage = vectors(embeddings, TEXTS, "query"), vectors(embeddings, TEXTS, "passage")
    np.testing.assert_allclose(query, passage, atol=1e-6)


def test_the_window_is_what_the_model_was_tuned_on_where_the_snapshot_says_so(
    container: Container, minilm: Weights
) -> None:
    assert container.load("embeddings", minilm.folder) == {"window": 256}


@pytest.mark.parametrize(
    ("model", "query", "passage"),
    [
        ("intfloat/multilingual-e5-large", "query: ", "passage: "),
        ("nomic-ai/nomic-embed-text-v1.5", "search_query: ", "search_document: "),
    ],
)
def test_a_familys_prefix_stands_before_the_text(
    embeddings: Container, minilm: Weights, model: str, query: str, passage: str
) -> None:
    """MiniLM under another family's name: with its prefix left to the script, and with it written by hand."""
    by_hand = [vectors(embeddings, [prefix + text for text in TEXTS]) for prefix in (query, passage)]
    embeddings.load("embeddings", minilm.folder, model=model)
    by_script = [vectors(embeddings, TEXTS, kind) for kind in ("query", "passage")]
    np.testing.assert_allclose(by_script, by_hand, atol=1e-5)


def test_bge_is_read_at_its_first_token_and_only_its_queries_have_a_prefix(
    embeddings: Container, minilm: Weights
) -> None:
    prefixed = ["Represent this sentence for searching relevant passages: " + text for text in TEXTS]
    means = vectors(embeddings, prefixed)
    embeddings.load("embeddings", minilm.folder, model="BAAI/bge-small-en-v1.5")
    queries = vectors(embeddings, TEXTS, "query")
    np.testing.assert_allclose(queries, vectors(embeddings, prefixed), atol=1e-5)
    assert cosines(queries, means).max() < 0.999


@pytest.mark.parametrize("model", ["acme/words", "intfloat/e5-mistral-7b-instruct"])
def test_a_model_whose_use_is_not_known_is_refused_by_name(container: Container, minilm: Weights, model: str) -> None:
    refused = container.load("embeddings", minilm.folder, model=model)["refused"]
    assert model in refused
    assert "e5" in refused


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"inputs": []}, "one text or more"),
        ({"inputs": "text"}, "a list"),
        ({"inputs": ["a"], "kind": "title"}, "allowed are query and passage"),
        ({"inputs": ["a"] * 513}, "allowed are 512"),
        ("no json", "Expecting value"),
    ],
)
def test_a_request_that_is_none_is_refused_with_what_is_allowed(
    embeddings: Container, body: object, words: str
) -> None:
    assert words in embeddings.ask(body)["refused"]


def test_another_content_type_is_refused(embeddings: Container) -> None:
    assert "application/json" in embeddings.ask("text", "text/plain")["refused"]
