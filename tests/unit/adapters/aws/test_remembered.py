"""How long an answer is good, with and without somebody to ask."""

import pytest
from tests.house.clock import Clock

from kosha.adapters.aws import remembered
from kosha.adapters.aws.remembered import Remembered
from kosha.errors import NotFound, Unavailable


class Service:
    """Answers with the number of the question."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.error: Exception | None = None

    def __call__(self, key: str) -> str:
        self.asked.append(key)
        if self.error:
            raise self.error
        return f"{key} {len(self.asked)}"


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def answers(service: Service, clock: Clock) -> Remembered[str]:
    return Remembered(service, fresh_seconds=30, usable_seconds=60, clock=clock)


def test_a_question_is_asked_again_when_its_answer_is_old(answers: Remembered[str], clock: Clock) -> None:
    assert [answers.get("a"), answers.get("a"), answers.get("b")] == ["a 1", "a 1", "b 2"]
    clock.pass_seconds(29)
    assert answers.get("a") == "a 1"
    clock.pass_seconds(1)
    assert answers.get("a") == "a 3"


def test_an_old_answer_holds_a_little_while_nobody_answers(
    answers: Remembered[str], service: Service, clock: Clock
) -> None:
    answers.get("a")
    service.error = Unavailable("busy")
    clock.pass_seconds(59)
    assert answers.get("a") == "a 1"
    clock.pass_seconds(1)
    with pytest.raises(Unavailable):
        answers.get("a")


def test_only_silence_keeps_an_old_answer(answers: Remembered[str], service: Service, clock: Clock) -> None:
    answers.get("a")
    service.error = NotFound("user", "a")
    clock.pass_seconds(30)
    with pytest.raises(NotFound):
        answers.get("a")


def test_a_fault_is_not_remembered(answers: Remembered[str], service: Service) -> None:
    service.error = Unavailable("busy")
    with pytest.raises(Unavailable):
        answers.get("a")
    service.error = None
    assert answers.get("a") == "a 2"


def test_a_fresh_answer_can_be_asked_for(answers: Remembered[str]) -> None:
    answers.get("a")
    assert answers.refresh("a") == "a 2"
    assert answers.get("a") == "a 2"


def test_the_oldest_answers_make_room(
    answers: Remembered[str], service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered, "_MOST", 2)
    for key in ("a", "b", "c", "b", "c", "a"):
        answers.get(key)
    assert service.asked == ["a", "b", "c", "a"]
