"""Time to the first token beyond the model's own, with retrieval, at 1, 50 and 200 chats; and turns a second.

The model is a mock (300 ms, then 15 ms a token, 100 tokens); the mock, the client and the product share the machine.
The baseline in the same run is the 60-line LangChain app of bench/baseline_app.py (`--no-baseline` leaves it out).
"""

import argparse
import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple
from uuid import uuid4

import aiohttp
import uvloop

from bench.baseline import baseline_app
from bench.product import WORDS, Server, kosha, mock_model, percentiles, prose, workspace_of_texts

FIRST_MS, TOKEN_MS, TOKENS = 300, 15, 100
LOADS = (1, 50, 200)
TURNS = {1: 15, 50: 4, 200: 3}
DOCUMENTS, WORDS_EACH = 60, 600
ONE_TURN_SECONDS = (FIRST_MS + TOKEN_MS * TOKENS) / 1000
LIMIT_SECONDS = 120


class Outcome(NamedTuple):
    """One turn as the client saw it."""

    first_ms: float
    total_ms: float
    ok: bool


Turn = Callable[[str], Awaitable[tuple[float, float, bool]]]


def question() -> str:
    """Another one every time, so that no cache answers."""
    return f"What is known about {random.choice(WORDS)} and {random.choice(WORDS)} {random.randrange(10_000)}?"


async def chats(at_once: int, turns: int, open_chat: Callable[[], Any]) -> list[Outcome]:
    """So many chats, started over the time of one turn, each asking one question after the other."""

    async def one() -> list[Outcome]:
        await asyncio.sleep(random.random() * ONE_TURN_SECONDS if at_once > 1 else 0)
        async with open_chat() as turn:
            return [Outcome(*await turn(question())) for _ in range(turns)]

    return [outcome for outcomes in await asyncio.gather(*(one() for _ in range(at_once))) for outcome in outcomes]


class ProductChat:
    """A socket of the product, one session."""

    def __init__(self, client: aiohttp.ClientSession, server: Server, workspace_id: str) -> None:
        self._client, self._server, self._workspace_id = client, server, workspace_id
        self._session_id = str(uuid4())

    async def __aenter__(self) -> Turn:
        self._socket = await self._client.ws_connect(self._server.socket_url)
        return self._turn

    async def __aexit__(self, *_: object) -> None:
        await self._socket.close()

    async def _turn(self, text: str) -> Outcome:
        data = {"sessionId": self._session_id, "messageId": str(uuid4()), "text": text, "mode": "chain"}
        data |= {"workspaceId": self._workspace_id, "provider": "openai", "modelName": "mock"}
        began, first = time.perf_counter(), 0.0
        await self._socket.send_str(json.dumps({"action": "run", "data": data}))
        async with asyncio.timeout(LIMIT_SECONDS):
            async for message in self._socket:
                frame = json.loads(message.data)
                action = frame["action"]
                if frame["data"].get("messageId") != data["messageId"]:
                    continue  # of another socket of this user, which all of them see
                if action == "llm_new_token":
                    first = first or time.perf_counter()
                elif action in ("final_response", "error"):
                    told = frame["data"]
                    ok = action == "final_response" and told["content"].count(" ") >= TOKENS - 1
                    return Outcome((first - began) * 1000, (time.perf_counter() - began) * 1000, ok)
        return Outcome(0, 0, False)


def summary(outcomes: list[Outcome], model_first_ms: float) -> dict[str, Any]:
    """What the table shows."""
    good = [outcome for outcome in outcomes if outcome.ok]
    return {
        "turns": len(outcomes),
        "failed": len(outcomes) - len(good),
        "overheadMs": percentiles([outcome.first_ms - model_first_ms for outcome in good]),
    }


async def loads(open_chat: Callable[[aiohttp.ClientSession], Any]) -> dict[str, Any]:
    """The overhead at each load."""
    told: dict[str, Any] = {}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as client:
        await chats(1, 2, lambda: open_chat(client))
        for at_once in LOADS:
            told[str(at_once)] = summary(await chats(at_once, TURNS[at_once], lambda: open_chat(client)), FIRST_MS)
    return told


async def throughput(open_chat: Callable[[aiohttp.ClientSession], Any], at_once: int = 32, turns: int = 12) -> float:
    """Turns a second with a model that answers at once."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as client:
        await chats(1, 2, lambda: open_chat(client))
        began = time.perf_counter()

        async def one() -> int:
            async with open_chat(client) as turn:
                return sum([Outcome(*await turn(question())).ok for _ in range(turns)])

        answered = sum(await asyncio.gather(*(one() for _ in range(at_once))))
        return round(answered / (time.perf_counter() - began), 1)


def texts() -> list[tuple[str, str]]:
    """The documents of the benchmark."""
    return [(f"Document {number}", prose(number, WORDS_EACH)) for number in range(DOCUMENTS)]


async def measure_product() -> dict[str, Any]:
    """Both figures of the product."""
    with mock_model(first_ms=FIRST_MS, token_ms=TOKEN_MS) as model_url, kosha(model_url) as server:
        workspace_id = await workspace_of_texts(server, texts())
        told: dict[str, Any] = {"chats": await loads(lambda client: ProductChat(client, server, workspace_id))}
    with mock_model(first_ms=0, token_ms=0) as model_url, kosha(model_url) as server:
        workspace_id = await workspace_of_texts(server, texts()[:20])
        told["turnsPerSecond"] = await throughput(lambda client: ProductChat(client, server, workspace_id))
    return told


async def measure_baseline() -> dict[str, Any]:
    """The same of the LangChain app."""
    with mock_model(first_ms=FIRST_MS, token_ms=TOKEN_MS) as model_url, baseline_app(model_url, texts()) as app:
        told: dict[str, Any] = {"chats": await loads(app.open_chat)}
    with mock_model(first_ms=0, token_ms=0) as model_url, baseline_app(model_url, texts()[:20]) as app:
        told["turnsPerSecond"] = await throughput(app.open_chat)
    return told


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-baseline", action="store_true")
    arguments = parser.parse_args()
    figures = {"product": uvloop.run(measure_product())}
    if not arguments.no_baseline:
        figures["baseline"] = uvloop.run(measure_baseline())
    print(json.dumps(figures, indent=2))
