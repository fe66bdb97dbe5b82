"""One question, one answer: over the socket, its replays and its end."""

import asyncio
import re
import time
from uuid import uuid4

import pytest
from tests.acceptance.client import PATIENCE, User, final_of, said, tokens_of, until
from tests.acceptance.conftest import Library
from tests.acceptance.slow_model import SlowModel
from tests.acceptance.target import Target

SLOW = {"provider": "openai", "modelName": "slow"}
STOP_SECONDS = 1.0  # promised of every target, so no PATIENCE is in it
QUESTION = "How many days of annual leave are there?"


@pytest.fixture
def slow_model(target: Target) -> SlowModel:
    """Only our own target has a model that can be watched."""
    if target.slow_model is None:
        pytest.skip("a product we did not start: KOSHA_TEST_MODEL_PORT names where it looks for one")
    return target.slow_model


async def test_an_answer_streams_without_a_gap_and_ends_as_it_was_said(ben: User, library: Library) -> None:
    frames = await ben.ask(QUESTION, library.id)
    assert frames[0]["action"] == "accepted"
    assert all(frame["type"] == "text" and frame["timestamp"] for frame in frames)
    tokens, final = tokens_of(frames), final_of(frames)
    assert [token["sequenceNumber"] for token in tokens] == list(range(len(tokens)))
    assert final["content"] == said(frames)
    assert "25 days" in final["content"]
    assert final["stopReason"] == "end"
    metadata = final["metadata"]
    assert metadata["workspaceId"] == library.id
    assert {"queue", "history", "embed", "search", "rerank", "firstToken", "total"} <= metadata["timingsMs"].keys()
    assert metadata["usage"]["outputTokens"] > 0
    assert metadata["traceId"]


async def test_every_marker_resolves_to_a_passage_that_holds_its_quote(ben: User, library: Library) -> None:
    for question in (QUESTION, "Who books train tickets?", "Who repairs the coffee machine?"):
        final = final_of(await ben.ask(question, library.id))
        citations = {one["marker"]: one for one in final["metadata"]["citations"]}
        markers = {int(marker) for marker in re.findall(r"\[(\d+)\]", final["content"])}
        assert markers, final["content"]
        assert markers == citations.keys()
        passages = {hit["chunkId"]: hit for hit in final["metadata"]["documents"]}
        for citation in citations.values():
            passage = passages[citation["chunkId"]]
            assert citation["title"] == passage["title"]
            assert citation["quote"]
            assert citation["quote"] in passage["content"] + "\n" + passage.get("contentComplement", "")
            path = f"workspaces/{library.id}/documents/{citation['documentId']}/chunks"
            assert citation["chunkId"] in [chunk["chunkId"] for chunk in (await ben.get(path)).items]


async def test_what_the_documents_do_not_say_is_not_made_up(ben: User, library: Library) -> None:
    final = final_of(await ben.ask("What is the boiling point of tungsten?", library.id))
    assert final["metadata"]["citations"] == []


async def test_the_same_question_again_replays_and_runs_nothing(ben: User, library: Library) -> None:
    session_id, message_id = str(uuid4()), str(uuid4())
    ids = {"sessionId": session_id, "messageId": message_id}
    first = await ben.ask(QUESTION, library.id, **ids)
    again = await ben.ask(QUESTION, library.id, **ids)
    assert tokens_of(again) == tokens_of(first)
    assert final_of(again) == final_of(first)
    messages = (await ben.get(f"sessions/{session_id}")).body["messages"]
    assert [message["role"] for message in messages] == ["user", "assistant"]


async def test_ten_at_once_are_one_question(ben: User, library: Library) -> None:
    ids = {"sessionId": str(uuid4()), "messageId": str(uuid4())}
    answers = await asyncio.gather(*(ben.ask(QUESTION, library.id, **ids) for _ in range(10)))
    assert len({final_of(frames)["answerId"] for frames in answers}) == 1
    for frames in answers:
        assert [token["sequenceNumber"] for token in tokens_of(frames)] == list(range(len(tokens_of(frames))))


async def test_a_message_id_belongs_to_one_session(ben: User, library: Library) -> None:
    message_id = str(uuid4())
    await ben.ask(QUESTION, library.id, messageId=message_id)
    [error] = await ben.ask(QUESTION, library.id, messageId=message_id)
    assert (error["action"], error["data"]["code"]) == ("error", "bad_request")


async def test_a_question_without_an_id_is_given_one(ben: User, library: Library) -> None:
    async with ben.socket() as socket:
        await socket.run(QUESTION, workspaceId=library.id, messageId=None)
        accepted = await socket.next()
        assert accepted["action"] == "accepted"
        final_of(await socket.until_end(accepted["data"]["messageId"]))


