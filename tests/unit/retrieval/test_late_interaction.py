"""Reading a passage word by word."""

import numpy as np
import pytest

from kosha.ports import TokenVectors
from kosha.retrieval.late_interaction import scores_of


def tokens(*places: int, dimensions: int = 4) -> TokenVectors:
    """A token a place, each along an axis of its own."""
    vectors = np.zeros((len(places), dimensions), np.int8)
    vectors[np.arange(len(places)), places] = 127
    return vectors


def test_a_passage_scores_the_share_of_the_question_that_it_answers() -> None:
    passages = {"all": tokens(0, 1, 2), "half": tokens(3, 1), "none": tokens(3)}
    assert scores_of(tokens(0, 1), passages) == pytest.approx({"all": 1.0, "half": 0.5, "none": 0.0})


def test_the_length_of_a_passage_changes_nothing() -> None:
    scores = scores_of(tokens(0), {"short": tokens(0), "long": tokens(*[1, 2, 3] * 100, 0)})
    assert scores["short"] == scores["long"]


def test_a_passage_without_tokens_has_no_score() -> None:
    assert scores_of(tokens(0), {"empty": tokens(), "full": tokens(0)}).keys() == {"full"}


def test_a_passage_of_another_model_has_no_score() -> None:
    assert scores_of(tokens(0), {"other": tokens(0, dimensions=3)}) == {}


def test_a_question_without_tokens_scores_nothing() -> None:
    assert scores_of(tokens(), {"a": tokens(0)}) == {}


def test_a_word_that_weighs_more_counts_more() -> None:
    question = np.array([[127, 0, 0, 0], [0, 63, 0, 0]], np.int8)
    scores = scores_of(question, {"first": tokens(0), "second": tokens(1)})
    assert scores == pytest.approx({"first": 2 / 3, "second": 1 / 3}, abs=0.01)
