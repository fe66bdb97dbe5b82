"""A real site, whole: exactly its reachable pages, twice without a duplicate, then one change and one import.

`KOSHA_TEST_SITE` names a folder with a built site (`index.html` at its top), which is served here; without it, and
where no real one lies beside the checkout, it is a small one that is written for the journey.
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

REAL = Path(__file__).parents[3] / "shared" / "data" / "website" / "ntfy-docs" / "site"
FOLDER = Path(os.environ.get("KOSHA_TEST_SITE") or REAL)
WHOLE_SITE_SECONDS = 240.0  # some pages of the real one are books: a thousand passages to embed
LINK = re.compile(r"<a\s[^>]*?href=[\"']?([^\"'\s>]+)", re.I)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def product() -> Iterator[Target]:
    with started() as running:
        yield running


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    site = tmp_path / "site"
    if FOLDER.is_dir():
        return Path(shutil.copytree(FOLDER, site))
    for number in range(6):
        _write(site / (f"page-{number}" if number else "") / "index.html", number)
    _write(site / "nobody-links-here" / "index.html", 9)
    return site


def _write(file: Path, number: int) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    links = "".join(
        f'<a href="/page-{other}/">Page {other}</a> ' for other in (number + 1, number + 2, 77) if other != 6
    )
    text = f"Rule {number} says what to do with item {number * 31}, and whom to ask about it."
    file.write_text(
        f"<!doctype html><title>Page {number}</title><main><h1>Page {number}</h1><p>{text}</p></main>{links}"
    )


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
        await admin.processed(workspace, document["id"], seconds=WHOLE_SITE_SECONDS)
        first = await _pages(admin, workspace, document["id"], site)
        assert set(first) == reachable(copy)
        assert {each["status"] for each in first.values()} == {"processed"}

        again = f"workspaces/{workspace}/documents/{document['id']}/retry"
        await admin.post(again, {})
        await admin.processed(workspace, document["id"], seconds=WHOLE_SITE_SECONDS)
        assert await _pages(admin, workspace, document["id"], site) == first

        changed = sorted(first)[len(first) // 2]
        file = _file(copy, changed)
        assert file is not None
        file.write_text(
            re.sub(r"(<article\b[^>]*>|<main\b[^>]*>|<body\b[^>]*>)", r"\1<p>One more word.</p>", file.read_text())
        )
        await admin.post(again, {})
        await admin.processed(workspace, document["id"], seconds=WHOLE_SITE_SECONDS)
        third = await _pages(admin, workspace, document["id"], site)
        assert [path for path in third if third[path] != first[path]] == [changed]
