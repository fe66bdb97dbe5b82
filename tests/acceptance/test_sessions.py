"""Conversations and what people say about answers."""

from uuid import uuid4

import pytest
from tests.acceptance.client import User, final_of
from tests.acceptance.conftest import Library


@pytest.fixture
async def said(ben: User, library: Library) -> dict[str, str]:
    """The ids of a question, its answer and its session."""
    ids = {"sessionId": str(uuid4()), "messageId": str(uuid4())}
    final = final_of(await ben.ask("How many days of annual leave are there?", library.id, **ids))
    return {**ids, "answerId": final["answerId"], "content": final["content"]}


async def test_a_conversation_is_kept_with_its_messages(ben: User, library: Library, said: dict[str, str]) -> None:
    session = (await ben.get(f"sessions/{said['sessionId']}")).body
    assert session["workspaceId"] == library.id
    assert session["title"]
    question, answer = session["messages"]
    assert (question["id"], question["role"]) == (said["messageId"], "user")
    assert question["content"] == "How many days of annual leave are there?"
    assert (answer["id"], answer["parentId"], answer["role"]) == (said["answerId"], said["messageId"], "assistant")
    assert answer["content"] == said["content"]
    assert answer["metadata"]["citations"]


async def test_the_list_has_the_latest_first_and_no_messages(ben: User, said: dict[str, str]) -> None:
    first = (await ben.get("sessions")).items[0]
    assert first["id"] == said["sessionId"]
    assert not first.get("messages")


async def test_a_word_finds_its_conversation(ben: User) -> None:
    word = f"zebra{uuid4().hex[:8]}"
    session_id = str(uuid4())
    await ben.ask(f"What about the {word}?", sessionId=session_id)
    assert [one["id"] for one in (await ben.get("sessions", query=word)).items] == [session_id]
    assert (await ben.get("sessions", query=f"{word}x")).items == []


async def test_a_conversation_is_renamed(ben: User, said: dict[str, str]) -> None:
    path = f"sessions/{said['sessionId']}"
    assert (await ben.patch(path, {"title": "About leave"})).status == 200
    assert (await ben.get(path)).body["title"] == "About leave"
    assert (await ben.patch(path, {"owner": "eve"})).status == 422


async def test_a_deleted_conversation_is_gone(ben: User, said: dict[str, str]) -> None:
    assert (await ben.delete(f"sessions/{said['sessionId']}")).status in (200, 204)
    assert (await ben.get(f"sessions/{said['sessionId']}")).status == 404
    async with ben.socket() as socket:
        await socket.send("resume", sessionId=said["sessionId"], messageId=said["messageId"], afterSequence=-1)
        assert (await socket.next())["data"]["code"] == "not_found"


async def test_deleting_all_leaves_those_of_others(ben: User, eve: User, said: dict[str, str]) -> None:
    await eve.ask("Hello?")
    assert (await eve.delete("sessions")).status in (200, 204)
    assert (await eve.get("sessions")).items == []
    assert (await ben.get(f"sessions/{said['sessionId']}")).status == 200


async def test_a_conversation_of_another_is_not_there(eve: User, admin: User, said: dict[str, str]) -> None:
    path = f"sessions/{said['sessionId']}"
    for user in (eve, admin):
        assert (await user.get(path)).status == 404
        assert (await user.patch(path, {"title": "Mine"})).status == 404
        assert (await user.delete(path)).status == 404


async def test_a_word_on_an_answer_is_kept(ben: User, said: dict[str, str]) -> None:
    ids = {name: said[name] for name in ("sessionId", "messageId", "answerId")}
    good = await ben.post("feedback", {**ids, "score": 1, "categories": ["helpful"], "comment": "Thank you."})
    assert good.status == 201, good.text
    assert (await ben.post("feedback", {**ids, "score": -1})).status == 201


async def test_a_word_that_makes_no_sense_is_refused(ben: User, eve: User, said: dict[str, str]) -> None:
    ids = {name: said[name] for name in ("sessionId", "messageId")}
    assert (await ben.post("feedback", {**ids, "score": 2})).status == 422
    assert (await ben.post("feedback", {**ids, "score": 1, "surprise": 1})).status == 422
    assert (await eve.post("feedback", {**ids, "score": 1})).status == 404


async def test_a_deleted_document_is_erased_from_what_was_said(ada: User, workspace: str) -> None:
    document = await ada.text(workspace, "Secret", "The vault opens with the number 4711 and nothing else.")
    session_id = str(uuid4())
    final = final_of(await ada.ask("Which number opens the vault?", workspace, sessionId=session_id))
    assert final["metadata"]["citations"]
    assert (await ada.delete(f"workspaces/{workspace}/documents/{document['id']}")).status in (200, 202, 204)
    metadata = (await ada.get(f"sessions/{session_id}")).body["messages"][-1]["metadata"]
    for told in (*metadata["citations"], *metadata["documents"]):
        assert told["deleted"] is True
        assert told["title"] == "Secret"
        assert "4711" not in str(told)
