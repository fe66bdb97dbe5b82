"""A served HTTP endpoint that sends exactly the bytes it is told to, so that the wire format is the real one."""

import asyncio
import json
import ssl
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager, suppress
from typing import Any, NamedTuple, TypeVar

Piece = bytes | asyncio.Event
E = TypeVar("E", bound="Endpoint")


class Request(NamedTuple):
    """What a client sent; header names in lower case, the body parsed."""

    path: str
    headers: dict[str, str]
    body: Any


class Endpoint:
    """Answers each request with the next reply of its list, the last one again and again.

    A class that knows a provider's API overrides `answer`, for requests that find the list empty.
    """

    def __init__(self) -> None:
        self.url = ""
        self.replies: list[Sequence[Piece]] = []
        self.requests: list[Request] = []
        self.connections = 0
        self._writers: dict[asyncio.StreamWriter, asyncio.Task[Any] | None] = {}
        self.closed = asyncio.Event()  # a client has closed its connection while it was answered

    @property
    def origin(self) -> str:
        """Where it is, without the path."""
        return self.url.removesuffix("/v1")

    def will_send(self, *pieces: Piece) -> None:
        """One more reply; an event between pieces is waited for, and the connection is closed after the last one."""
        self.replies.append(pieces)

    async def answer(self, request: Request) -> AsyncGenerator[Piece]:
        """The reply to a request, as it comes."""
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        for piece in reply:
            yield piece

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.connections += 1
        self._writers[writer] = asyncio.current_task()
        try:
            while True:
                request = await self._read(reader)
                async with aclosing(Endpoint.answer(self, request) if self.replies else self.answer(request)) as reply:
                    if not await self._send(reply, reader, writer):
                        break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            del self._writers[writer]
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def hang_up(self) -> None:
        """Close every connection."""
        tasks = [task for task in self._writers.values() if task]
        for writer in self._writers:
            writer.transport.abort()  # under TLS a farewell would wait for the other side's
        if tasks:
            await asyncio.wait(tasks)

    async def _read(self, reader: asyncio.StreamReader) -> Request:
        try:
            line, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        except asyncio.IncompleteReadError:
            self.closed.set()
            raise
        headers = {name.lower(): value for name, _, value in (each.partition(": ") for each in lines if each)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.requests.append(Request(line.split()[1], headers, json.loads(body) if body else None))
        return self.requests[-1]

    async def _send(
        self, reply: AsyncIterator[Piece], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Whether the connection stays open: where the reply says how long it is, or ends its chunks."""
        last: Piece | None = None
        while True:
            is_there, piece = await self._before_client_goes(anext(reply, None), reader)
            if not is_there:
                return False
            if piece is None:
                return isinstance(last, bytes) and last.endswith((b"0\r\n\r\n", b"}"))
            last = piece
            if isinstance(piece, asyncio.Event):
                if not (await self._before_client_goes(piece.wait(), reader))[0]:
                    return False
                continue
            writer.write(piece)
            await writer.drain()

    async def _before_client_goes(self, work: Any, reader: asyncio.StreamReader) -> tuple[bool, Any]:
        """Whether something came before the client closed its connection, and what."""
        come, gone = asyncio.ensure_future(work), asyncio.create_task(reader.read(1))
        try:
            await asyncio.wait({come, gone}, return_when=asyncio.FIRST_COMPLETED)
            if come.done():
                return True, come.result()
            self.closed.set()
            return False, None
        finally:
            for task in (come, gone):
                task.cancel()
            await asyncio.wait({come, gone})


@asynccontextmanager
async def served(endpoint: E, tls: ssl.SSLContext | None = None) -> AsyncIterator[E]:
    """The endpoint for as long as the context is open, on the running loop."""
    server = await asyncio.start_server(endpoint.serve, "127.0.0.1", 0, ssl=tls)
    endpoint.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    async with server:
        yield endpoint
        await endpoint.hang_up()


@asynccontextmanager
async def serving() -> AsyncIterator[Endpoint]:
    """One that knows no API, only the replies it is given."""
    async with served(Endpoint()) as endpoint:
        yield endpoint


@contextmanager
def hosted(endpoint: E, port: int = 0) -> Iterator[E]:
    """The same from a thread of its own, for those who have no loop."""
    loop, started, ended = asyncio.new_event_loop(), threading.Event(), asyncio.Event()

    async def serve() -> None:
        server = await asyncio.start_server(endpoint.serve, "127.0.0.1", port)
        endpoint.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        started.set()
        async with server:
            await ended.wait()
            await endpoint.hang_up()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    started.wait()
    try:
        yield endpoint
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()
        loop.close()


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
