"""The cross-encoder script on a tiny model that the test makes: the model's own scores, order, windows, refusals."""

from pathlib import Path

import numpy as np
import pytest
from tests.unit.sagemaker_inference.conftest import Container

from kosha.adapters.local.weights import Weights

pytestmark = pytest.mark.slow
QUERY = "How many days of leave are there?"
TEXTS = ["Leave is 25 days a year.", "Lunch is at noon.", "A text that is too long. " * 30, "x"]


def make(container: Container, folder: Path, vocabulary_of: Path, *, labels: int = 1) -> list[float]:
    """Write a model; returns what it says of each pair alone."""
    pairs = [[QUERY, text] for text in TEXTS]
    told = {"make": str(folder), "vocabularyOf": str(vocabulary_of), "labels": labels, "pairs": pairs}
    return container.tell(told)["scores"]


@pytest.fixture
def scores(container: Container, minilm: Weights, tmp_path: Path) -> list[float]:
    """What the model says of each pair alone; the script is loaded over it."""
    alone = make(container, tmp_path, minilm.folder)
    assert container.load("cross_encoder", tmp_path) == {"window": 64}
    return alone


def test_scores_are_the_models_own_in_the_order_of_the_texts(container: Container, scores: list[float]) -> None:
    told = container.ask({"query": QUERY, "texts": TEXTS})["scores"]
    np.testing.assert_allclose(told, scores, atol=1e-5)
    assert len({round(score, 4) for score in told}) == len(TEXTS)  # else nothing was shown


def test_a_text_has_the_same_score_alone_and_among_others(container: Container, scores: list[float]) -> None:
    alone = [container.ask({"query": QUERY, "texts": [text]})["scores"][0] for text in TEXTS]
    np.testing.assert_allclose(alone, scores, atol=1e-5)


def test_the_query_counts(container: Container, scores: list[float]) -> None:
    other = container.ask({"query": "When is lunch?", "texts": TEXTS})["scores"]
    assert not np.allclose(other, scores, atol=1e-3)


def test_a_classifier_of_several_classes_is_refused(container: Container, minilm: Weights, tmp_path: Path) -> None:
    make(container, tmp_path, minilm.folder, labels=3)
    assert "3 labels" in container.load("cross_encoder", tmp_path)["refused"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"texts": TEXTS}, "query must be a text"),
        ({"query": QUERY, "texts": []}, "one text or more"),
        ({"query": QUERY, "texts": ["a"] * 513}, "allowed are 512"),
    ],
)
@pytest.mark.usefixtures("scores")
def test_a_request_that_is_none_is_refused_with_what_is_allowed(container: Container, body: object, words: str) -> None:
    assert words in container.ask(body)["refused"]
