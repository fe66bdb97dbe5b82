"""10,000 documents queued at once: how the product answers meanwhile, who waits for whom, and what it takes of memory.

Small texts are uploaded to one workspace. While its worker goes through them, a person of another workspace lists,
searches, chats and brings a document of their own; the memory of each process is sampled, and its growth told by the
document (least squares over the second half).
"""

import argparse
import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import aiohttp
import psutil
import uvloop

from bench.chat import ProductChat, question
from bench.product import Server, kosha, mock_model, percentiles, prose, told, workspace_of_texts
from kosha.adapters.local.embedded_postgres import dsn_of
from kosha.adapters.postgres.database import Database
from kosha.adapters.postgres.documents import PostgresDocuments
from kosha.adapters.postgres.executions import PostgresExecutions
from kosha.ingestion import keys

UPLOADS_AT_ONCE = 16
WORDS_EACH = 60
ASKED = 20  # of each kind of call
SAMPLE_SECONDS = 2.0
SETTLED_SHARE = 0.5  # of the samples are warm-up: caches fill, arenas grow to what the largest step needs
MARKS = {"server": "kosha_local.server", "worker": "kosha_local.worker", "parser": "parse_child", "postgres": "-D"}
_ENDED = "select count(*) from kosha.documents where workspace_id = %s and status not in ('submitted', 'processing')"
_FAILED = "select count(*) from kosha.documents where workspace_id = %s and status = 'error'"


class Watch:
    """Looks at the processes and the database from outside."""

    def __init__(self, server: Server, workspace_id: str) -> None:
        self.database = Database(dsn_of(server.data), connections=1)
        self.database.open()
        self.samples: list[tuple[int, dict[str, float]]] = []
        self._supervisor = psutil.Process(server.pid)
        self._workspace_id = workspace_id

    def count(self, statement: Any = _ENDED) -> int:
        """How many documents of the long queue are as the statement says."""
        row = self.database.ask(lambda c: c.execute(statement, (self._workspace_id,)).fetchone())
        return int(row[0]) if row else 0

    def sample(self) -> None:
        """Note how many are done and the MB of each kind of process of its own, the database's with what it shares."""
        megabytes = dict.fromkeys(MARKS, 0.0)
        for process in self._supervisor.children(recursive=True):
            try:
                command = " ".join(process.cmdline())
                kind = next((name for name, mark in MARKS.items() if mark in command), "postgres")
                about = process.memory_full_info()
                megabytes[kind] += (about.pss if kind == "postgres" else about.uss) / 1e6
            except psutil.Error:
                continue
        self.samples.append((self.count(), megabytes))

    def growth(self) -> dict[str, dict[str, float]]:
        """MB at the end and at most, and kB more for each document."""
        settled = self.samples[int(len(self.samples) * SETTLED_SHARE) :]
        done = [number for number, _ in settled]
        return {
            name: {
                "MB": round(self.samples[-1][1][name], 1),
                "mostMB": round(max(megabytes[name] for _, megabytes in self.samples), 1),
                "kBPerDocument": round(1000 * slope(done, [megabytes[name] for _, megabytes in settled]), 2),
            }
            for name in MARKS
        }

    def sweep_seconds(self) -> dict[str, float]:
        """What one sweep takes to look through all that is unfinished."""
        began, began_cpu = time.perf_counter(), time.process_time()
        unfinished = PostgresDocuments(self.database).unfinished()
        PostgresExecutions(self.database, holder="bench").live([keys.execution(one) for one in unfinished])
        return {
            "documents": len(unfinished),
            "seconds": round(time.perf_counter() - began, 3),
            "processorSeconds": round(time.process_time() - began_cpu, 3),
        }


def slope(xs: Sequence[float], ys: Sequence[float]) -> float:
    """Of the line through the points; 0 where all lie on one spot."""
    middle = sum(xs) / max(1, len(xs))
    spread = sum((x - middle) ** 2 for x in xs)
    return sum((x - middle) * y for x, y in zip(xs, ys, strict=True)) / spread if spread else 0.0


