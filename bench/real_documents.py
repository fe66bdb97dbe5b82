"""Brings in every file of a folder, one after the other, and tells how each one ended.

`python -m bench.real_documents FOLDER [--ask QUESTIONS.txt]`: JSON with the outcome, seconds and warnings of each
file, the most memory the worker and its parser took together, whether a good file still went through at the end, and
for each question whether every `[n]` of the answer resolves to a passage that contains its quote.
"""

import argparse
import asyncio
import json
import re
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import psutil

from bench.product import Server, kosha

LIMIT_SECONDS = 130
MARKER = re.compile(r"\[(\d+)\]")


class Memory:
    """The most that the worker and its children had resident together, in MB."""

    def __init__(self, supervisor_pid: int) -> None:
        self._supervisor = psutil.Process(supervisor_pid)
        self.peak_mb = 0.0

    async def watch(self) -> None:
        """Look ten times a second, until cancelled."""
        while True:
            total = 0
            for child in self._supervisor.children():
                try:
                    if "kosha_local.worker" in " ".join(child.cmdline()):
                        total += sum(each.memory_info().rss for each in [child, *child.children(recursive=True)])
                except psutil.Error:
                    continue
            self.peak_mb = max(self.peak_mb, total / 2**20)
            await asyncio.sleep(0.1)


async def bring_in(client: aiohttp.ClientSession, path: str, file: Path) -> dict[str, Any]:
    """How one file ended."""
    began = time.monotonic()
    wish = {"fileName": file.name, "sizeBytes": file.stat().st_size}
    async with client.post(f"{path}/file-upload", json=wish) as reply:
        told = await reply.json()
        if reply.status != 201:
            return {"status": f"refused {reply.status}", "reason": told["detail"]}
    upload = told["upload"]
    async with client.request(
        upload["method"], upload["url"], data=file.read_bytes(), headers=upload["headers"]
    ) as reply:
        if reply.status >= 300:
            return {"status": f"upload refused {reply.status}", "reason": await reply.text()}
    while True:
        async with client.get(f"{path}/{told['documentId']}") as reply:
            document = await reply.json()
        seconds = round(time.monotonic() - began, 1)
        if document["status"] in ("processed", "error", "cancelled") or seconds > LIMIT_SECONDS:
            reason = (document.get("error") or {}).get("message")
            return {
                "status": document["status"],
                "reason": reason,
                "warnings": document["warnings"],
                "vectors": document["vectors"],
                "seconds": seconds,
            }
        await asyncio.sleep(0.1)


async def ask(client: aiohttp.ClientSession, server: Server, workspace_id: str, question: str) -> dict[str, Any]:
    """The answer to one question and whether its markers hold."""
    async with client.ws_connect(server.socket_url, max_msg_size=0) as socket:
        data = {
            "sessionId": str(uuid4()),
            "messageId": str(uuid4()),
            "text": question,
            "mode": "chain",
            "workspaceId": workspace_id,
        }
        await socket.send_json({"action": "run", "data": data})
        async for message in socket:
            frame = json.loads(message.data)
            if frame["action"] in ("final_response", "error"):
                break
    told = frame["data"]
    if frame["action"] == "error":
        return {"question": question, "error": told["content"]}
    passages = {
        hit["chunkId"]: f"{hit['content']} {hit.get('contentComplement', '')}" for hit in told["metadata"]["documents"]
    }
    citations = {one["marker"]: one for one in told["metadata"]["citations"]}
    markers = {int(number) for number in MARKER.findall(told["content"])}
    resolved = all(n in citations and citations[n]["quote"] in passages[citations[n]["chunkId"]] for n in markers)
    sources = sorted({one["title"] for one in citations.values()})
    return {
        "question": question,
        "answer": told["content"],
        "markers": len(markers),
        "resolved": resolved,
        "sources": sources,
    }


async def measure(server: Server, files: list[Path], questions: list[str], at_once: int) -> dict[str, Any]:
    """All files, then a good one, then the questions."""
    memory = Memory(server.pid)
    watching = asyncio.create_task(memory.watch())
    room = asyncio.Semaphore(at_once)
    async with aiohttp.ClientSession(server.url, headers=server.headers) as client:
        async with client.post("/api/workspaces", json={"name": "Real documents"}) as reply:
            workspace_id = (await reply.json())["id"]
        path = f"/api/workspaces/{workspace_id}/documents"

        async def one(file: Path) -> dict[str, Any]:
            async with room:
                return {"file": file.name, **await bring_in(client, path, file)}

        outcomes = await asyncio.gather(*(one(file) for file in files))
        good = server.data / "good.md"
        good.write_text("# Good\n\nThis file is fine.\n")
        last = await bring_in(client, path, good)
        answers = [await ask(client, server, workspace_id, question) for question in questions]
    watching.cancel()
    return {
        "files": outcomes,
        "peakWorkerMb": round(memory.peak_mb),
        "goodFileAfterwards": last["status"],
        "answers": answers,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--ask", type=Path, help="a file with a question a line")
    parser.add_argument("--only", default="*", help="a glob on the names")
    parser.add_argument("--at-once", type=int, default=1)
    arguments = parser.parse_args()
    questions = arguments.ask.read_text().splitlines() if arguments.ask else []
    files = sorted(file for file in arguments.folder.glob(arguments.only) if file.is_file())
    with kosha() as server:
        print(
            json.dumps(asyncio.run(measure(server, files, questions, arguments.at_once)), indent=1, ensure_ascii=False)
        )
