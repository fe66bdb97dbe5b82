"""A workspace as a LangChain retriever: its passages, for those who may read it."""

import asyncio
from uuid import uuid4

import pytest
from tests.unit.chat.house import ChatHouse

from kosha.agents import WorkspaceRetriever
from kosha.errors import NotFound
from kosha.model.user import Caller, User
from kosha.model.workspace import Workspace


def retriever(
    chat: ChatHouse, workspace: Workspace, caller: Caller | None = None, **more: object
) -> WorkspaceRetriever:
    return WorkspaceRetriever(caller=caller or chat.ada, workspace_id=workspace.id, ports=chat, **more)


def test_passages_come_as_documents_with_where_they_stand(chat: ChatHouse) -> None:
    workspace = chat.has_workspace()
    document = chat.has_document(workspace, "Leave is 25 days a year.", "The office closes at six.")
    found, *_ = retriever(chat, workspace).invoke("days of leave")
    assert found.page_content == "Leave is 25 days a year."
    assert (found.metadata["document_id"], found.metadata["title"]) == (document.id, "Leave")
    assert 0 < found.metadata["score"] <= 1
    assert found.id


def test_of_a_question_and_answer_pair_the_answer_is_given(chat: ChatHouse) -> None:
    workspace = chat.has_workspace()
    chat.has_document(workspace, "How much leave?", complement="25 days.")
    [found] = retriever(chat, workspace).invoke("leave")
    assert (found.page_content, found.metadata["question"]) == ("25 days.", "How much leave?")


def test_it_can_be_awaited(chat: ChatHouse) -> None:
    workspace = chat.has_workspace()
    chat.has_document(workspace, "Leave is 25 days a year.")
    assert len(asyncio.run(retriever(chat, workspace).ainvoke("leave"))) == 1


def test_no_more_than_the_limit_come(chat: ChatHouse) -> None:
    workspace = chat.has_workspace()
    chat.has_document(workspace, *(f"Leave rule {number}." for number in range(5)))
    assert len(retriever(chat, workspace, limit=2).invoke("leave")) == 2


@pytest.mark.parametrize("roles", [("user",), ("manager",)])
def test_who_has_no_grant_finds_no_such_workspace(chat: ChatHouse, roles: tuple[str, ...]) -> None:
    workspace = chat.has_workspace()
    chat.has_document(workspace, "Leave is 25 days a year.")
    bob = Caller(user=User.model_validate({"id": str(uuid4()), "name": "bob", "roles": roles}))
    with pytest.raises(NotFound):
        retriever(chat, workspace, bob).invoke("leave")
