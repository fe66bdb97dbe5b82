"""`kill -9` of the ingestion worker at random moments of an import and a crawl: is each document there once at the end?

200 files of different lengths and a served site are brought in while the worker is killed, each time a random moment
after it came back. At the end nothing may be unfinished, in error, twice, missing, or left over in the database.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import aiohttp
import psutil
from psycopg import sql

from bench.product import Server, kosha, prose, told
from kosha.adapters.local.embedded_postgres import dsn_of
from kosha.adapters.postgres.database import Connection, Database

UPLOADS_AT_ONCE = 8
LEAST_SECONDS, MOST_SECONDS = 0.05, 3.0  # of a worker's life
GIVE_UP_SECONDS = 3600
POLL_SECONDS = 0.5
LEFT_OVER = {
    "executions that do not end": "select count(*) from kosha.executions where status in ('waiting', 'running')",
    "staged chunks": "select count(*) from kosha.staged_chunks",
}
_OF_TABLE = {
    "chunks of no document": """
        select count(*) from {table} c where not exists (
            select from kosha.documents d
            where d.id = c.document_id::text and d.status = 'processed' and d.run = c.run)""",
    "chunks that are there twice": """
        select count(*) from (select from {table} group by document_id, chunk_index having count(*) > 1) twice""",
}


def files(number: int, seed: int) -> list[bytes]:
    """Texts of 1 to 14 chunks each, no two alike."""
    chance = random.Random(seed)
    lengths = [chance.randint(100, 2200) for _ in range(number)]
    return [f"# Report {each}\n\n{prose(seed * 1000 + each, words)}".encode() for each, words in enumerate(lengths)]


@contextmanager
def site(pages: int) -> Iterator[str]:
    """A served site whose pages are linked in a ring, and across it; its address."""

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.strip("/").removeprefix("page-")
            number = 0 if self.path == "/" else int(name) if name.isdecimal() else pages
            if number >= pages:
                self.send_error(404)
                return
            links = "".join(f'<a href="/page-{(number + step) % pages}">on</a> ' for step in (1, 7, 20))
            text = (
                f"<title>Page {number}</title><main><h1>Page {number}</h1><p>{prose(90_000 + number, 200)}</p></main>"
            )
            body = f"<!doctype html>{text}<footer>{links}</footer>".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


async def bring(client: aiohttp.ClientSession, path: str, texts: Sequence[bytes]) -> None:
    """Upload all."""
    turns = asyncio.Semaphore(UPLOADS_AT_ONCE)

    async def upload(number: int, content: bytes) -> None:
        async with turns:
            about = {"fileName": f"report-{number}.md", "sizeBytes": len(content)}
            ticket = (await told(client.post(f"{path}/file-upload", json=about)))["upload"]
            async with client.put(ticket["url"], data=content, headers=ticket["headers"]) as reply:
                reply.raise_for_status()

    await asyncio.gather(*(upload(number, content) for number, content in enumerate(texts)))


async def all_of(client: aiohttp.ClientSession, path: str, **asked: str) -> list[dict[str, Any]]:
    """Every document of a list."""
    found: list[dict[str, Any]] = []
    while True:
        page = await told(client.get(path, params={"limit": "100", **asked}))
        found += page["items"]
        if page["nextCursor"] is None:
            return found
        asked["cursor"] = page["nextCursor"]


class Killer:
    """Kills the worker again and again, in a thread."""

    def __init__(self, supervisor: int, kills: int, seed: int) -> None:
        self.done = 0
        self._supervisor = supervisor
        self._kills = kills
        self._chance = random.Random(seed)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """From now on."""
        self._thread.start()

    def end(self) -> None:
        """No more of them."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while self.done < self._kills and not self._ended.is_set():
            pid = self._worker()
            if pid is None:
                self._ended.wait(0.01)
                continue
            self._ended.wait(self._chance.uniform(LEAST_SECONDS, MOST_SECONDS))
            try:
                os.kill(pid, signal.SIGKILL)
                self.done += 1
            except ProcessLookupError:
                continue
            while self._worker() == pid and not self._ended.is_set():
                self._ended.wait(0.01)

    def _worker(self) -> int | None:
        for child in psutil.Process(self._supervisor).children():
            try:
                if "kosha_local.worker" in child.cmdline() and child.status() != psutil.STATUS_ZOMBIE:
                    return child.pid
            except psutil.Error:
                continue
        return None


