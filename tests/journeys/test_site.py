"""A real site, whole: exactly its reachable pages, twice without a duplicate, then one change and one import.

`KOSHA_TEST_SITE` names a folder with a built site (`index.html` at its top), which is served here; without it the
journey is left out.
"""

import os
import re
import shutil
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.acceptance.client import User
from tests.acceptance.target import Target, started
from tests.served.site import Answer, ServedSite, served

FOLDER = os.environ.get("KOSHA_TEST_SITE")
LINK = re.compile(r"<a\s[^>]*?href=[\"']?([^\"'\s>]+)", re.I)

pytestmark = [
    pytest.mark.skipif(not FOLDER, reason="KOSHA_TEST_SITE names no folder with a built site."),
    pytest.mark.slow,
]


@pytest.fixture(scope="module")
def product() -> Iterator[Target]:
    with started() as running:
        yield running


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER or "", tmp_path / "site"))


@pytest.fixture
def site(copy: Path) -> Iterator[ServedSite]:
    with served() as site:
        site.otherwise = lambda path: _answer(copy, path)
        yield site


def _file(folder: Path, path: str) -> Path | None:
    name = urllib.parse.unquote(urllib.parse.urlsplit(path).path)
    file = folder / (f"{name}index.html" if name.endswith("/") else name).lstrip("/")
    return file if file.is_file() else None


def _answer(folder: Path, path: str) -> Answer | None:
    file = _file(folder, path)
    kind = {".html": "text/html", ".xml": "application/xml"}.get(
        file.suffix if file else "", "application/octet-stream"
    )
    return Answer(file.read_bytes(), headers={"Content-Type": kind}) if file else None


def reachable(folder: Path) -> set[str]:
    """The pages that links lead to from the first, told by nothing but their links."""
    found: set[str] = set()
    waiting = ["/"]
    while waiting:
        path = waiting.pop()
        file = _file(folder, path)
        if path in found or file is None or file.suffix != ".html":
            continue
        found.add(path)
        targets = (urllib.parse.urljoin(f"http://site{path}", link) for link in LINK.findall(file.read_text()))
        waiting += [urllib.parse.urlsplit(target).path for target in targets if target.startswith("http://site/")]
    return found


async def _pages(admin: User, workspace: str, document_id: str, site: ServedSite) -> dict[str, dict[str, Any]]:
    listed = (await admin.get(f"workspaces/{workspace}/documents?parentId={document_id}&limit=100")).items
    assert len({each["path"] for each in listed}) == len(listed)
    return {each["path"].removeprefix(site.url): each for each in listed}


async def test_a_real_site_is_brought_in_page_by_page(product: Target, copy: Path, site: ServedSite) -> None:
    async with aiohttp.ClientSession() as http:
        admin = User(product.url, product.people["admin"], http)
        workspace = (await admin.post("workspaces", {"name": "Site"})).body["id"]
        wish = {"url": f"{site.url}/", "followLinks": True, "limit": 1000, "sitemap": False}
        document = (await admin.post(f"workspaces/{workspace}/documents/website", wish)).body
        await admin.processed(workspace, document["id"])
        first = await _pages(admin, workspace, document["id"], site)
        assert set(first) == reachable(copy)
        assert {each["status"] for each in first.values()} == {"processed"}

        again = f"workspaces/{workspace}/documents/{document['id']}/retry"
        await admin.post(again, {})
        await admin.processed(workspace, document["id"])
        assert await _pages(admin, workspace, document["id"], site) == first

        changed = sorted(first)[len(first) // 2]
        file = _file(copy, changed)
        assert file is not None
        file.write_text(
            re.sub(r"(<article\b[^>]*>|<main\b[^>]*>|<body\b[^>]*>)", r"\1<p>One more word.</p>", file.read_text())
        )
        await admin.post(again, {})
        await admin.processed(workspace, document["id"])
        third = await _pages(admin, workspace, document["id"], site)
        assert [path for path in third if third[path] != first[path]] == [changed]
