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
    """One file, page or site on its way. `document` is None until the server knows of it.

    place: the path by which the workspace knows a file; None: by its name. run: the import that is waited for; an older
    one of a document that is there already ended long ago.
    """

    source: str
    path: Path | None = None
    place: str | None = None
    crawl: Crawl = ONE_PAGE
    document: dict[str, Any] | None = None
    failure: str | None = None
    run: int = 0
    is_unchanged: bool = False

    @property
    def is_moving(self) -> bool:
        """Whether the server has it and is not done with it."""
        if self.failure is not None or self.document is None or self.is_unchanged:
            return False
        return self.document["status"] not in OVER or self.document["run"] < self.run

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
    """Upload everything, a few at a time, and, where awaited, follow each to its end; a failure is noted on it.

    A file that is there under the same path gets a new version; the same bytes do nothing.
    """
    room = asyncio.Semaphore(UPLOADS_AT_ONCE)
    there = await _there(client, workspace_id) if any(one.path for one in imports) else {}

    async def start(one: Import) -> None:
        async with room:
            try:
                await _start(client, workspace_id, one, there)
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


async def failed(client: Client, workspace_id: str) -> list[Import]:
    """What failed in a workspace, begun again."""
    documents = f"workspaces/{workspace_id}/documents"
    listed = [document async for document in client.every(documents, status="error")]
    found = [Import(document["title"], document=document, run=document["run"] + 1) for document in listed]
    for one, document in zip(found, listed, strict=True):
        try:
            one.document = await client.post(f"{documents}/{document['id']}/retry", {})
        except KoshaError as error:
            one.failure = str(error)
    return found


async def _there(client: Client, workspace_id: str) -> dict[str, dict[str, Any]]:
    """The files of a workspace by their path; of several of one path the newest."""
    found: dict[str, dict[str, Any]] = {}
    async for document in client.every(f"workspaces/{workspace_id}/documents", type="file"):
        if document["status"] != "awaiting":
            found.setdefault(document["path"], document)
    return found


async def _start(client: Client, workspace_id: str, one: Import, there: dict[str, dict[str, Any]]) -> None:
    """Bring it, and keep the document as it is after its bytes have come."""
    if one.document is not None:
        return
    documents = f"workspaces/{workspace_id}/documents"
    if one.path is None:
        one.document = await client.post(f"{documents}/website", one.crawl.body(one.source))
        return
    known = there.pop(one.place, None) if one.place else None
    if known is not None:  # one that is being imported may be made of these very bytes
        one.run = known["run"] + (known["status"] in OVER)
    replaces = known["id"] if known else None
    document_id, is_new = await client.upload(workspace_id, one.path, place=one.place, replaces=replaces)
    one.is_unchanged = not is_new
    one.document = await client.get(f"{documents}/{document_id}")


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
    if document["run"] < one.run:  # the server has not heard of the bytes yet
        return
    if document["status"] == "error":
        one.failure = document.get("error", {}).get("message") or "It failed without a reason."
    elif document["status"] == "cancelled":
        one.failure = "It was cancelled."
