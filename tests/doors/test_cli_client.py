"""The client of the command line on a connection that breaks."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import web

from kosha_local.client import Client, Frame, Refused, Unreachable

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
MESSAGE_ID = str(uuid4())
QUESTION = {"sessionId": str(uuid4()), "messageId": MESSAGE_ID, "text": "Hello?", "mode": "chain"}


@asynccontextmanager
async def serving(path: str, handler: Handler, method: str = "GET") -> AsyncIterator[str]:
    """A server that answers one path."""
    app = web.Application()
    app.router.add_route(method, path, handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def frame(action: str, **data: Any) -> Frame:
    """A frame of the server."""
    return {"type": "text", "action": action, "timestamp": "", "data": {"messageId": MESSAGE_ID, **data}}


def token(number: int, run_id: str = "r") -> Frame:
    """The token frame of that number."""
    return frame("llm_new_token", token={"runId": run_id, "sequenceNumber": number, "value": f"{number} "})


class Script:
    """A socket that plays one list of frames a connection, then closes; notes what it was sent."""

    def __init__(self, *connections: list[Frame]) -> None:
        self.connections = list(connections)
        self.received: list[dict[str, Any]] = []

    async def play(self, request: web.Request) -> web.WebSocketResponse:
        """One connection."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.received.append(await socket.receive_json())
        for each in self.connections.pop(0):
            await socket.send_json(each)
        await socket.close()
        return socket


async def read(url: str, **options: Any) -> list[Frame]:
    """The whole answer."""
    async with Client(url, "token", **options) as client, aclosing(client.ask(QUESTION)) as frames:
        return [each async for each in frames]


async def test_a_broken_connection_is_resumed_without_a_gap_or_a_repeat() -> None:
    script = Script(
        [frame("accepted"), token(0), token(1)],
        [token(1), token(2)],
        [token(3), frame("final_response", content="0 1 2 3 ")],
    )
    async with serving("/socket", script.play) as url:
        frames = await read(url)
    numbers = [each["data"]["token"]["sequenceNumber"] for each in frames if each["action"] == "llm_new_token"]
    assert numbers == [0, 1, 2, 3]
    assert frames[-1]["action"] == "final_response"
    assert [each["action"] for each in script.received] == ["run", "resume", "resume"]
    assert [each["data"]["afterSequence"] for each in script.received[1:]] == [1, 2]


async def test_a_question_that_was_not_accepted_is_sent_again_under_the_same_id() -> None:
    script = Script([], [frame("accepted"), frame("final_response", content="")])
    async with serving("/socket", script.play) as url:
        await read(url)
    assert [(each["action"], each["data"]["messageId"]) for each in script.received] == [("run", MESSAGE_ID)] * 2


async def test_a_question_that_cannot_be_stored_at_the_moment_is_asked_again() -> None:
    away = frame("error", code="internal", content="The database is being restarted.", retryable=True)
    script = Script([away], [frame("accepted"), frame("final_response", content="")])
    async with serving("/socket", script.play) as url:
        frames = await read(url)
    assert [each["action"] for each in frames] == ["accepted", "final_response"]


async def test_a_gap_in_the_numbers_is_fetched_again() -> None:
    script = Script([frame("accepted"), token(0), token(2)], [token(1), token(2), frame("final_response", content="")])
    async with serving("/socket", script.play) as url:
        frames = await read(url)
    assert [each["data"]["token"]["sequenceNumber"] for each in frames[1:-1]] == [0, 1, 2]


async def test_a_sign_in_that_is_over_is_not_tried_again() -> None:
    refusal = {"type": "text", "action": "error", "data": {"code": "unauthorized", "content": "Sign in again."}}
    script = Script([refusal])
    async with serving("/socket", script.play) as url:
        with pytest.raises(Refused, match="Sign in again"):
            await read(url)


async def test_leaving_early_stops_the_answer() -> None:
    stopped = asyncio.Event()

    async def slow(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.receive_json()
        await socket.send_json(token(0))
        if (await socket.receive_json())["action"] == "stop":
            stopped.set()
        return socket

    async with serving("/socket", slow) as url, Client(url, "token") as client:
        async with aclosing(client.ask(QUESTION)) as frames:
            await anext(frames)
        async with asyncio.timeout(5):
            await stopped.wait()


async def test_a_server_that_stays_away_is_told_in_the_end() -> None:
    with pytest.raises(Unreachable, match="cannot be made again"):
        await read("http://127.0.0.1:9", patience_seconds=0.3)
    async with Client("http://127.0.0.1:9", "token", patience_seconds=0.3) as client:
        with pytest.raises(Unreachable, match="Is it running"):
            await client.get("me")


async def test_a_creating_call_is_sent_again_under_one_key() -> None:
    keys: list[str] = []

    async def twice(request: web.Request) -> web.Response:
        keys.append(request.headers["Idempotency-Key"])
        if len(keys) == 1:
            return web.json_response({"detail": "The database is being restarted."}, status=503)
        return web.json_response({"id": "1"}, status=201)

    async with serving("/api/workspaces", twice, "POST") as url, Client(url, "token") as client:
        assert await client.post("workspaces", {"name": "x"}) == {"id": "1"}
    assert len(keys) == 2
    assert len(set(keys)) == 1


async def test_the_words_of_a_refusal_are_the_servers_own() -> None:
    async def no(_: web.Request) -> web.Response:
        return web.json_response({"detail": "No workspace 'x'."}, status=404, content_type="application/problem+json")

    async with serving("/api/workspaces/x", no) as url, Client(url, "token") as client:
        with pytest.raises(Refused, match="No workspace 'x'") as refused:
            await client.get("workspaces/x")
    assert refused.value.status == 404


async def test_a_list_is_read_to_its_end() -> None:
    async def slices(request: web.Request) -> web.Response:
        cursor = request.query.get("cursor")
        return web.json_response({"items": [{"n": cursor}], "nextCursor": {None: "a", "a": "b"}.get(cursor)})

    async with serving("/api/workspaces", slices) as url, Client(url, "token") as client:
        assert [each["n"] async for each in client.every("workspaces")] == [None, "a", "b"]


@pytest.mark.parametrize("way", ["PUT", "POST"])
async def test_a_file_is_sent_as_its_ticket_has_it(way: str, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("the bytes")
    told: dict[str, Any] = {}

    async def ticket(_: web.Request) -> web.Response:
        upload = {"method": way, "url": "/bytes", "headers": {"X-Ticket": "1"}, "fields": {"key": "k"}}
        return web.json_response({"documentId": "d", "upload": upload}, status=201)

    async def take(request: web.Request) -> web.Response:
        told["ticket"], told["bearer"] = request.headers.get("X-Ticket"), request.headers.get("Authorization")
        if way == "POST":
            form = await request.post()
            part = form["file"]
            assert isinstance(part, web.FileField)
            told["names"], told["bytes"] = list(form), part.file.read()
        else:
            told["bytes"] = await request.read()
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/api/workspaces/w/documents/file-upload", ticket)
    app.router.add_route(way, "/bytes", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with Client(f"http://127.0.0.1:{runner.addresses[0][1]}", "token") as client:
            assert await client.upload("w", tmp_path / "note.txt") == ("d", True)
    finally:
        await runner.cleanup()
    assert told["bytes"] == b"the bytes"
    assert told["ticket"] == "1"
    assert told["bearer"] is None
    if way == "POST":
        assert told["names"] == ["key", "file"]
