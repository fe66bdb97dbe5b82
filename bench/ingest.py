"""How fast files become searchable: 200 Markdown files of 10 kB by REST, beside what the embedder alone needs for them.

The embedder is asked for the same chunks, a file's at a time, in the same run on the same machine; `share` is its time
over the product's. Processor seconds stand beside, for a machine that others use too. Then comes one PDF of 80 pages,
alone.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import psutil
from fpdf import FPDF

from bench.product import Server, kosha, prose, told
from kosha.adapters.local.minilm import MiniLmEmbedder
from kosha.adapters.local.weights import find_weights

FILES, FILE_BYTES, SECTION_WORDS = 200, 10_000, 120
PDF_PAGES, PAGE_WORDS = 80, 450
UPLOADS_AT_ONCE = 8
PARTS = {
    "kosha_local.server": "server",
    "kosha_local.worker": "worker",
    "parse_child": "parser",
    "postgres": "database",
}
POLL_SECONDS = 0.5


def markdown(number: int, size_bytes: int) -> bytes:
    """A file of headings and paragraphs."""
    words = prose(number, size_bytes // 5).split()
    starts = range(0, len(words), SECTION_WORDS)
    parts = [
        f"## Part {start // SECTION_WORDS + 1}\n\n{' '.join(words[start : start + SECTION_WORDS])}" for start in starts
    ]
    return "\n\n".join([f"# Report {number}", *parts]).encode()[:size_bytes]


def pdf(pages: int) -> bytes:
    """A book of so many full pages."""
    book = FPDF()
    book.set_font("Times", size=11)
    for page in range(pages):
        book.add_page()
        book.multi_cell(0, text=prose(1_000 + page, PAGE_WORDS))
    return bytes(book.output())


async def ingest(server: Server, files: Mapping[str, bytes]) -> tuple[float, str]:
    """Upload all (by their names) and wait until all are processed: (seconds, workspace id)."""
    async with aiohttp.ClientSession(server.url, headers=server.headers) as client:
        workspace = await told(client.post("/api/workspaces", json={"name": "bench"}))
        path = f"/api/workspaces/{workspace['id']}/documents"
        begun = time.perf_counter()
        turns = asyncio.Semaphore(UPLOADS_AT_ONCE)

        async def upload(name: str, content: bytes) -> None:
            async with turns:
                about = {"fileName": name, "sizeBytes": len(content)}
                ticket = (await told(client.post(f"{path}/file-upload", json=about)))["upload"]
                async with client.put(ticket["url"], data=content, headers=ticket["headers"]) as reply:
                    reply.raise_for_status()

        await asyncio.gather(*(upload(name, content) for name, content in files.items()))
        while await _unfinished(client, path):  # noqa: ASYNC110  over REST there is nothing to wait on
            await asyncio.sleep(POLL_SECONDS)
        return time.perf_counter() - begun, workspace["id"]


async def chunks_of(server: Server, workspace_id: str) -> list[list[str]]:
    """The chunks of every document. Raises RuntimeError for a document that was not processed."""
    async with aiohttp.ClientSession(server.url, headers=server.headers) as client:
        path = f"/api/workspaces/{workspace_id}/documents"
        documents = await _all(client, path)
        failed = [document for document in documents if document["status"] != "processed"]
        if failed:
            raise RuntimeError(f"{len(failed)} documents failed, the first: {failed[0]}")
        return [
            [chunk["content"] for chunk in await _all(client, f"{path}/{document['id']}/chunks")]
            for document in documents
        ]


def alone(texts: Sequence[Sequence[str]]) -> tuple[float, float]:
    """What the embedder needs for them, a document at a time: (seconds, processor seconds)."""
    with tempfile.TemporaryDirectory() as cache:
        weights = find_weights(folder=None, cache=Path(cache), may_download=False)
        embedder = MiniLmEmbedder(weights, cache=Path(cache))
        embedder.embed(["warm"], kind="passage")
        begun, processor = time.perf_counter(), time.process_time()
        for text in texts:
            embedder.embed(text, kind="passage")
        return time.perf_counter() - begun, time.process_time() - processor


def processor_seconds(pid: int) -> Counter[str]:
    """Of a process and all its children that live, by what they do."""
    process = psutil.Process(pid)
    seconds: Counter[str] = Counter()
    for each in (process, *process.children(recursive=True)):
        times, command = each.cpu_times(), " ".join(each.cmdline())
        part = next((name for mark, name in PARTS.items() if mark in command), "other")
        seconds[part] += times.user + times.system
    return seconds


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=FILES)
    arguments = parser.parse_args()
    files = {f"report-{number}.md": markdown(number, FILE_BYTES) for number in range(arguments.files)}
    with kosha() as server:
        asyncio.run(ingest(server, {"first.md": markdown(-1, FILE_BYTES)}))  # what loads once is loaded
        before = processor_seconds(server.pid)
        seconds, workspace_id = asyncio.run(ingest(server, files))
        processor = processor_seconds(server.pid)
        processor.subtract(before)
        texts = asyncio.run(chunks_of(server, workspace_id))
        pdf_seconds, _ = asyncio.run(ingest(server, {"book.pdf": pdf(PDF_PAGES)}))
    alone_seconds, alone_processor = alone(texts)
    chunks = sum(len(text) for text in texts)
    figures = {
        "files": len(files),
        "chunks": chunks,
        "seconds": round(seconds, 2),
        "filesPerSecond": round(len(files) / seconds, 2),
        "chunksPerSecond": round(chunks / seconds, 1),
        "embedderAloneSeconds": round(alone_seconds, 2),
        "share": round(alone_seconds / seconds, 3),
        "processorSeconds": {part: round(used, 2) for part, used in processor.items()},
        "embedderAloneProcessorSeconds": round(alone_processor, 2),
        f"pdfOf{PDF_PAGES}PagesSeconds": round(pdf_seconds, 2),
    }
    print(json.dumps(figures))


async def _unfinished(client: aiohttp.ClientSession, path: str) -> bool:
    for status in ("processing", "submitted", "awaiting"):
        if (await told(client.get(path, params={"status": status, "limit": 1})))["items"]:
            return True
    return False


async def _all(client: aiohttp.ClientSession, path: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = await told(client.get(path, params={"limit": 100, **({"cursor": cursor} if cursor else {})}))
        items += page["items"]
        if (cursor := page["nextCursor"]) is None:
            return items


if __name__ == "__main__":
    main()
