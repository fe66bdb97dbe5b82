"""Threads or asyncio for the streaming path: relays of 100 tokens over both, the same work a token (docs/adr/0003).

Prints turns a second with an instant model, and the p95 of the first token's delay with a slow one, 200 turns at once.
"""

import asyncio
import http.client
import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import uvloop

from kosha.adapters.models.openai_compatible import OpenAiChatModel, OpenAiServer
from kosha.model.prompt import ModelInfo, Prompt

AT_ONCE = 200
TURNS = 600
BODY = json.dumps({"model": "mock", "stream": True, "messages": [{"role": "user", "content": "hello"}]})


@contextmanager
def mock(**options: float) -> Any:
    """A mock model's base URL."""
    arguments = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.mock_model", *arguments], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["url"]
    finally:
        process.kill()
        process.wait()


def threaded_turn(url: str) -> float:
    """Seconds to the first token; a thread waits for each line."""
    parts = urlsplit(url)
    began = time.perf_counter()
    first = 0.0
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    connection.request("POST", f"{parts.path}/chat/completions", BODY, {"Content-Type": "application/json"})
    text: list[str] = []
    for line in connection.getresponse():
        if line.startswith(b"data: {"):
            first = first or time.perf_counter() - began
            choices = json.loads(line[6:])["choices"]
            text.append(choices[0]["delta"].get("content", "") if choices else "")
    connection.close()
    return first


async def asyncio_turn(model: OpenAiChatModel) -> float:
    """Seconds to the first token; the loop turns to whoever has something."""
    began, first = time.perf_counter(), 0.0
    text: list[str] = []
    async for piece in model.stream(Prompt(system="", question="hello")):
        if piece.text:
            first = first or time.perf_counter() - began
            text.append(piece.text)
    return first


def with_threads(url: str, turns: int) -> list[float]:
    """AT_ONCE threads, each a turn after the other."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda _: threaded_turn(url), range(turns)))


def with_asyncio(url: str, turns: int) -> list[float]:
    """AT_ONCE tasks on one loop."""

    async def run() -> list[float]:
        server = OpenAiServer(url, None)
        model = OpenAiChatModel(ModelInfo(provider="openai", name="mock", label="mock"), server)
        room = asyncio.Semaphore(AT_ONCE)

        async def one() -> float:
            async with room:
                return await asyncio_turn(model)

        firsts = await asyncio.gather(*(one() for _ in range(turns)))
        await server.close()
        return list(firsts)

    return uvloop.run(run())


def measure(run: Callable[[str, int], list[float]]) -> dict[str, float]:
    """Figures of one way."""
    with mock(first_ms=0, token_ms=0) as url:
        began, cpu = time.perf_counter(), time.process_time()
        run(url, TURNS)
        turns_a_second = TURNS / (time.perf_counter() - began)
        cpu_ms = (time.process_time() - cpu) / TURNS * 1000
    with mock(first_ms=300, token_ms=15) as url:
        firsts = sorted(run(url, AT_ONCE))
    return {
        "turnsPerSecond": round(turns_a_second, 1),
        "cpuMsPerTurn": round(cpu_ms, 2),
        "firstTokenOverheadMsP95": round((firsts[int(len(firsts) * 0.95)] - 0.3) * 1000, 1),
        "firstTokenOverheadMsP50": round((statistics.median(firsts) - 0.3) * 1000, 1),
    }


if __name__ == "__main__":
    threading.stack_size(512 * 1024)
    print(json.dumps({"atOnce": AT_ONCE, "threads": measure(with_threads), "asyncio": measure(with_asyncio)}, indent=2))
