"""An OpenAI-compatible server that answers slowly, and notes what it was asked and whether it could finish."""

import asyncio
import json
import re
import threading
import time
from typing import Self

from aiohttp import web

NAME = "slow"
WORDS = 60
WORD_SECONDS = 0.05
_COUNTED = re.compile(r"Count to (\d+)")


class SlowModel:
    """Says `word0 word1 ...`, one every 50 ms, in a thread of its own: WORDS of them, or as many as it shall count."""

    def __init__(self, port: int = 0) -> None:
        self._port = port
        self.questions: list[str] = []
        self.finished: list[str] = []
        self.cancelled: dict[str, float] = {}  # whose asker hung up, and when, by time.monotonic()
        self.base_url = ""
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="slow-model", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        runner = self._loop.run_until_complete(self._start())
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())
        self._loop.close()

    async def _start(self) -> web.AppRunner:
        app = web.Application()
        app.router.add_get("/v1/models", self._models)
        app.router.add_post("/v1/chat/completions", self._answer)
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self._port)
        await site.start()
        host, port = runner.addresses[0][:2]
        self.base_url = f"http://{host}:{port}/v1"
        return runner

    async def _models(self, _: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": NAME, "object": "model"}]})

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        question = (await request.json())["messages"][-1]["content"]
        self.questions.append(question)
        reply = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        try:
            await reply.prepare(request)
            counted = _COUNTED.search(question)
            for number in range(int(counted[1]) if counted else WORDS):
                await reply.write(_event({"delta": {"content": f"word{number} "}, "finish_reason": None}))
                await asyncio.sleep(WORD_SECONDS)
            await reply.write(_event({"delta": {}, "finish_reason": "stop"}) + b"data: [DONE]\n\n")
        except (asyncio.CancelledError, ConnectionResetError):
            self.cancelled[question] = time.monotonic()
            raise
        self.finished.append(question)
        return reply


def _event(choice: dict[str, object]) -> bytes:
    chunk = {"id": "1", "object": "chat.completion.chunk", "model": NAME, "choices": [{"index": 0, **choice}]}
    return f"data: {json.dumps(chunk)}\n\n".encode()
