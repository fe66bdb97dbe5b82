"""Judging whether anything relevant was found."""

import pytest

from kosha.model.search import Rankings, Scored
from kosha.retrieval.relevance import DEFAULT_THRESHOLD, coverage, relevance


def found(*, cosine: float | None, covered: float | None, chunks: int = 1000) -> Rankings:
    """A search whose best passage has that cosine and that share of the question's words."""
    vector = [] if cosine is None else [Scored("a", cosine)]
    keyword = [] if not covered else [Scored("a", covered * 10)]
    return Rankings(vector, keyword, 0.0 if covered is None else 10.0, chunks)


@pytest.mark.parametrize(
    ("rankings", "is_relevant"),
    [
        (found(cosine=0.6, covered=0.9), True),
        (found(cosine=0.5, covered=0.2), True),
        (found(cosine=0.3, covered=1.0), True),
        (found(cosine=0.25, covered=0.2), False),
        (found(cosine=0.1, covered=0.5), False),
        (found(cosine=0.6, covered=None), True),
        (found(cosine=0.1, covered=None), False),
        (found(cosine=None, covered=0.9), True),
        (found(cosine=None, covered=0.1), False),
        (found(cosine=None, covered=None), False),
        (Rankings([], []), False),
    ],
)
def test_relevant_is_what_is_near_or_shares_the_words(rankings: Rankings, is_relevant: bool) -> None:
    assert (relevance(rankings) >= DEFAULT_THRESHOLD) is is_relevant


def test_more_is_asked_of_the_nearest_among_many() -> None:
    few, many = found(cosine=0.33, covered=0.2, chunks=30), found(cosine=0.33, covered=0.2, chunks=10_000)
    assert relevance(few) > DEFAULT_THRESHOLD > relevance(many)


def test_coverage_is_a_share() -> None:
    assert coverage(Rankings([], [Scored("a", 15)], 10.0)) == 1.0
    assert coverage(Rankings([], [Scored("a", 4)], 10.0)) == pytest.approx(0.4)
    assert coverage(Rankings([], [], 10.0)) == 0.0
    assert coverage(Rankings([], [], 0.0)) is None
