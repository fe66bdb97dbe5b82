"""A model server with OpenAI's wire format and a clock instead of a model.

`python -m bench.mock_model --port 0 --first-ms 300 --token-ms 15 --tokens 100` prints `{"url": ...}` when it serves.
It counts: GET /log answers `{"asked": [last user message, ...], "cancelled": n, "finished": n}`.
"""

import argparse
import asyncio
import contextlib
import json
import sys
from typing import Any

import uvloop

MODEL = "mock"
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\n%s\r\n"


class MockModel:
    """Answers `w0 w1 w2 ...`, one word a token; with passages in the question the first words carry `[1]`."""

    def __init__(self, first_ms: float, token_ms: float, tokens: int) -> None:
        self._first_seconds = first_ms / 1000
        self._token_seconds = token_ms / 1000
        self._tokens = tokens
        self.asked: list[str] = []
        self.cancelled = 0
        self.finished = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, kept alive from request to request."""
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                line, *lines = head.decode().split("\r\n")
                sizes = [int(field.split(":")[1]) for field in lines if field.lower().startswith("content-length")]
                body = await reader.readexactly(sizes[0]) if sizes else b""
                await self._answer(line.split()[1], body, writer)
                await writer.drain()
        writer.close()

    async def _answer(self, path: str, body: bytes, writer: asyncio.StreamWriter) -> None:
        if path.endswith("/models"):
            _reply(writer, {"data": [{"id": MODEL, "object": "model"}]})
        elif path == "/log":
            _reply(writer, {"asked": self.asked, "cancelled": self.cancelled, "finished": self.finished})
        else:
            request = json.loads(body)
            self.asked.append(request["messages"][-1]["content"])
            await self._stream(writer, cites="<passage" in self.asked[-1])

    async def _stream(self, writer: asyncio.StreamWriter, *, cites: bool) -> None:
        writer.write(_HEAD % (b"text/event-stream", b"Transfer-Encoding: chunked\r\n"))
        try:
            if self._first_seconds:
                await asyncio.sleep(self._first_seconds)
            batch: list[bytes] = []
            for number in range(self._tokens):
                word = f"w{number}" + (" [1] " if cites and number == 5 else " ")
                batch.append(_chunk({"choices": [{"index": 0, "delta": {"content": word}, "finish_reason": None}]}))
                if self._token_seconds:
                    writer.write(b"".join(batch))
                    batch.clear()
                    await writer.drain()
                    await asyncio.sleep(self._token_seconds)
            usage = {"prompt_tokens": 10, "completion_tokens": self._tokens}
            batch.append(_chunk({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}))
            batch.append(_chunk({"choices": [], "usage": usage}))
            batch.append(_sized(b"data: [DONE]\n\n") + b"0\r\n\r\n")
            writer.write(b"".join(batch))
            await writer.drain()
        except (ConnectionError, RuntimeError) as error:  # uvloop's word for a connection that is closed
            self.cancelled += 1
            raise ConnectionResetError from error
        self.finished += 1


def _chunk(event: dict[str, Any]) -> bytes:
    return _sized(b"data: " + json.dumps(event).encode() + b"\n\n")


def _sized(block: bytes) -> bytes:
    return f"{len(block):x}\r\n".encode() + block + b"\r\n"


def _reply(writer: asyncio.StreamWriter, value: object) -> None:
    body = json.dumps(value).encode()
    writer.write(_HEAD % (b"application/json", f"Content-Length: {len(body)}\r\n".encode()) + body)


async def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--first-ms", type=float, default=300)
    parser.add_argument("--token-ms", type=float, default=15)
    parser.add_argument("--tokens", type=int, default=100)
    told = parser.parse_args()
    model = MockModel(told.first_ms, told.token_ms, told.tokens)
    server = await asyncio.start_server(model.serve, "127.0.0.1", told.port, limit=2**22, backlog=1024)
    print(json.dumps({"url": f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"}), flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    try:
        uvloop.run(main())
    except KeyboardInterrupt:
        sys.exit(130)
