"""`GET /api/stream/{messageId}`: an answer as server-sent events, resumed by number, closed after its end."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from tests.acceptance.client import final_of, said, tokens_of
from tests.doors.chat_server import ChatServer, chat_server, ids
from tests.house.machine import Machine
from tests.unit.chat.house import silence

from kosha.chat.accept import accept
from kosha.model.wire import RunData


class Event(NamedTuple):
    """One event as EventSource would see it; a comment has neither."""

    id: str | None
    frame: dict[str, Any] | None


@pytest.fixture
async def server(machine: Machine) -> AsyncIterator[ChatServer]:
    async with chat_server(machine) as server:
        yield server


async def asked(server: ChatServer, text: str = "How much leave?") -> str:
    """The message id of a question that came over REST."""
    run = RunData.model_validate({**ids(), "text": text})
    await asyncio.to_thread(accept, server.ada, run, server.ports)
    return str(run.message_id)


async def events(reply: Any) -> AsyncIterator[Event]:
    """The events of a reply, to its end."""
    assert reply.status == 200, await reply.text()
    assert reply.headers["Content-Type"].startswith("text/event-stream")
    assert reply.headers["Cache-Control"] == "no-store"
    buffer = ""
    async with asyncio.timeout(10):
        async for block in reply.content.iter_any():
            *whole, buffer = (buffer + block.decode()).split("\n\n")
            for event in whole:
                fields = dict(line.split(": ", 1) for line in event.split("\n"))
                yield Event(fields.get("id"), json.loads(fields["data"]) if "data" in fields else None)
    assert buffer == ""


async def all_frames(reply: Any) -> list[dict[str, Any]]:
    """Every frame; a token frame's id is its number, and no other has one."""
    frames: list[dict[str, Any]] = []
    async for event in events(reply):
        assert event.frame is not None
        token = event.frame["data"].get("token")
        assert event.id == (str(token["sequenceNumber"]) if token else None)
        frames.append(event.frame)
    return frames


async def test_an_answer_is_streamed_to_its_end_and_the_reply_ends_with_it(server: ChatServer) -> None:
    server.model.will_say("25 ", "days.")
    async with server.stream(await asked(server)) as reply:
        frames = await all_frames(reply)
    assert final_of(frames)["content"] == said(frames) == "25 days."


async def test_an_answer_that_has_ended_is_told_again(server: ChatServer) -> None:
    message_id = await asked(server)
    async with server.stream(message_id) as reply:
        live = await all_frames(reply)
    async with server.stream(message_id) as reply:
        again = await all_frames(reply)
    assert tokens_of(again) == tokens_of(live)
    assert final_of(again) == final_of(live)


@pytest.mark.parametrize("by", ["header", "query"])
async def test_a_stream_goes_on_after_the_last_event_that_was_seen(server: ChatServer, by: str) -> None:
    server.model.will_say("one ", server.go.wait, "two")
    message_id = await asked(server)
    async with server.stream(message_id) as reply:
        first = await anext(aiter(events(reply)))
    assert first.id == "0"
    server.go.set()
    headers = {"Last-Event-ID": "0"} if by == "header" else {}
    query = {"after": "0"} if by == "query" else {}
    async with server.stream(message_id, headers=headers, **query) as reply:
        frames = await all_frames(reply)
    assert [token["sequenceNumber"] for token in tokens_of(frames)] == list(range(1, len(tokens_of(frames)) + 1))
    assert final_of(frames)["content"] == "one two"


async def test_a_token_in_the_query_signs_in_where_headers_cannot_be_set(server: ChatServer) -> None:
    async with server.stream(await asked(server), token=server.token()) as reply:
        assert final_of(await all_frames(reply))["content"] == "25 days [1]."


async def test_nobody_is_refused_with_a_problem(server: ChatServer) -> None:
    message_id = await asked(server)
    for query in ({"token": ""}, {"token": "nonsense"}):
        async with server.stream(message_id, **query) as reply:
            assert (reply.status, reply.content_type) == (401, "application/problem+json")


async def test_another_persons_answer_is_not_found(server: ChatServer) -> None:
    message_id = await asked(server)
    other = server.token(server.machine.person())
    for id, token in ((message_id, other), (str(uuid4()), server.token()), ("no-uuid", server.token())):
        async with server.stream(id, token=token) as reply:
            assert reply.status == 404
            assert (await reply.json(content_type=None))["title"] == "Not Found"


async def test_a_place_that_is_no_number_is_refused(server: ChatServer) -> None:
    async with server.stream(await asked(server), after="here") as reply:
        assert reply.status == 422
        assert "'here'" in (await reply.json(content_type=None))["detail"]


async def test_a_silent_stream_shows_that_it_lives(machine: Machine) -> None:
    async with chat_server(machine, silence_seconds=0.1) as server:
        server.model.will_say(server.go.wait, "25 days.")
        async with server.stream(await asked(server)) as reply:
            coming = events(reply)
            assert await anext(coming) == Event(None, None)
            server.go.set()
            frames = [event.frame async for event in coming if event.frame]
        assert final_of(frames)["content"] == "25 days."


async def test_a_revoked_user_who_only_listens_is_put_out(machine: Machine) -> None:
    async with chat_server(machine, silence_seconds=0.1, check_seconds=0.2) as server:
        server.model.will_say("half", silence)
        async with server.stream(await asked(server)) as reply:
            coming = events(reply)
            while (await anext(coming)).frame is None:
                continue
            server.ports.users.remove(server.ada.user.id)
            assert [event async for event in coming if event.frame and event.frame["action"] == "final_response"] == []


async def test_a_listener_that_leaves_does_not_stop_the_answer(server: ChatServer) -> None:
    server.model.will_say("one ", server.go.wait, "two")
    message_id = await asked(server)
    async with server.stream(message_id) as reply:
        await anext(aiter(events(reply)))
    server.go.set()
    async with server.stream(message_id) as reply:
        assert final_of(await all_frames(reply))["content"] == "one two"
