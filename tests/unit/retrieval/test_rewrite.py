"""A question rewritten by a model: what is made of its reply, and what happens when there is none."""

import pytest
from tests.unit.retrieval.models import COST, Busy, Saying, Silent

from kosha.model.prompt import Utterance
from kosha.retrieval.rewrite import TALK, Wish, has_parts, rewritten

SAID = (
    Utterance(role="user", content="Tell me of parental leave."),
    Utterance(role="assistant", content="It is 30 days [1]."),
)


@pytest.mark.parametrize(
    "reply",
    [
        "How much is parental leave in Berlin?",
        '  \n"How much is parental leave in Berlin?"\n',
        "Standalone question: How much is parental leave in Berlin?",
        "**Rewritten question:** How much is parental leave in Berlin?",
        "<think>The user means Berlin.\nSo ...</think>\nHow much is parental leave in Berlin?",
        "1. How much is parental leave in Berlin?\nI hope this helps.",
    ],
)
async def test_the_question_is_read_out_of_whatever_stands_around_it(reply: str) -> None:
    told = await rewritten("And in Berlin?", SAID, Saying(reply), Wish(), seconds=3)
    assert told is not None
    assert told.question == "How much is parental leave in Berlin?"
    assert [query.text for query in told.queries] == [told.question, "And in Berlin?"]
    assert told.queries[0].weight > told.queries[1].weight
    assert told.usage == COST


async def test_other_wordings_and_parts_are_searched_too() -> None:
    reply = "How do leave and travel work?\n* How does leave work?\n* How does travel work?\n- Rules of leave?\n- Extra"
    told = await rewritten("Leave and travel?", SAID, Saying(reply), Wish(variants=1, parts=True), seconds=3)
    assert told is not None
    assert [(query.text, query.weight) for query in told.queries] == [
        ("How do leave and travel work?", 1.0),
        ("How does leave work?", 1.0),
        ("How does travel work?", 1.0),
        ("Rules of leave?", 0.5),
        ("Leave and travel?", 0.3),
    ]


async def test_the_model_is_told_the_conversation_and_given_few_tokens() -> None:
    model = Saying("How much is parental leave in Berlin?")
    await rewritten("And in Berlin?", SAID, model, Wish(), seconds=3)
    [prompt] = model.prompts
    assert "User: Tell me of parental leave." in prompt.question
    assert prompt.question.endswith("Last message: And in Berlin?")
    assert prompt.history == ()
    assert prompt.kwargs.max_tokens <= 100


async def test_a_question_that_the_model_repeats_is_searched_once() -> None:
    told = await rewritten("And in Berlin?", SAID, Saying("And in Berlin?"), Wish(), seconds=3)
    assert told is not None
    assert [(query.text, query.weight) for query in told.queries] == [("And in Berlin?", 1.0)]


@pytest.mark.parametrize("reply", ["", "   \n", "<think>I never come to an end", "x" * 5000])
async def test_what_is_no_question_is_not_taken_for_one(reply: str) -> None:
    assert await rewritten("And in Berlin?", SAID, Saying(reply), Wish(), seconds=3) is None


@pytest.mark.parametrize("model", [Silent(), Busy()], ids=["silent", "busy"])
async def test_a_model_that_does_not_answer_in_time_is_not_waited_for(model: Saying) -> None:
    assert await rewritten("And in Berlin?", SAID, model, Wish(), seconds=0.05) is None


async def test_a_model_that_is_asked_says_too_if_it_is_small_talk() -> None:
    model = Saying("TALK")
    told = await rewritten("haha, you are funny", SAID, model, Wish(talk=True), seconds=3)
    assert told is not None
    assert (told.is_talk, told.queries, told.usage) == (True, (), COST)
    assert TALK in model.prompts[0].system


async def test_a_model_that_is_not_asked_about_small_talk_rewrites_the_word() -> None:
    model = Saying("TALK")
    told = await rewritten("talk", SAID, model, Wish(), seconds=3)
    assert told is not None
    assert (told.is_talk, told.question) == (False, "TALK")
    assert TALK not in model.prompts[0].system


@pytest.mark.parametrize(
    ("question", "several"),
    [
        ("What is leave? And how is it asked for?", True),
        ("What is the difference between annual leave and parental leave in Berlin?", True),
        ("How many days of leave do I get?", False),
        ("research and development", False),
    ],
)
def test_only_questions_that_look_like_several_are_taken_apart(question: str, several: bool) -> None:
    assert has_parts(question) is several
