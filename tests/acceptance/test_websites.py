"""Sites and feeds, served on this machine: a product that runs elsewhere cannot reach them."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.acceptance.client import User
from tests.acceptance.target import Target
from tests.served.site import Answer, ServedSite, page, served

LEAVE = "Leave is twenty-five days a year, and Heron Island is where most of us spend it."


@pytest.fixture
def site(target: Target) -> Iterator[ServedSite]:
    if urlsplit(target.url).hostname not in ("127.0.0.1", "localhost"):
        pytest.skip("The product runs on another machine, which cannot reach a site on this one.")
    with served({"/": page("Hub", "/leave", "/keys", "/gone"), "/keys": page("Keys", "/", ETag='"1"')}) as site:
        site.pages["/leave"] = page("Leave", text=LEAVE)
        yield site


async def crawled(ada: User, workspace: str, body: dict[str, Any], kind: str = "website") -> dict[str, Any]:
    reply = await ada.post(f"workspaces/{workspace}/documents/{kind}", body)
    assert reply.status == 201, reply.text
    assert reply.body["type"] == kind
    return await ada.processed(workspace, reply.body["id"])


async def pages(ada: User, workspace: str, document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    listed = (await ada.get(f"workspaces/{workspace}/documents?parentId={document['id']}")).items
    return {urlsplit(each["path"]).path: each for each in listed}


async def test_a_site_is_crawled_and_its_pages_are_found(ada: User, workspace: str, site: ServedSite) -> None:
    body = {"url": f"{site.url}/", "followLinks": True, "limit": 10, "sitemap": False}
    document = await crawled(ada, workspace, body)
    assert (document["subDocuments"], document["progress"]) == (3, 1)
    assert any("/gone" in warning for warning in document["warnings"])
    found = await pages(ada, workspace, document)
    assert found.keys() == {"/", "/leave", "/keys"}
    assert {each["status"] for each in found.values()} == {"processed"}
    assert [each["id"] for each in (await ada.get(f"workspaces/{workspace}/documents")).items] == [document["id"]]
    query = {"workspaceId": workspace, "query": "Heron Island"}
    hits = (await ada.post("semantic-search", query)).body["items"]
    assert (hits[0]["path"], hits[0]["title"]) == (f"{site.url}/leave", "Leave")


async def test_a_second_crawl_reads_what_changed_and_lets_go_of_what_went(
    ada: User, workspace: str, site: ServedSite
) -> None:
    document = await crawled(ada, workspace, {"url": site.url, "followLinks": True, "limit": 10, "sitemap": False})
    before = await pages(ada, workspace, document)
    site.pages["/leave"] = page("Leave", text="Leave is thirty days a year.")
    site.pages["/"] = page("Hub", "/leave")
    again = await ada.post(f"workspaces/{workspace}/documents/{document['id']}/retry", {})
    assert again.status == 200, again.text
    await ada.processed(workspace, document["id"])
    after = await pages(ada, workspace, document)
    assert after.keys() == {"/", "/leave"}
    assert after["/leave"]["id"] == before["/leave"]["id"]
    assert after["/"]["updatedAt"] == before["/"]["updatedAt"]
    assert after["/leave"]["updatedAt"] > before["/leave"]["updatedAt"]


async def test_a_feed_is_read(ada: User, workspace: str, site: ServedSite) -> None:
    item = f"<item><title>News</title><link>{site.url}/leave</link></item>"
    site.pages["/feed"] = Answer(f"<rss version='2.0'><channel>{item}</channel></rss>".encode())
    document = await crawled(ada, workspace, {"url": f"{site.url}/feed", "everyMinutes": 60}, "rssfeed")
    assert (document["subDocuments"], document["everyMinutes"]) == (1, 60)
    path = f"workspaces/{workspace}/documents/{document['id']}"
    changed = await ada.call("PATCH", path, {"everyMinutes": None})
    assert changed.status == 200, changed.text
    assert "everyMinutes" not in (await ada.get(path)).body


@pytest.mark.parametrize("host", ["169.254.169.254", "localhost:{port}", "10.255.255.1", "[::1]:{port}"])
async def test_an_address_inwards_ends_in_an_error(ada: User, workspace: str, site: ServedSite, host: str) -> None:
    url = f"http://{host.format(port=site.port)}/"
    wish = {"url": url, "followLinks": True, "limit": 2, "sitemap": False}
    document = (await ada.post(f"workspaces/{workspace}/documents/website", wish)).body
    ended = await ada.over(workspace, document["id"])
    assert (ended["status"], ended["error"]["retryable"]) == ("error", False)
    assert "public internet" in ended["error"]["message"]
    assert site.asked == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "mailto:ada@example.com"},
        {"limit": 0},
        {"limit": 1001},
        {"depth": 3},
        {"url": "http://u:p@example.com/"},
    ],
)
async def test_what_is_no_wish_for_a_site_is_refused(ada: User, workspace: str, wrong: dict[str, Any]) -> None:
    wish = {"url": "https://example.com/", "followLinks": True, "limit": 10, "sitemap": False, **wrong}
    reply = await ada.post(f"workspaces/{workspace}/documents/website", wish)
    assert reply.status == 422, reply.text
