"""`kill -9` of the worker at random moments of an import: each document is there once, and nothing is left over."""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from tests.acceptance.client import LOOK_SECONDS, User
from tests.journeys.product import WAIT_SECONDS, Product

from kosha.adapters.local.embedded_postgres import dsn_of

FILES, KILLS = 16, 6
LEAST_SECONDS, MOST_SECONDS = 0.2, 2.0  # of a worker's life
# What no document answers for, and how many chunks there are.
_LEFT_OVER = sql.SQL("""
    select (select count(*) from kosha.executions where status in ('waiting', 'running'))
        + (select count(*) from kosha.staged_chunks)
        + (select count(*) from {chunks} c where not exists (
            select from kosha.documents d
            where d.id = c.document_id::text and d.status = 'processed' and d.run = c.run))
        + (select count(*) from (select from {chunks} group by document_id, chunk_index having count(*) > 1) twice),
        (select count(*) from {chunks})""")


@pytest.fixture
async def workspace_id(admin: User) -> AsyncIterator[str]:
    id = await admin.workspace(chunkingStrategy="heading")
    yield id
    await admin.delete(f"workspaces/{id}")


def _text(number: int) -> str:
    return "\n\n".join(f"# Chapter {each} of {number}\n\nItem {each * 31 + number} is here." for each in range(number))


async def _kill_again_and_again(product: Product) -> None:
    chance = random.Random(4)
    for _ in range(KILLS):
        pid = await asyncio.to_thread(product.pid_of, "worker")
        await asyncio.sleep(chance.uniform(LEAST_SECONDS, MOST_SECONDS))
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


async def _ended(admin: User, workspace_id: str) -> list[dict[str, Any]]:
    async with asyncio.timeout(6 * WAIT_SECONDS):
        while True:
            documents = (await admin.get(f"workspaces/{workspace_id}/documents", limit=100)).items
            if all(document["status"] in ("processed", "error", "cancelled") for document in documents):
                return documents
            await asyncio.sleep(LOOK_SECONDS)


@pytest.mark.slow
async def test_a_worker_killed_at_random_moments_leaves_each_document_once(
    product: Product, admin: User, workspace_id: str
) -> None:
    killing = asyncio.create_task(_kill_again_and_again(product))
    for number in range(1, FILES + 1):
        wish = {"title": f"report {number}", "content": _text(number * 3)}
        assert (await admin.post(f"workspaces/{workspace_id}/documents/text", wish)).status == 201
    await killing
    documents = await _ended(admin, workspace_id)
    assert Counter(one["title"] for one in documents) == {f"report {number}": 1 for number in range(1, FILES + 1)}
    assert {(one["status"], one.get("error")) for one in documents} == {("processed", None)}
    chunks = sql.Identifier("vectors", f"ws_{UUID(workspace_id).hex}")
    async with await psycopg.AsyncConnection.connect(dsn_of(product.data)) as connection:
        [left_over] = await (await connection.execute(_LEFT_OVER.format(chunks=chunks))).fetchall()
    assert left_over == (0, sum(one["vectors"] for one in documents))
