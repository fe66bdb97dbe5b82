"""accept() and stop(): what is taken in, and what is refused with which words."""

from uuid import uuid4

import pytest
from pydantic import ValidationError
from tests.unit.chat.house import ChatHouse

from kosha.chat.accept import stop, turn_named
from kosha.errors import Invalid, NotFound, Rejected
from kosha.model.turn import Ask
from kosha.model.user import Caller, User
from kosha.model.wire import StopData

BEN = Caller(user=User(id=str(uuid4()), name="ben"))


def named(ask: Ask, session_id: str | None = None) -> StopData:
    return StopData.model_validate({"session_id": session_id or ask.session_id, "message_id": ask.message_id})


def test_the_same_message_again_is_the_turn_that_is_there(chat: ChatHouse) -> None:
    first = chat.asked("How much leave?")
    again = chat.accepts("Something else?", session_id=first.session_id, message_id=first.message_id)
    assert again.ask == first


def test_a_question_without_an_id_is_given_one(chat: ChatHouse) -> None:
    ask = chat.asked(message_id=None)
    assert chat.turns.get(ask.key).ask == ask


@pytest.mark.parametrize("text", ["", "  \n ", "a\x00b", "half \ud800"])
def test_what_is_no_question_is_refused(chat: ChatHouse, text: str) -> None:
    with pytest.raises((Invalid, ValidationError)):
        chat.asked(text)


def test_a_question_of_20_000_characters_is_the_longest(chat: ChatHouse) -> None:
    assert chat.asked("x" * 20_000)
    with pytest.raises(ValidationError, match="20000"):
        chat.asked("x" * 20_001)


def test_another_users_workspace_and_session_are_not_found(chat: ChatHouse) -> None:
    workspace, ask = chat.has_workspace(), chat.asked()
    with pytest.raises(NotFound, match="workspace"):
        chat.asked(by=BEN, workspace_id=workspace.id)
    with pytest.raises(NotFound, match="session"):
        chat.asked(by=BEN, session_id=ask.session_id)


def test_an_unknown_model_is_refused_with_the_models_that_are_known(chat: ChatHouse) -> None:
    with pytest.raises(Rejected, match="test/scripted"):
        chat.asked(provider="openai", model_name="gpt-99")


def test_an_answer_cannot_be_answered(chat: ChatHouse) -> None:
    ask = chat.asked()
    with pytest.raises(NotFound):
        chat.asked(session_id=ask.session_id, regenerate_of=uuid4())


def test_a_turn_is_named_by_its_user_its_session_and_its_message(chat: ChatHouse) -> None:
    ask = chat.asked()
    assert turn_named(chat.ada, named(ask), chat).ask == ask
    with pytest.raises(NotFound):
        turn_named(chat.ada, named(ask, session_id=str(uuid4())), chat)
    with pytest.raises(NotFound):
        turn_named(BEN, named(ask), chat)


def test_only_who_asked_can_stop_the_answer(chat: ChatHouse) -> None:
    ask = chat.asked()
    with pytest.raises(NotFound):
        stop(BEN, named(ask), chat)
    assert not chat.turns.get(ask.key).stop_requested
    stop(chat.ada, named(ask), chat)
    assert chat.turns.get(ask.key).stop_requested