async def settled(client: aiohttp.ClientSession, path: str) -> bool:
    """Wait until nothing is left to do; False where that takes too long."""
    ends = time.monotonic() + GIVE_UP_SECONDS
    while time.monotonic() < ends:
        busy = [
            *(await told(client.get(path, params={"limit": 1, "status": "submitted"})))["items"],
            *(await told(client.get(path, params={"limit": 1, "status": "processing"})))["items"],
        ]
        if not busy:
            return True
        await asyncio.sleep(POLL_SECONDS)
    return False


def left_over(server: Server, workspace_id: str) -> dict[str, int]:
    """What the database holds that no document answers for."""
    table = sql.Identifier("vectors", f"ws_{UUID(workspace_id).hex}")

    def count(connection: Connection) -> dict[str, int]:
        counts = {name: connection.execute(statement).fetchone() for name, statement in LEFT_OVER.items()}
        for name, statement in _OF_TABLE.items():
            counts[name] = connection.execute(sql.SQL(statement).format(table=table)).fetchone()
        return {name: row[0] if row else 0 for name, row in counts.items()}

    database = Database(dsn_of(server.data), connections=1)
    database.open()
    try:
        return database.ask(count)
    finally:
        database.close()


async def run(server: Server, address: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """The whole trial."""
    texts = files(arguments.files, arguments.seed)
    async with aiohttp.ClientSession(server.url, headers=server.headers) as client:
        workspace = await told(client.post("/api/workspaces", json={"name": "kills"}))
        path = f"/api/workspaces/{workspace['id']}/documents"
        killer = Killer(server.pid, arguments.kills, arguments.seed)
        begun = time.monotonic()
        killer.start()
        wanted: dict[str, Any] = {"url": address, "followLinks": True, "limit": 1000, "sitemap": False}
        crawl = await told(client.post(f"{path}/website", json=wanted)) if arguments.pages else None
        await bring(client, path, texts)
        in_time = await settled(client, path)
        killer.end()
        in_time = in_time and await settled(client, path)
        documents = await all_of(client, path, type="file")
        pages = await all_of(client, path, parentId=crawl["id"]) if crawl else []
        kept = await told(client.get(f"{path}/{crawl['id']}")) if crawl else {}
    statuses = Counter(one["status"] for one in documents)
    titles = Counter(one["title"] for one in documents)
    page_titles = Counter(one["path"] for one in pages)
    return {
        "kills": killer.done,
        "seconds": round(time.monotonic() - begun, 1),
        "ended_in_time": in_time,
        "files": {"brought": len(texts), "once": sum(n == 1 for n in titles.values()), "statuses": dict(statuses)},
        "pages": {
            "served": arguments.pages,
            "once": sum(n == 1 for n in page_titles.values()),
            "statuses": dict(Counter(one["status"] for one in pages)),
            "site": kept.get("status"),
        },
        "left_over": left_over(server, workspace["id"]),
        "errors": [one["error"]["message"] for one in [*documents, *pages] if one.get("error")][:5],
    }


def is_well(report: dict[str, Any]) -> bool:
    """Whether everything is there once and nothing else."""
    brought, pages = report["files"], report["pages"]
    return (
        report["ended_in_time"]
        and brought["statuses"] == {"processed": brought["brought"]}
        and brought["once"] == brought["brought"]
        and pages["once"] == pages["served"] == pages["statuses"].get("processed", 0)
        and not any(report["left_over"].values())
    )


def main() -> None:
    """`python -m bench.kills`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--pages", type=int, default=60, help="of the crawled site; 0 crawls nothing")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    os.environ["KOSHA_CRAWL_ALLOW_HOSTS"] = "127.0.0.1"
    with site(arguments.pages) as address, kosha() as server:
        report = asyncio.run(run(server, address, arguments))
    report["well"] = is_well(report)
    print(json.dumps(report, indent=2))
    sys.exit(0 if report["well"] else 1)


if __name__ == "__main__":
    main()