async def queue(client: aiohttp.ClientSession, path: str, number: int) -> float:
    """Upload so many small texts; returns how many a second."""
    numbers = iter(range(number))

    async def some() -> None:
        for each in numbers:
            text = {"title": f"Note {each}", "content": prose(each, WORDS_EACH)}
            await told(client.post(f"{path}/text", json=text))

    began = time.monotonic()
    await asyncio.gather(*(some() for _ in range(UPLOADS_AT_ONCE)))
    return round(number / (time.monotonic() - began), 1)


async def timed(call: Callable[[], Awaitable[Any]]) -> dict[str, float]:
    """Milliseconds of a call made again and again."""
    spent: list[float] = []
    for _ in range(ASKED):
        began = time.perf_counter()
        await call()
        spent.append((time.perf_counter() - began) * 1000)
    return percentiles(spent)


async def short_one(client: aiohttp.ClientSession, path: str, watch: Watch) -> dict[str, float]:
    """How long a document of another workspace takes, and how many of the long queue came before it."""
    began, before = time.monotonic(), watch.count()
    document = await told(client.post(f"{path}/text", json={"title": "Short", "content": "It is short."}))
    while document["status"] in ("submitted", "processing"):
        await asyncio.sleep(0.1)
        document = await told(client.get(f"{path}/{document['id']}"))
    return {"seconds": round(time.monotonic() - began, 2), "othersMeanwhile": watch.count() - before}


async def run(server: Server, number: int, watch_seconds: float) -> dict[str, Any]:
    """The whole trial."""
    quiet = await workspace_of_texts(server, [(f"Document {each}", prose(each, 300)) for each in range(20)])
    async with aiohttp.ClientSession(server.url, headers=server.headers) as client:
        crowded = (await told(client.post("/api/workspaces", json={"name": "crowded"})))["id"]
        path, own = (f"/api/workspaces/{each}/documents" for each in (crowded, quiet))
        watch = Watch(server, crowded)
        figures: dict[str, Any] = {"documents": number, "queuedPerSecond": await queue(client, path, number)}
        figures["waiting"] = number - watch.count()
        wish = {"workspaceId": quiet, "query": "travel and hotel"}
        figures["listMs"] = await timed(lambda: told(client.get(path)))
        figures["listOfFailedMs"] = await timed(lambda: told(client.get(path, params={"status": "error"})))
        figures["workspacesMs"] = await timed(lambda: told(client.get("/api/workspaces")))
        figures["searchMs"] = await timed(lambda: told(client.post("/api/semantic-search", json=wish)))
        async with ProductChat(client, server, quiet) as turn:
            outcomes = [await turn(question()) for _ in range(5)]
        figures["chatFirstTokenMs"] = percentiles([outcome[0] for outcome in outcomes])
        figures["shortDocument"] = [await short_one(client, own, watch) for _ in range(3)]
        figures["sweep"] = watch.sweep_seconds()
        began, done = time.monotonic(), watch.count()
        while time.monotonic() - began < watch_seconds and watch.count() < number:
            await asyncio.to_thread(watch.sample)
            await asyncio.sleep(SAMPLE_SECONDS)
        watch.sample()
        figures["importedPerSecond"] = round((watch.count() - done) / (time.monotonic() - began), 2)
        figures["memory"] = {"documents": watch.count() - watch.samples[0][0], **watch.growth()}
        figures["left"], figures["failed"] = number - watch.count(), watch.count(_FAILED)
        watch.database.close()
    return figures


def main() -> None:
    """`python -m bench.backlog`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--watch-seconds", type=float, default=600, help="how long the memory is watched at most")
    arguments = parser.parse_args()
    with mock_model(first_ms=0, token_ms=0) as model_url, kosha(model_url) as server:
        figures = uvloop.run(run(server, arguments.documents, arguments.watch_seconds))
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
