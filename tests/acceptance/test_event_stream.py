"""Asking over REST and reading the answer as server-sent events."""

import asyncio
import json
from uuid import uuid4

import aiohttp
import pytest
from tests.acceptance.client import WAIT_SECONDS, Frame, User, final_of, said, tokens_of
from tests.acceptance.conftest import Library


class Events:
    """The frames of one event stream and the ids they came with."""

    def __init__(self, text: str) -> None:
        self.frames: list[Frame] = []
        self.ids: list[int | None] = []
        for event in text.replace("\r\n", "\n").split("\n\n"):
            fields = [line.partition(":") for line in event.splitlines() if line and not line.startswith(":")]
            data = "\n".join(value.removeprefix(" ") for name, _, value in fields if name == "data")
            if data:
                self.frames.append(json.loads(data))
                told = [int(value) for name, _, value in fields if name == "id"]
                self.ids.append(told[0] if told else None)


async def read(user: User, message_id: str, http: aiohttp.ClientSession, **headers: str) -> Events:
    """The whole stream; it must end by itself."""
    told = {
        "Authorization": f"Bearer {user.token}",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    async with asyncio.timeout(WAIT_SECONDS), http.get(f"{user.url}/api/stream/{message_id}", headers=told) as reply:
        assert reply.status == 200, await reply.text()
        assert reply.content_type == "text/event-stream"
        return Events(await reply.text())


@pytest.fixture
async def asked(ben: User, library: Library) -> str:
    """The message id of a question asked over REST."""
    ids = {"sessionId": str(uuid4()), "messageId": str(uuid4())}
    body = {**ids, "text": "How many days of annual leave are there?", "mode": "chain", "workspaceId": library.id}
    reply = await ben.post("chat", body)
    assert reply.status == 202, reply.text
    assert reply.body == ids
    return ids["messageId"]


async def test_the_answer_is_read_to_its_end(ben: User, asked: str, http: aiohttp.ClientSession) -> None:
    events = await read(ben, asked, http)
    tokens = tokens_of(events.frames)
    assert [token["sequenceNumber"] for token in tokens] == list(range(len(tokens)))
    assert final_of(events.frames)["content"] == said(events.frames) != ""
    for frame, number in zip(events.frames, events.ids, strict=True):
        is_token = frame["action"] == "llm_new_token"
        assert number == (frame["data"]["token"]["sequenceNumber"] if is_token else None)


async def test_last_event_id_resumes(ben: User, asked: str, http: aiohttp.ClientSession) -> None:
    whole = await read(ben, asked, http)
    rest = await read(ben, asked, http, Last_Event_ID="0")
    assert tokens_of(rest.frames) == tokens_of(whole.frames)[1:]
    assert final_of(rest.frames) == final_of(whole.frames)


async def test_a_browser_sends_its_token_and_place_in_the_address(
    ben: User, asked: str, http: aiohttp.ClientSession
) -> None:
    await read(ben, asked, http)
    query = {"token": ben.token, "after": "0"}
    async with http.get(f"{ben.url}/api/stream/{asked}", params=query) as reply:
        assert reply.status == 200
        assert tokens_of(Events(await reply.text()).frames)[0]["sequenceNumber"] == 1


async def test_the_socket_and_the_stream_tell_the_same(ben: User, asked: str, http: aiohttp.ClientSession) -> None:
    events = await read(ben, asked, http)
    session_id = final_of(events.frames)["sessionId"]
    async with ben.socket() as socket:
        await socket.send("resume", sessionId=session_id, messageId=asked, afterSequence=-1)
        frames = await socket.until_end(asked)
    assert tokens_of(frames) == tokens_of(events.frames)
    assert final_of(frames) == final_of(events.frames)


async def test_a_stream_of_another_user_is_404(eve: User, asked: str) -> None:
    assert (await eve.get(f"stream/{asked}")).status == 404


async def test_a_question_with_an_unknown_field_is_422(ben: User) -> None:
    body = {"sessionId": str(uuid4()), "messageId": str(uuid4()), "text": "Hello?", "mode": "chain", "surprise": 1}
    assert (await ben.post("chat", body)).status == 422
