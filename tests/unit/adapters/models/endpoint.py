"""A served HTTP endpoint that sends exactly the bytes it is told to, so that the wire format is the real one."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

Piece = bytes | asyncio.Event


class Endpoint:
    """Answers each request with the next reply of its list, the last one again and again."""

    def __init__(self) -> None:
        self.url = ""
        self.replies: list[Sequence[Piece]] = []
        self.requests: list[tuple[str, dict[str, str], Any]] = []  # (path, headers, body)
        self.connections = 0
        self.closed = asyncio.Event()  # a client has closed its connection

    def will_send(self, *pieces: Piece) -> None:
        """One more reply; an event between pieces is waited for, and the connection is closed after the last one."""
        self.replies.append(pieces)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.connections += 1
        try:
            while True:
                await self._read(reader)
                reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
                if not await self._send(reply, reader, writer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            line, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        except asyncio.IncompleteReadError:
            self.closed.set()
            raise
        headers = {name.lower(): value for name, _, value in (each.partition(": ") for each in lines if each)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.requests.append((line.split()[1], headers, json.loads(body) if body else None))

    async def _send(self, reply: Sequence[Piece], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection stays open: where the reply says how long it is, or ends its chunks."""
        for piece in reply:
            if isinstance(piece, asyncio.Event):
                if not await self._waited(piece, reader):
                    return False
                continue
            writer.write(piece)
            await writer.drain()
        return isinstance(reply[-1], bytes) and reply[-1].endswith((b"0\r\n\r\n", b"}"))

    async def _waited(self, event: asyncio.Event, reader: asyncio.StreamReader) -> bool:
        """Whether the event came before the client closed the connection."""
        come, gone = asyncio.create_task(event.wait()), asyncio.create_task(reader.read(1))
        await asyncio.wait({come, gone}, return_when=asyncio.FIRST_COMPLETED)
        if gone.done():
            self.closed.set()
        for task in (come, gone):
            task.cancel()
        return not self.closed.is_set()


@asynccontextmanager
async def serving() -> AsyncIterator[Endpoint]:
    """An endpoint for as long as the context is open."""
    endpoint = Endpoint()
    server = await asyncio.start_server(endpoint.serve, "127.0.0.1", 0)
    endpoint.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    async with server:
        yield endpoint


STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"


def chunk(block: bytes) -> bytes:
    """One chunk of a reply (RFC 9112, 7.1)."""
    return f"{len(block):x}\r\n".encode() + block + b"\r\n"


def event(value: object) -> bytes:
    """One server-sent event."""
    return b"data: " + (value if isinstance(value, bytes) else json.dumps(value).encode()) + b"\n\n"


def delta(content: str | None = None, finish_reason: str | None = None, **fields: Any) -> bytes:
    """A chunk of a chat completion as an event."""
    told = {} if content is None else {"content": content}
    choices = [{"index": 0, "delta": told, "finish_reason": finish_reason}]
    return event({"id": "1", "object": "chat.completion.chunk", "choices": choices, **fields})


def usage(input_tokens: int, output_tokens: int) -> bytes:
    """The event with the count of tokens, which has no choices."""
    return event({"choices": [], "usage": {"prompt_tokens": input_tokens, "completion_tokens": output_tokens}})


DONE = event(b"[DONE]")


def whole(status: str, body: object, *headers: str) -> bytes:
    """A reply in one piece."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = [f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {len(content)}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + content
