"""A folder that a workspace follows, in a running product: its files are found, change with it, and go with it."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.acceptance.client import LOOK_SECONDS, User
from tests.journeys.product import WAIT_SECONDS, ModelServer, running


async def settled(admin: User, path: str) -> dict[str, Any]:
    """The source after its look, when every document of it is searchable."""
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            [source] = (await admin.get(f"{path}/sources")).items
            assert source["status"] != "error", source
            documents = (await admin.get(f"{path}/documents")).items
            if source["status"] == "ok" and all(one["status"] == "processed" for one in documents):
                return source
            await asyncio.sleep(LOOK_SECONDS)


async def found(admin: User, workspace_id: str, query: str) -> list[str]:
    """What search finds, as (path: content)."""
    reply = await admin.post("semantic-search", {"workspaceId": workspace_id, "query": query})
    return [f"{hit['path']}: {hit['content']}" for hit in reply.items]


@pytest.mark.slow
async def test_documents_follow_their_folder(tmp_path: Path, model: ModelServer, http: aiohttp.ClientSession) -> None:
    folder = tmp_path / "handbook"
    (folder / "rules").mkdir(parents=True)
    (folder / "rules" / "leave.md").write_text("# Leave\n\nEverybody has 25 days of leave a year.")
    (folder / "travel.md").write_text("# Travel\n\nThe railway is paid for in full.")
    with running(tmp_path / "data", model, KOSHA_SOURCE_FOLDERS=str(folder)) as product:
        admin = User(product.url, product.admin, http)
        workspace_id = await admin.workspace()
        path = f"workspaces/{workspace_id}"
        refused = await admin.post(f"{path}/sources", {"kind": "folder", "location": "/etc", "everyMinutes": 60})
        assert refused.status == 422, refused.text
        made = await admin.post(f"{path}/sources", {"kind": "folder", "location": str(folder), "everyMinutes": 60})
        assert made.status == 201, made.text
        first = await settled(admin, path)
        assert first["counts"]["added"] == first["documents"] == 2
        assert any("25 days" in one for one in await found(admin, workspace_id, "How many days of leave?"))

        (folder / "rules" / "leave.md").write_text("# Leave\n\nEverybody has 31 days of leave a year by now.")
        (folder / "travel.md").unlink()
        again = await admin.post(f"{path}/sources/{first['id']}/sync", {})
        assert again.status == 200, again.text
        second = await settled(admin, path)
        assert (second["counts"]["changed"], second["counts"]["removed"]) == (1, 1)
        said = await found(admin, workspace_id, "How many days of leave?")
        assert any("31 days" in one for one in said)
        assert not any("25 days" in one or "railway" in one for one in said)
