"""A client of PROTOCOL.md that hides nothing: replies as they are, frames as they come."""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin
from uuid import uuid4

import aiohttp
from tests.acceptance.target import Person

PATIENCE = float(os.environ.get("KOSHA_TEST_PATIENCE", "1"))  # see target.py
WAIT_SECONDS = 30.0 * PATIENCE
LOOK_SECONDS = 0.1
ENDS = ("final_response", "error")
OVER = ("processed", "error", "cancelled")
Frame = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """One reply of the REST API; `body` is what its JSON says, None without one."""

    status: int
    body: Any
    headers: dict[str, str]
    text: str

    @property
    def items(self) -> list[dict[str, Any]]:
        """The items of a list."""
        assert self.status == 200, self.text
        return self.body["items"]


class User:
    """One person at work, over one pool of connections."""

    def __init__(self, url: str, person: Person, http: aiohttp.ClientSession) -> None:
        self.url = url
        self.name = person.name
        self.token = person.token
        self._http = http

    async def call(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, **query: Any
    ) -> Reply:
        """`/api/` + path, as this person."""
        return await self.raw(method, f"{self.url}/api/{path}", json_body=body, headers=headers, query=query)

    async def get(self, path: str, **query: Any) -> Reply:
        """A read."""
        return await self.call("GET", path, **query)

    async def post(self, path: str, body: Any = None, **headers: str) -> Reply:
        """A creating call; headers by name with _ for -."""
        return await self.call("POST", path, body, {name.replace("_", "-"): value for name, value in headers.items()})

    async def patch(self, path: str, body: Any) -> Reply:
        """A change."""
        return await self.call("PATCH", path, body)

    async def put(self, path: str, body: Any) -> Reply:
        """A replacement."""
        return await self.call("PUT", path, body)

    async def delete(self, path: str) -> Reply:
        """An end."""
        return await self.call("DELETE", path)

    async def raw(
        self,
        method: str,
        url: str,
        *,
        json_body: Any = None,
        data: Any = None,
        headers: dict[str, str] | None = None,
        query: dict[str, Any] | None = None,
        is_signed_in: bool = True,
    ) -> Reply:
        """Any call, redirects not followed."""
        told = {"Authorization": f"Bearer {self.token}"} if is_signed_in else {}
        told |= headers or {}
        async with self._http.request(
            method, url, json=json_body, data=data, headers=told, params=query or {}, allow_redirects=False
        ) as reply:
            text = await reply.text(errors="replace")
            body = json.loads(text) if "json" in reply.content_type and text else None
            return Reply(reply.status, body, {name.lower(): value for name, value in reply.headers.items()}, text)

    async def workspace(self, **settings: Any) -> str:
        """The id of a new workspace."""
        reply = await self.post("workspaces", {"name": f"test {uuid4().hex[:8]}", **settings})
        assert reply.status in (200, 201), reply.text
        return reply.body["id"]

    async def text(self, workspace_id: str, title: str, content: str) -> dict[str, Any]:
        """A text document, processed."""
        reply = await self.post(f"workspaces/{workspace_id}/documents/text", {"title": title, "content": content})
        assert reply.status == 201, reply.text
        return await self.processed(workspace_id, reply.body["id"])

    async def upload(
        self, workspace_id: str, name: str, content: bytes, content_type: str | None = None
    ) -> dict[str, Any]:
        """A file document at the end of its import."""
        wish = {"fileName": name, "sizeBytes": len(content)} | ({"contentType": content_type} if content_type else {})
        ticket = await self.post(f"workspaces/{workspace_id}/documents/file-upload", wish)
        assert ticket.status == 201, ticket.text
        sent = await self.send(ticket.body["upload"], content, name)
        assert sent.status in (200, 201, 204), sent.text
        return await self.over(workspace_id, ticket.body["documentId"])

    async def send(self, upload: dict[str, Any], content: bytes, name: str = "file") -> Reply:
        """The bytes as the ticket has it, without a token."""
        url = urljoin(f"{self.url}/", upload["url"])
        data: Any = content
        if upload["method"] == "POST":
            data = aiohttp.FormData(upload.get("fields", {}))
            data.add_field("file", content, filename=name)
        return await self.raw(upload["method"], url, data=data, headers=upload.get("headers"), is_signed_in=False)

    async def over(self, workspace_id: str, document_id: str, *, seconds: float = WAIT_SECONDS) -> dict[str, Any]:
        """The document when its import has ended, however it did; `seconds` is the most that may take."""
        async with asyncio.timeout(seconds):
            while True:
                reply = await self.get(f"workspaces/{workspace_id}/documents/{document_id}")
                assert reply.status == 200, reply.text
                if reply.body["status"] in OVER:
                    return reply.body
                await asyncio.sleep(LOOK_SECONDS)

    async def processed(self, workspace_id: str, document_id: str, *, seconds: float = WAIT_SECONDS) -> dict[str, Any]:
        """The document when it can be searched."""
        document = await self.over(workspace_id, document_id, seconds=seconds)
        assert document["status"] == "processed", document
        return document

    async def gone(self, path: str) -> None:
        """Returns when nothing is there any more."""
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                if (await self.get(path)).status == 404:
                    return
                await asyncio.sleep(LOOK_SECONDS)

    @asynccontextmanager
    async def socket(self, token: str | None = None) -> AsyncIterator["Socket"]:
        """An open socket of this person."""
        address = self.url.replace("http", "ws", 1) + "/socket"
        query = {"token": self.token if token is None else token}
        async with self._http.ws_connect(address, params=query, max_msg_size=2**26) as opened:
            yield Socket(opened)

    async def ask(self, text: str, workspace_id: str | None = None, **fields: Any) -> list[Frame]:
        """Every frame of one answer, over a socket of its own."""
        async with self.socket() as socket:
            return await socket.ask(text, workspaceId=workspace_id, **fields)


