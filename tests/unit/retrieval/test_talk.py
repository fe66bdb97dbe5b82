"""Small talk that no list has, told by a model in one word."""

import pytest
from tests.unit.retrieval.models import COST, Busy, Saying, Silent

from kosha.retrieval.route import is_unsure
from kosha.retrieval.talk import sorted_by


@pytest.mark.parametrize(
    ("reply", "verdict"), [("TALK", "TALK"), ("**SEARCH**\n", "SEARCH"), ("<think>…</think>TALK.", "TALK")]
)
async def test_a_word_is_a_verdict(reply: str, verdict: str) -> None:
    told = await sorted_by(Saying(reply), "you rock", seconds=3)
    assert told == (verdict, COST)


@pytest.mark.parametrize("reply", ["", "It is TALK, not SEARCH.", "I would say TALK", "42"])
async def test_anything_else_is_none_and_is_paid_for_all_the_same(reply: str) -> None:
    assert await sorted_by(Saying(reply), "you rock", seconds=3) == (None, COST)


@pytest.mark.parametrize("model", [Silent(), Busy()], ids=["silent", "busy"])
async def test_a_model_that_does_not_answer_in_time_is_not_waited_for(model: Saying) -> None:
    assert await sorted_by(model, "you rock", seconds=0.05) is None


async def test_the_question_is_tiny() -> None:
    model = Saying("TALK")
    await sorted_by(model, "you rock", seconds=3)
    [prompt] = model.prompts
    assert prompt.question == "Message: you rock"
    assert prompt.kwargs.max_tokens <= 16
    assert len(prompt.system) < 600


@pytest.mark.parametrize(
    ("said", "unsure"),
    [
        ("you are a star", True),
        ("parental leave", True),
        ("何でも知ってるね", True),
        ("Section 21 of the lease", False),
        ("Which of the two plants in Hamburg has the older pumps, and who looks after them at night?", False),
        ("", False),
    ],
)
def test_only_what_is_short_and_has_no_number_may_be_small_talk(said: str, unsure: bool) -> None:
    assert is_unsure(said) is unsure
