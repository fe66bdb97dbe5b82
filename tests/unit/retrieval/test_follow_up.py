"""Questions that lean on what was said, and what is carried over to them without a model."""

import pytest

from kosha.model.prompt import Utterance
from kosha.retrieval.follow_up import ANSWER_CHARACTERS, carried, leaning

SAID = (
    Utterance(role="user", content="Hello"),
    Utterance(role="assistant", content="Hello."),
    Utterance(role="user", content="How many days of parental leave are there?"),
    Utterance(role="assistant", content="There are 30 days [1]. " + "More. " * 200),
)


@pytest.mark.parametrize(
    "question",
    [
        "How many days is it in Berlin after the first year?",
        "Who approves them when my manager is away?",
        "And in Berlin?",
        "What about the people who work in the night shift of the plant?",
        "Why?",
        "any awards",
        "What do you mean by that?",
        "Und wie lange gilt das?",
        "Wer genehmigt ihn, wenn der Vorgesetzte nicht da ist?",
        "¿Y en Berlín?",
        "それはいつまでですか、東京では",
        "那么在柏林的员工他们有多少天假期",
    ],
)
def test_what_points_back_or_says_hardly_anything_leans(question: str) -> None:
    assert leaning(question) == "leaning"


@pytest.mark.parametrize(
    "question",
    [
        "How many days of parental leave does a part-time employee get?",
        "Is it allowed to carry unused days of leave over to March?",
        "Which form must be signed before a trip abroad is booked?",
        "Wie viele Tage Elternzeit bekommen Angestellte in Teilzeit im ersten Jahr?",
        "¿Cuántos días de permiso parental recibe una empleada a tiempo parcial?",
        "東京事務所の育児休暇は何日間ですか",
    ],
)
def test_what_says_itself_what_it_is_about_stands_alone(question: str) -> None:
    assert leaning(question) == "alone"


@pytest.mark.parametrize(
    "question", ["Who approves travel?", "What is overtime?", "Wer genehmigt Reisen?", "¿Quién paga viajes?"]
)
def test_three_words_that_are_a_whole_question_are_not_answered_with_what_was_said_before(question: str) -> None:
    assert leaning(question) == "alone"


@pytest.mark.parametrize(
    "question", ["Who pays?", "What about travel?", "When is that?", "Who approves them?", "travel"]
)
def test_three_words_that_are_none_lean(question: str) -> None:
    assert leaning(question) == "leaning"


@pytest.mark.parametrize("question", ["How to hire a good lawyer", "How far is the moon?", "Wie weit ist der Mond?"])
def test_a_short_sentence_costs_no_further_searches(question: str) -> None:
    assert leaning(question) == "alone"


def test_whether_there_is_something_on_a_short_sentence_is_judged_by_its_own_words() -> None:
    assert [query.judged for query in carried("How far is the moon?", SAID)] == [True, False, False]
    assert all(query.judged for query in carried("And in Berlin?", SAID))


def test_the_last_question_and_its_answer_are_carried_over_beside_the_question_itself() -> None:
    plain, with_question, with_answer = carried("And in Berlin?", SAID)
    assert (plain.text, plain.weight) == ("And in Berlin?", 1)
    assert with_question.text == "How many days of parental leave are there? And in Berlin?"
    assert "There are 30 days" in with_answer.text
    assert len(with_answer.text) < ANSWER_CHARACTERS + 100
    assert max(with_question.weight, with_answer.weight) < 1


@pytest.mark.parametrize("said", [(), (Utterance(role="assistant", content="Hello."),)])
def test_where_nothing_was_asked_nothing_is_carried_over(said: tuple[Utterance, ...]) -> None:
    assert [query.text for query in carried("And in Berlin?", said)] == ["And in Berlin?"]
