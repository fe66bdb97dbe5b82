"""Fusing two rankings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kosha.model.search import Rankings, Scored
from kosha.retrieval.fuse import fuse


def ranking(**scores: float) -> list[Scored]:
    return sorted((Scored(chunk_id, score) for chunk_id, score in scores.items()), key=lambda scored: -scored.score)


def order(rankings: Rankings, weight: float = 0.5) -> list[str]:
    return [entry.chunk_id for entry in fuse(rankings, vector_weight=weight)]


def test_a_chunk_that_both_rankings_have_comes_before_one_that_only_one_has() -> None:
    rankings = Rankings(ranking(a=0.9, both=0.8, x=0.1), ranking(b=9, both=8, y=1), keyword_full=8)
    assert order(rankings)[0] == "both"


def test_scores_and_ranks_of_both_rankings_are_kept() -> None:
    [best, second, *_] = fuse(Rankings(ranking(a=0.9, b=0.3), ranking(a=7, c=2), keyword_full=7), vector_weight=0.5)
    assert (best.scores.vector, best.scores.keyword, best.score) == (0.9, 7, best.scores.fused)
    assert (best.ranks.vector, best.ranks.keyword, best.ranks.fused) == (1, 1, 1)
    assert (second.ranks.keyword is None) != (second.ranks.vector is None)


@pytest.mark.parametrize(("weight", "first"), [(0.0, "keyword"), (1.0, "vector")])
def test_the_weight_decides_between_the_rankings(weight: float, first: str) -> None:
    rankings = Rankings(ranking(vector=0.9, x=0.2), ranking(keyword=9, x=1), keyword_full=9)
    assert order(rankings, weight)[0] == first


def test_one_ranking_alone_keeps_its_order_whatever_the_weight() -> None:
    words = ranking(a=3, b=2, c=1)
    assert order(Rankings([], words, keyword_full=3), weight=1.0) == ["a", "b", "c"]
    assert order(Rankings(words, []), weight=0.0) == ["a", "b", "c"]


def test_cosines_that_lie_close_together_do_not_overrule_the_words() -> None:
    flat = ranking(**{f"v{place:02}": 0.600 - place * 0.001 for place in range(50)})
    words = ranking(w=8, v49=3, v48=1)
    assert order(Rankings(flat, words, keyword_full=8))[0] == "w"


def test_a_hit_on_a_word_of_little_weight_does_not_overrule_the_vectors() -> None:
    vectors = ranking(a=0.6, b=0.4, c=0.1)
    trivial = ranking(x=0.5, y=0.4)
    assert order(Rankings(vectors, trivial, keyword_full=10))[:2] == ["a", "b"]


def test_a_single_weak_hit_counts_for_what_it_is() -> None:
    rankings = Rankings(ranking(a=0.6, b=0.4, c=0.1), ranking(x=0.5), keyword_full=10)
    assert order(rankings)[0] == "a"


def test_nothing_makes_nothing() -> None:
    assert fuse(Rankings([], []), vector_weight=0.5) == []


scores = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(-1, 40), max_size=8).map(lambda found: ranking(**found))


@given(vector=scores, keyword=scores, full=st.floats(0, 40), weight=st.floats(0, 1))
def test_each_chunk_comes_once_best_first_between_0_and_1(
    vector: list[Scored], keyword: list[Scored], full: float, weight: float
) -> None:
    fused = fuse(Rankings(vector, keyword, full), vector_weight=weight)
    assert sorted(entry.chunk_id for entry in fused) == sorted({scored.chunk_id for scored in vector + keyword})
    assert [entry.score for entry in fused] == sorted((entry.score for entry in fused), reverse=True)
    assert all(0 <= entry.score <= 1 + 1e-9 for entry in fused)
    assert [entry.ranks.fused for entry in fused] == list(range(1, len(fused) + 1))