class Socket:
    """One open socket. Frames of the turn that is not waited for are passed over."""

    def __init__(self, opened: aiohttp.ClientWebSocketResponse) -> None:
        self.opened = opened

    async def send(self, action: str, **data: Any) -> None:
        """One frame; fields that are None are left out."""
        told = {name: value for name, value in data.items() if value is not None}
        await self.opened.send_json({"action": action, "data": told})

    async def next(self) -> Frame:
        """The next frame."""
        async with asyncio.timeout(WAIT_SECONDS):
            received = await self.opened.receive()
        assert received.type is aiohttp.WSMsgType.TEXT, f"closed with {self.opened.close_code}"
        return json.loads(received.data)

    async def until_end(self, message_id: str) -> list[Frame]:
        """The frames of a message to its one end."""
        frames: list[Frame] = []
        while not frames or frames[-1]["action"] not in ENDS:
            frame = await self.next()
            if frame["data"].get("messageId") == message_id:
                frames.append(frame)
        return frames

    async def until_tokens(self, message_id: str, count: int) -> list[Frame]:
        """The frames of a message until so many token frames have come."""
        frames: list[Frame] = []
        while len(tokens_of(frames)) < count:
            frame = await self.next()
            if frame["data"].get("messageId") == message_id:
                assert frame["action"] not in ENDS, frame
                frames.append(frame)
        return frames

    async def ask(self, text: str, **fields: Any) -> list[Frame]:
        """The frames of one answer."""
        message_id = await self.run(text, **fields)
        return await self.until_end(message_id)

    async def run(self, text: str, **fields: Any) -> str:
        """Send a question; returns its message id."""
        ids = {"sessionId": str(uuid4()), "messageId": str(uuid4())}
        data = {**ids, "text": text, "mode": "chain", **fields}
        await self.send("run", **data)
        return data["messageId"]

    async def code(self) -> int | None:
        """The code the server closes with, after whatever frames it still sends."""
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            async with asyncio.timeout(WAIT_SECONDS):
                received = await self.opened.receive()
            if received.type is not aiohttp.WSMsgType.TEXT:
                return self.opened.close_code
        return None


async def until(holds: Callable[[], bool]) -> None:
    """Returns when it holds; the caller limits the time."""
    while True:
        if holds():
            return
        await asyncio.sleep(0.02)


def tokens_of(frames: list[Frame]) -> list[dict[str, Any]]:
    """The `token` of each token frame."""
    return [frame["data"]["token"] for frame in frames if frame["action"] == "llm_new_token"]


def final_of(frames: list[Frame]) -> dict[str, Any]:
    """The data of the final response, which must be the last frame."""
    assert frames[-1]["action"] == "final_response", frames[-1]
    return frames[-1]["data"]


def said(frames: list[Frame]) -> str:
    """The values of the last run's tokens, joined."""
    tokens = tokens_of(frames)
    return "".join(token["value"] for token in tokens if token["runId"] == tokens[-1]["runId"])
