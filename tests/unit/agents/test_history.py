"""A conversation as LangChain's message history: kept as any other, and nobody else's."""

from uuid import uuid4

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from tests.unit.chat.house import ChatHouse

from kosha.agents import SessionHistory
from kosha.errors import NotFound, Rejected
from kosha.model.page import PageOf
from kosha.model.user import Caller, User

BOB = Caller(user=User(id=str(uuid4()), name="bob"))


@pytest.fixture
def history(chat: ChatHouse) -> SessionHistory:
    return SessionHistory(chat.ada, str(uuid4()), chat)


def said(history: SessionHistory) -> list[tuple[str, str]]:
    return [(message.type, str(message.text)) for message in history.messages]


def test_a_new_conversation_is_empty(history: SessionHistory) -> None:
    assert said(history) == []


def test_questions_and_answers_come_back_in_their_order(history: SessionHistory) -> None:
    history.add_messages([HumanMessage(content="How much leave?"), AIMessage(content="25 days.")])
    history.add_messages([HumanMessage(content="And overtime?"), AIMessage(content="Paid.")])
    assert said(history) == [
        ("human", "How much leave?"),
        ("ai", "25 days."),
        ("human", "And overtime?"),
        ("ai", "Paid."),
    ]


def test_what_a_graph_said_stands_in_the_persons_list_of_chats(chat: ChatHouse) -> None:
    session_id = str(uuid4())
    answer = AIMessage(
        content="25 days.",
        response_metadata={"model_provider": "openai", "model_name": "mini"},
        usage_metadata={"input_tokens": 7, "output_tokens": 5, "total_tokens": 12},
    )
    SessionHistory(chat.ada, session_id, chat).add_messages([HumanMessage(content="How much leave?"), answer])
    [session] = chat.sessions.of(chat.ada.user.id, PageOf(10)).items
    assert (session.id, session.title) == (session_id, "How much leave?")
    question, kept = chat.sessions.messages(chat.ada.user.id, session_id)
    assert (kept.parent_id, kept.metadata["modelId"]) == (question.id, "mini")
    assert kept.metadata["usage"]["outputTokens"] == 5
    assert chat.turns.unfinished() == []


def test_a_question_waits_for_its_answer(chat: ChatHouse, history: SessionHistory) -> None:
    history.add_user_message("How much leave?")
    assert said(history) == [("human", "How much leave?")]
    assert chat.sessions.of(chat.ada.user.id, PageOf(10)).items == []
    history.add_ai_message("25 days.")
    assert said(history) == [("human", "How much leave?"), ("ai", "25 days.")]


def test_what_systems_and_tools_say_is_not_kept(history: SessionHistory) -> None:
    calls = AIMessage(content="", tool_calls=[{"name": "search", "args": {}, "id": "1"}])
    history.add_messages([SystemMessage(content="S"), HumanMessage(content="Q"), calls, AIMessage(content="A")])
    assert said(history) == [("human", "Q"), ("ai", "A")]


def test_an_answer_without_a_question_is_refused(history: SessionHistory) -> None:
    with pytest.raises(Rejected, match="before its question"):
        history.add_ai_message("25 days.")


def test_only_what_fits_the_budget_is_read(chat: ChatHouse) -> None:
    history = SessionHistory(chat.ada, str(uuid4()), chat, budget_tokens=20)
    for number in range(20):
        history.add_messages([HumanMessage(content=f"Question {number}"), AIMessage(content=f"Answer {number}")])
    assert 0 < len(said(history)) < 10
    assert said(history)[-1] == ("ai", "Answer 19")


def test_cleared_it_is_empty_and_may_be_cleared_again(history: SessionHistory) -> None:
    history.add_messages([HumanMessage(content="Q"), AIMessage(content="A")])
    history.clear()
    history.clear()
    assert said(history) == []


def test_somebody_elses_conversation_is_not_there(chat: ChatHouse) -> None:
    session_id = str(uuid4())
    SessionHistory(chat.ada, session_id, chat).add_messages([HumanMessage(content="Q"), AIMessage(content="A")])
    bobs = SessionHistory(BOB, session_id, chat)
    assert said(bobs) == []
    with pytest.raises(NotFound):
        bobs.add_messages([HumanMessage(content="Q"), AIMessage(content="A")])
    bobs.clear()
    assert len(said(SessionHistory(chat.ada, session_id, chat))) == 2


def test_without_a_grant_of_its_workspace_nothing_is_read_or_kept(chat: ChatHouse) -> None:
    history = SessionHistory(BOB, str(uuid4()), chat, workspace_id=chat.has_workspace().id)
    for act in (lambda: history.messages, lambda: history.add_user_message("Q"), history.clear):
        with pytest.raises(NotFound):
            act()
