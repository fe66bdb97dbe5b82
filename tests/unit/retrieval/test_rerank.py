"""Reading the best candidates again."""

from collections.abc import Sequence

import pytest

from kosha.errors import Unavailable
from kosha.retrieval.fuse import Fused, Stood, tempered
from kosha.retrieval.rerank import CANDIDATES, CLEAR_LEAD, rerank


class Scores:
    """A Reader that knows what to say."""

    rule, weight, least_span = "by heart", 0.5, 0.0

    def __init__(self, **scores: float) -> None:
        self.known = scores
        self.asked: list[str] = []

    def scores(self, chunk_ids: Sequence[str]) -> dict[str, float]:
        self.asked = list(chunk_ids)
        return {chunk_id: self.known[chunk_id] for chunk_id in chunk_ids if chunk_id in self.known}


class Silent(Scores):
    """A Reader whose endpoint is down."""

    def scores(self, chunk_ids: Sequence[str]) -> dict[str, float]:
        raise Unavailable("It does not answer.")


def fused(**scores: float) -> list[Fused]:
    return [
        Fused(chunk_id, score, Stood(rank, score)) for rank, (chunk_id, score) in enumerate(scores.items(), start=1)
    ]


def order(entries: Sequence[Fused]) -> list[str]:
    return [entry.chunk_id for entry in entries]


def test_what_reads_better_comes_first() -> None:
    outcome = rerank(fused(a=0.6, b=0.5, c=0.4), [Scores(a=2, b=1, c=9)])
    assert order(outcome.order) == ["c", "a", "b"]
    assert outcome.read == 3


def test_the_numbers_of_both_stages_are_kept() -> None:
    [best, *_] = rerank(fused(a=0.6, b=0.5), [Scores(a=-3, b=4)]).order
    assert (best.chunk_id, best.score) == ("b", 0.5 * 0.5 + 0.5 * 1)
    assert (best.scores.fused, best.scores.rerank) == (0.5, 4)
    assert (best.ranks.fused, best.ranks.rerank) == (2, 1)


def test_a_score_stays_between_none_and_all() -> None:
    entries = rerank(fused(a=1.0, b=0.9, c=0.0), [Scores(a=-7, b=1e6, c=0)]).order
    assert all(0 <= entry.score <= 1 for entry in entries)


def test_a_chunk_that_cannot_be_read_keeps_its_fused_score() -> None:
    outcome = rerank(fused(old=0.6, a=0.5, b=0.45), [Scores(a=0, b=1)])
    [kept] = [entry for entry in outcome.order if entry.chunk_id == "old"]
    assert (kept.score, kept.scores.rerank, kept.ranks.rerank) == (0.6, None, None)
    assert order(outcome.order) == ["b", "old", "a"]


def test_only_the_best_candidates_are_read() -> None:
    entries = fused(**{f"c{place}": 0.5 - place / 1000 for place in range(CANDIDATES + 20)})
    reader = Scores(**{entry.chunk_id: 1.0 for entry in entries})
    outcome = rerank(entries, [reader])
    assert reader.asked == order(entries)[:CANDIDATES]
    assert len(outcome.order) == len(entries)


def test_scores_that_hardly_differ_hardly_count() -> None:
    reader = Scores(a=0.50, b=0.52)
    reader.least_span = 0.5
    assert order(rerank(fused(a=0.6, b=0.5), [reader]).order) == ["a", "b"]


def test_a_clear_first_is_not_read_again() -> None:
    reader = Scores(a=0, b=1)
    outcome = rerank(fused(a=0.5 + CLEAR_LEAD, b=0.5), [reader])
    assert (order(outcome.order), reader.asked, outcome.read) == (["a", "b"], [], 0)
    assert "clear enough" in outcome.rule


def test_a_reader_that_does_not_answer_leaves_the_work_to_the_next() -> None:
    assert order(rerank(fused(a=0.6, b=0.5), [Silent(), Scores(a=0, b=1)]).order) == ["b", "a"]


def test_without_any_answer_the_fused_order_stays_and_the_rule_says_why() -> None:
    outcome = rerank(fused(a=0.6, b=0.5), [Silent()])
    assert (order(outcome.order), outcome.read) == (["a", "b"], 0)
    assert "does not answer" in outcome.rule


@pytest.mark.parametrize("entries", [[], fused(a=0.6)], ids=["none", "one"])
def test_nothing_to_order_is_not_read(entries: list[Fused]) -> None:
    reader = Scores(a=1)
    assert rerank(entries, [reader]).order == entries
    assert reader.asked == []


@pytest.mark.parametrize("alone", [0.0, 1.0])
def test_what_a_person_wants_alone_stays_alone_however_little_the_model_knows(alone: float) -> None:
    assert tempered(alone, 0.1) == alone


def test_a_model_that_knows_the_language_less_weighs_less() -> None:
    assert tempered(0.5, 1.0) == 0.5
    assert tempered(0.5, 1 / 3) == pytest.approx(0.25)