@pytest.mark.usefixtures("slow_model")
async def test_another_connection_resumes_without_a_gap_or_a_repeat(ben: User) -> None:
    ids = {"sessionId": str(uuid4()), "messageId": str(uuid4())}
    async with ben.socket() as socket:
        await socket.run("Count slowly.", **ids, **SLOW)
        before = tokens_of(await socket.until_tokens(ids["messageId"], 3))
    last = before[-1]["sequenceNumber"]
    async with ben.socket() as socket:
        await socket.send("resume", **ids, afterSequence=last)
        frames = await socket.until_end(ids["messageId"])
    after = tokens_of(frames)
    assert [token["sequenceNumber"] for token in after] == list(range(last + 1, last + 1 + len(after)))
    assert final_of(frames)["content"] == "".join(token["value"] for token in before + after)
    async with ben.socket() as socket:
        await socket.send("resume", **ids, afterSequence=-1)
        whole = await socket.until_end(ids["messageId"])
    assert tokens_of(whole) == before + after
    assert final_of(whole) == final_of(frames)


@pytest.mark.usefixtures("slow_model")
async def test_two_sockets_of_one_user_see_the_same_stream(ben: User) -> None:
    async with ben.socket() as asking, ben.socket() as watching:
        message_id = await asking.run("Count for two.", **SLOW)
        asked, watched = await asyncio.gather(asking.until_end(message_id), watching.until_end(message_id))
    assert tokens_of(watched) == tokens_of(asked)
    assert final_of(watched) == final_of(asked)


async def test_stop_ends_the_answer_and_the_providers_call_within_a_second(ben: User, slow_model: SlowModel) -> None:
    question = f"Count until {uuid4()}."
    ids = {"sessionId": str(uuid4()), "messageId": str(uuid4())}
    await ben.ask("Is everybody awake?")  # a function that starts for the first time is another matter
    async with ben.socket() as socket:
        await socket.run(question, **ids, **SLOW)
        frames = await socket.until_tokens(ids["messageId"], 2)
        stopped_at = time.monotonic()
        await socket.send("stop", **ids)
        frames += await socket.until_end(ids["messageId"])
        ended_at = time.monotonic()
    async with asyncio.timeout(PATIENCE):
        await until(lambda: any(question in asked for asked in slow_model.cancelled))
    [cancelled_at] = [at for asked, at in slow_model.cancelled.items() if question in asked]
    assert cancelled_at - stopped_at < STOP_SECONDS
    assert ended_at - stopped_at < 1.5 * STOP_SECONDS
    final = final_of(frames)
    assert final["stopReason"] == "stopped"
    assert final["content"] == said(frames) != ""
    kept = (await ben.get(f"sessions/{ids['sessionId']}")).body["messages"]
    assert kept[-1]["content"] == final["content"]


async def test_regenerating_keeps_both_answers(ben: User, library: Library) -> None:
    session_id, question_id = str(uuid4()), str(uuid4())
    first = final_of(await ben.ask(QUESTION, library.id, sessionId=session_id, messageId=question_id))
    second = final_of(await ben.ask("", library.id, sessionId=session_id, regenerateOf=question_id))
    assert second["answerId"] != first["answerId"]
    messages = (await ben.get(f"sessions/{session_id}")).body["messages"]
    answers = [message for message in messages if message["role"] == "assistant"]
    assert [message["role"] for message in messages].count("user") == 1
    assert [(one["id"], one["parentId"], one["version"]) for one in answers] == [
        (first["answerId"], question_id, 1),
        (second["answerId"], question_id, 2),
    ]


async def test_a_branch_stands_beside_its_question(ben: User, library: Library) -> None:
    session_id, question_id = str(uuid4()), str(uuid4())
    await ben.ask(QUESTION, library.id, sessionId=session_id, messageId=question_id)
    branch_id = str(uuid4())
    branch = {"sessionId": session_id, "messageId": branch_id, "branchFrom": question_id}
    final_of(await ben.ask("Who books train tickets?", library.id, **branch))
    messages = {one["id"]: one for one in (await ben.get(f"sessions/{session_id}")).body["messages"]}
    assert messages[branch_id].get("parentId") == messages[question_id].get("parentId")


async def test_an_answer_without_streaming_has_the_same_end(ben: User, library: Library) -> None:
    frames = await ben.ask(QUESTION, library.id, modelKwargs={"streaming": False})
    assert final_of(frames)["content"] == said(frames) != ""


async def test_fields_of_older_clients_are_let_pass(ben: User, library: Library) -> None:
    final_of(await ben.ask(QUESTION, library.id, modelInterface="langchain", files=[]))
