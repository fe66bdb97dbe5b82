"""A client of PROTOCOL.md: REST, uploads, and answers that are read to their end although connections break."""

import asyncio
import contextlib
import hashlib
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, Self
from urllib.parse import urljoin
from uuid import uuid4

import aiohttp

from kosha.errors import Rejected, Unavailable

Frame = dict[str, Any]
ENDS = ("final_response", "error")
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2.0
PING_SECONDS = 20.0
ANSWER_BYTES = 64 * 2**20  # a final response carries its passages
BROKEN = (aiohttp.ClientError, OSError, TimeoutError)


class Refused(Rejected):
    """The server said no; the words are its own (`detail` of its problem)."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


class Unreachable(Unavailable):
    """The server does not answer, or says that it cannot at the moment."""


class Client:
    """One signed-in user of one server. What can be repeated is, for `patience_seconds` after the last sign of life."""

    def __init__(self, base_url: str, token: str, *, patience_seconds: float = 30.0) -> None:
        self._base_url = base_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"}
        self._token = token
        self._patience_seconds = patience_seconds
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=None, connect=10, sock_read=120)
        self._http = aiohttp.ClientSession(timeout=timeout)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._http is not None:
            await self._http.close()

    async def get(self, path: str, **parameters: str | int) -> Any:
        """The JSON at `/api/` + path. Raises Refused, Unreachable."""
        return await self._repeated(lambda: self._call("GET", path, parameters=parameters))

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        """The reply to a creating call, made once however often it has to be sent. Raises Refused, Unreachable."""
        headers = {"Idempotency-Key": str(uuid4())}
        tries = 0

        async def call() -> Any:
            nonlocal tries
            tries += 1
            try:
                return await self._call("POST", path, body=body, headers=headers)
            except Refused as error:
                if error.status == 409 and tries > 1:  # the try before this one may still be at work
                    raise Unreachable(str(error)) from error
                raise

        return await self._repeated(call)

    async def delete(self, path: str) -> None:
        """Raises Refused, Unreachable."""
        await self._repeated(lambda: self._call("DELETE", path))

    async def every(self, path: str, **parameters: str | int) -> AsyncIterator[dict[str, Any]]:
        """The items of a list, slice after slice. Raises Refused, Unreachable."""
        cursor: str | None = None
        while True:
            place = {} if cursor is None else {"cursor": cursor}
            page = await self.get(path, limit=100, **parameters, **place)
            for item in page["items"]:
                yield item
            cursor = page.get("nextCursor")
            if cursor is None:
                return

    async def upload(
        self, workspace_id: str, path: Path, *, place: str | None = None, replaces: str | None = None
    ) -> tuple[str, bool]:
        """Bring a file into a workspace: (the id of its document, whether its bytes were new).

        place: its path there. replaces: the document whose new version it is. Raises Refused, Unreachable.
        """
        size_bytes = (await asyncio.to_thread(path.stat)).st_size
        wish: dict[str, Any] = {"fileName": path.name, "sizeBytes": size_bytes}
        if place is not None:
            wish["path"] = place
        if replaces is not None:
            wish |= {"replaces": replaces, "sha256": await asyncio.to_thread(_digest, path)}
        reply = await self.post(f"workspaces/{workspace_id}/documents/file-upload", wish)
        ticket = reply.get("upload")
        if ticket is not None:
            await self._repeated(lambda: self._send(ticket, path))
        return str(reply["documentId"]), ticket is not None

    async def ask(self, question: dict[str, Any]) -> AsyncGenerator[Frame]:
        """The frames of an answer (`data` of a `run` in, without a messageId), each once and in order, to its end.

        A broken connection is made again and the answer resumed. Leaving early stops the answer.
        Raises Refused where the server closes the socket for good, Unreachable.
        """
        run = {"messageId": str(uuid4()), **question}
        turn = {"sessionId": run["sessionId"], "messageId": run["messageId"]}
        seen = _Seen()
        action = {"action": "run", "data": run}
        while True:
            try:
                async with self._socket() as socket, _stopping(socket, turn, seen):
                    await socket.send_json(action)
                    async for frame in _frames(socket, turn["messageId"]):
                        if not seen.is_new(frame):
                            continue
                        yield frame
                        if seen.is_over:
                            return
            except BROKEN as error:
                await seen.wait(self._patience_seconds, error)
            if seen.is_accepted:
                action = {"action": "resume", "data": {**turn, "afterSequence": seen.sequence}}

    async def _repeated(self, call: Callable[[], Awaitable[Any]]) -> Any:
        """What `call` gives, tried again while the server is away or asks for patience."""
        deadline = time.monotonic() + self._patience_seconds
        pause_seconds = FIRST_PAUSE_SECONDS
        while True:
            try:
                return await call()
            except Unreachable as error:
                if time.monotonic() + pause_seconds > deadline:
                    raise Unreachable(f"{self._base_url} does not answer: {error}") from error
            except BROKEN as error:
                if time.monotonic() + pause_seconds > deadline:
                    raise Unreachable(f"{self._base_url} cannot be reached ({_why(error)}). Is it running?") from error
            await asyncio.sleep(pause_seconds)
            pause_seconds = min(pause_seconds * 2, LONGEST_PAUSE_SECONDS)

    async def _call(
        self,
        method: str,
        path: str,
        *,
        body: dict[str, Any] | None = None,
        parameters: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        url = f"{self._base_url}/api/{path}"
        told = {**self._headers, **(headers or {})}
        async with self._open.request(method, url, json=body, params=parameters, headers=told) as reply:
            text = await reply.text()
            if reply.status >= 400:
                _refuse(reply.status, text)
            return json.loads(text) if text else None

    async def _send(self, ticket: dict[str, Any], path: Path) -> None:
        """The bytes, as the ticket has it; it needs no token. Sent twice they count once."""
        url = urljoin(f"{self._base_url}/", ticket["url"])
        with path.open("rb") as file:
            content: Any = file
            if ticket["method"] == "POST":
                content = aiohttp.FormData({**ticket.get("fields", {})})
                content.add_field("file", file, filename=path.name)
            async with self._open.request(
                ticket["method"], url, data=content, headers=ticket.get("headers", {})
            ) as reply:
                if reply.status >= 400 and reply.status != 409:  # 409: an earlier try arrived and its reply was lost
                    _refuse(reply.status, await reply.text())

    def _socket(self) -> Any:
        address = self._base_url.replace("http", "ws", 1) + "/socket"
        return self._open.ws_connect(
            address, params={"token": self._token}, heartbeat=PING_SECONDS, max_msg_size=ANSWER_BYTES
        )

    @property
    def _open(self) -> aiohttp.ClientSession:
        assert self._http is not None, "the client is used inside `async with`"
        return self._http


class _Seen:
    """How far an answer has been read, over all connections."""

    def __init__(self) -> None:
        self.sequence = -1
        self.is_accepted = False
        self.is_over = False
        self._alive_at = time.monotonic()
        self._pause_seconds = FIRST_PAUSE_SECONDS

    def is_new(self, frame: Frame) -> bool:
        """Whether the frame says something that was not said before.

        Raises ClientError where the frames have a gap, or the question could not be stored at the moment.
        """
        if frame["action"] == "error" and not self.is_accepted and frame["data"].get("code") == "internal":
            raise aiohttp.ClientError(frame["data"]["content"])
        self._alive_at = time.monotonic()
        self._pause_seconds = FIRST_PAUSE_SECONDS
        self.is_over = frame["action"] in ENDS
        if frame["action"] == "accepted":
            was_accepted, self.is_accepted = self.is_accepted, True
            return not was_accepted
        if frame["action"] != "llm_new_token":
            return True
        number = int(frame["data"]["token"]["sequenceNumber"])
        if number > self.sequence + 1:
            raise aiohttp.ClientError(f"frame {number} came after frame {self.sequence}")
        is_next = number == self.sequence + 1
        self.sequence = max(self.sequence, number)
        return is_next

    async def wait(self, patience_seconds: float, error: Exception) -> None:
        """A growing pause before the next try. Raises Unreachable when patience is at its end."""
        if time.monotonic() - self._alive_at > patience_seconds:
            raise Unreachable(
                f"The connection broke and cannot be made again ({_why(error)}). The answer goes on without us."
            )
        await asyncio.sleep(self._pause_seconds)
        self._pause_seconds = min(self._pause_seconds * 2, LONGEST_PAUSE_SECONDS)


@contextlib.asynccontextmanager
async def _stopping(socket: aiohttp.ClientWebSocketResponse, turn: dict[str, str], seen: _Seen) -> AsyncIterator[None]:
    """Stops the answer when whoever reads it gives up before its end."""
    try:
        yield
    except (asyncio.CancelledError, GeneratorExit):
        if not seen.is_over:
            with contextlib.suppress(*BROKEN):
                await socket.send_json({"action": "stop", "data": turn})
        raise


async def _frames(socket: aiohttp.ClientWebSocketResponse, message_id: str) -> AsyncIterator[Frame]:
    """The frames of one message. Raises Refused when our sign-in is over, ClientError when the connection ends."""
    async for received in socket:
        if received.type is not aiohttp.WSMsgType.TEXT:
            break
        frame = json.loads(received.data)
        data = frame.get("data") or {}
        if frame.get("action") == "error" and "messageId" not in data:
            raise Refused(401 if data.get("code") == "unauthorized" else 400, str(data.get("content")))
        if data.get("messageId") == message_id:
            yield frame
    raise aiohttp.ClientError(f"the connection was closed with {socket.close_code}")


def _refuse(status: int, text: str) -> NoReturn:
    """Raise what an error reply means."""
    try:
        detail = str(json.loads(text)["detail"])
    except (ValueError, KeyError, TypeError):
        detail = f"The server answered {status}: {text[:200] or 'nothing more'}"
    if status in (429, 502, 503, 504):
        raise Unreachable(detail)
    raise Refused(status, detail)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _why(error: BaseException) -> str:
    return str(error) or type(error).__name__
