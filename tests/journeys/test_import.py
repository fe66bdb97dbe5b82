"""A file's walk into a workspace, while the processes that read and keep it are killed."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from tests.acceptance.client import LOOK_SECONDS, User
from tests.journeys.listener import Heard, connected
from tests.journeys.product import WAIT_SECONDS, Part, Product

CHAPTERS = 160


def handbook(seed: str) -> bytes:
    """A file of CHAPTERS passages, none like another; some seconds of embedding."""
    chapters = (
        f"# Chapter {number} of {seed}\n\n"
        + " ".join(
            f"Rule {number}.{line} of {seed} says what to do with item {number * 31 + line}." for line in range(6)
        )
        for number in range(CHAPTERS)
    )
    return "\n\n".join(chapters).encode()


@pytest.fixture
async def workspace_id(admin: User) -> AsyncIterator[str]:
    id = await admin.workspace(chunkingStrategy="heading")
    yield id
    await admin.delete(f"workspaces/{id}")


async def in_the_middle(admin: User, workspace_id: str, document_id: str) -> None:
    """Until a part of the passages is embedded, and a part is not."""
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            document = (await admin.get(f"workspaces/{workspace_id}/documents/{document_id}")).body
            assert document["status"] in ("submitted", "processing"), "it was over before anything could be killed"
            if document.get("stage") == "embed" and 0.15 < document["progress"] < 0.9:
                return
            await asyncio.sleep(LOOK_SECONDS / 4)


async def uploading(admin: User, workspace_id: str, content: bytes) -> str:
    """The id of a document whose bytes have arrived."""
    wish = {"fileName": "handbook.md", "sizeBytes": len(content)}
    ticket = await admin.post(f"workspaces/{workspace_id}/documents/file-upload", wish)
    sent = await admin.send(ticket.body["upload"], content)
    assert sent.status < 300, sent.text
    return ticket.body["documentId"]


async def all_chunks(admin: User, workspace_id: str, document_id: str) -> list[dict[str, Any]]:
    """Every passage that is served."""
    chunks: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = await admin.get(f"workspaces/{workspace_id}/documents/{document_id}/chunks", limit=100, **cursor)
        chunks += page.items
        if page.body["nextCursor"] is None:
            return chunks
        cursor = {"cursor": page.body["nextCursor"]}


@pytest.mark.parametrize("part", ["worker", "postgres", "server"])
async def test_a_file_whose_import_is_hit_by_a_kill_is_processed_once(
    product: Product, admin: User, workspace_id: str, part: Part
) -> None:
    document_id = await uploading(admin, workspace_id, handbook(part))
    await in_the_middle(admin, workspace_id, document_id)
    product.kill(part)
    document = await admin.processed(workspace_id, document_id)
    chunks = await all_chunks(admin, workspace_id, document_id)
    assert document["vectors"] == len(chunks) == CHAPTERS
    assert [chunk["index"] for chunk in chunks] == list(range(CHAPTERS))
    assert set(Counter(chunk["chunkId"] for chunk in chunks).values()) == {1}
    assert document["warnings"] == []
    question = f"What does rule {CHAPTERS - 1}.3 say?"
    found = await admin.post("semantic-search", {"workspaceId": workspace_id, "query": question})
    assert found.items[0]["heading"] == f"Chapter {CHAPTERS - 1} of {part}"


async def test_a_backlog_of_documents_is_worked_off_and_holds_no_chat_up(
    admin: User, workspace_id: str, http: aiohttp.ClientSession, product: Product
) -> None:
    waiting = [await uploading(admin, workspace_id, handbook(f"volume {number}")) for number in range(2)]
    for number in range(20):
        text = {"title": f"Note {number}", "content": f"Note number {number} is about the annual report."}
        reply = await admin.post(f"workspaces/{workspace_id}/documents/text", text)
        waiting.append(reply.body["id"])
    heard = Heard("Who waits for whom?")
    async with connected(http, product.url, product.admin.token, heard) as connection:
        await connection.send(heard.run)
        async for _ in connection.frames():
            pass
    heard.check()
    documents = await admin.get(f"workspaces/{workspace_id}/documents", limit=100)
    assert any(document["status"] in ("submitted", "processing") for document in documents.items), "it had to wait"
    for document_id in waiting:
        await admin.processed(workspace_id, document_id)
