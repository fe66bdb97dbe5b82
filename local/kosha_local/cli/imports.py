"""Brings files and pages to a server and follows each until it can be searched or has failed."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from kosha.errors import KoshaError
from kosha_local.client import Client

UPLOADS_AT_ONCE = 4
LOOK_SECONDS = 0.25
PAGES_OF_A_SITE = 100
LOOKED_AT_ONCE = 8  # the server works through them in order, so the oldest are the ones that move
UPLOADED_SHARE = 0.2
OVER = ("processed", "error", "cancelled")


class Crawl(NamedTuple):
    """How far a crawl goes from an address that is brought in: without links it is one page."""

    follow_links: bool = False
    limit: int | None = None
    sitemap: bool = False

    def body(self, url: str) -> dict[str, Any]:
        """What the server is asked for."""
        is_site = self.follow_links or self.sitemap
        limit = self.limit or (PAGES_OF_A_SITE if is_site else 1)
        return {"url": url, "followLinks": self.follow_links, "limit": limit, "sitemap": self.sitemap}


ONE_PAGE = Crawl()


@dataclass
class Import:
    """One file, page or site on its way. `document` is None until the server knows of it."""

    source: str
    path: Path | None = None
    crawl: Crawl = ONE_PAGE
    document: dict[str, Any] | None = None
    failure: str | None = None

    @property
    def is_moving(self) -> bool:
        """Whether the server has it and is not done with it."""
        return self.failure is None and self.document is not None and self.document["status"] not in OVER

    @property
    def share(self) -> float:
        """How far it is, 0..1."""
        if self.document is None:
            return 1.0 if self.failure else 0.0
        if not self.is_moving:
            return 1.0
        return UPLOADED_SHARE + (1 - UPLOADED_SHARE) * float(self.document["progress"])


async def bring(
    client: Client, workspace_id: str, imports: Sequence[Import], *, is_awaited: bool, show: Callable[[], None]
) -> None:
    """Upload everything, a few at a time, and, where awaited, follow each to its end; a failure is noted on it."""
    room = asyncio.Semaphore(UPLOADS_AT_ONCE)

    async def start(one: Import) -> None:
        async with room:
            try:
                one.document = await _started(client, workspace_id, one)
            except (KoshaError, OSError) as error:
                one.failure = str(error)
        show()

    starting = asyncio.gather(*(start(one) for one in imports))
    try:
        if is_awaited:
            await _follow(client, imports, starting, show)
        await starting
    finally:
        starting.cancel()


async def _started(client: Client, workspace_id: str, one: Import) -> dict[str, Any]:
    """The document as it is after its bytes have come."""
    if one.path is None:
        return await client.post(f"workspaces/{workspace_id}/documents/website", one.crawl.body(one.source))
    document_id = await client.upload(workspace_id, one.path)
    return await client.get(f"workspaces/{workspace_id}/documents/{document_id}")


async def _follow(
    client: Client, imports: Sequence[Import], starting: "asyncio.Future[list[None]]", show: Callable[[], None]
) -> None:
    while True:
        is_complete = starting.done()
        moving = [one for one in imports if one.is_moving]
        if is_complete and not moving:
            return
        await asyncio.gather(*(_look(client, one) for one in moving[:LOOKED_AT_ONCE]))
        show()
        await asyncio.sleep(LOOK_SECONDS)


async def _look(client: Client, one: Import) -> None:
    """Ask how it is."""
    assert one.document is not None
    try:
        document = await client.get(f"workspaces/{one.document['workspaceId']}/documents/{one.document['id']}")
    except KoshaError as error:
        one.failure = str(error)
        return
    one.document = document
    if document["status"] == "error":
        one.failure = document.get("error", {}).get("message") or "It failed without a reason."
    elif document["status"] == "cancelled":
        one.failure = "It was cancelled."
