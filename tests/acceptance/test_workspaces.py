"""Workspaces, who shares them, lists and idempotency."""

from uuid import uuid4

import pytest
from tests.acceptance.client import User
from tests.acceptance.conftest import Library

FIELDS = {
    *("id", "name", "engine", "status", "languages", "embeddingsModelProvider", "embeddingsModelName"),
    *("embeddingsModelDimensions", "metric", "index", "hybridSearch", "chunkingStrategy", "chunkSize", "chunkOverlap"),
    *("emptyRetrieval", "documents", "vectors", "sizeInBytes", "createdAt", "updatedAt", "grant"),
}


async def test_a_workspace_needs_a_name_only(ada: User) -> None:
    made = await ada.post("workspaces", {"name": "Only a name"})
    assert made.status in (200, 201), made.text
    read = await ada.get(f"workspaces/{made.body['id']}")
    assert read.body["name"] == "Only a name"
    assert read.body.keys() >= FIELDS
    assert read.body["grant"] == "owner"
    assert read.body["createdAt"].endswith("Z")
    assert (await ada.delete(f"workspaces/{made.body['id']}")).status in (200, 202, 204)


async def test_settings_are_kept_as_they_were_given(ada: User) -> None:
    settings = {
        "chunkSize": 500,
        "chunkOverlap": 50,
        "metric": "l2",
        "languages": ["en", "de"],
        "hybridSearch": False,
        "emptyRetrieval": "converse",
        "retrieval": {"topK": 3},
    }
    made = await ada.workspace(**settings)
    read = (await ada.get(f"workspaces/{made}")).body
    assert {name: read[name] for name in settings if name != "retrieval"} | {"retrieval": {"topK": 3}} == settings
    assert read["retrieval"]["topK"] == 3


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("chunkSize", 99),
        ("chunkSize", 10_001),
        ("chunkOverlap", 1000),
        ("languages", []),
        ("languages", ["en", "de", "fr", "it"]),
        ("metric", "euclid"),
        ("chunkingStrategy", "magic"),
        ("engine", "abacus"),
        ("surprise", 1),
    ],
)
async def test_a_setting_that_cannot_be_is_refused_by_name(ada: User, field: str, value: object) -> None:
    reply = await ada.post("workspaces", {"name": "Refused", field: value})
    assert reply.status == 422, reply.text
    assert any(error["path"].startswith(field) for error in reply.body["errors"]), reply.body


async def test_a_workspace_is_renamed(ada: User, workspace: str) -> None:
    changed = await ada.patch(f"workspaces/{workspace}", {"name": "Another name"})
    assert changed.status == 200, changed.text
    assert (await ada.get(f"workspaces/{workspace}")).body["name"] == "Another name"
    assert (await ada.patch(f"workspaces/{workspace}", {"colour": "red"})).status == 422


async def test_a_deleted_workspace_is_gone_with_its_documents(ada: User) -> None:
    made = await ada.workspace()
    document = await ada.text(made, "Note", "Something to forget.")
    assert (await ada.delete(f"workspaces/{made}")).status in (200, 202, 204)
    await ada.gone(f"workspaces/{made}")
    assert (await ada.get(f"workspaces/{made}/documents/{document['id']}")).status == 404
    assert (await ada.post("semantic-search", {"workspaceId": made, "query": "forget"})).status == 404


async def test_a_plain_user_makes_no_workspaces(ben: User) -> None:
    assert (await ben.post("workspaces", {"name": "Mine"})).status == 403


async def test_what_is_not_shared_is_not_there(eve: User, library: Library) -> None:
    document_id = library.documents["Leave"]["id"]
    for path in (
        f"workspaces/{library.id}",
        f"workspaces/{library.id}/members",
        f"workspaces/{library.id}/documents",
        f"workspaces/{library.id}/documents/{document_id}",
        f"workspaces/{library.id}/documents/{document_id}/chunks",
        f"workspaces/{library.id}/documents/{document_id}/content",
    ):
        assert (await eve.get(path)).status == 404, path
    assert (await eve.post("semantic-search", {"workspaceId": library.id, "query": "leave"})).status == 404
    assert library.id not in [one["id"] for one in (await eve.get("workspaces", limit=100)).items]


async def test_a_viewer_reads_and_changes_nothing(ben: User, library: Library) -> None:
    path = f"workspaces/{library.id}"
    assert (await ben.get(f"{path}/documents")).status == 200
    assert (await ben.post(f"{path}/documents/text", {"title": "T", "content": "C"})).status == 403
    assert (await ben.patch(path, {"name": "Ours"})).status == 403
    assert (await ben.delete(path)).status == 403
    assert (await ben.put(f"{path}/members/eve", {"grant": "viewer"})).status == 403
    assert (await ben.delete(f"{path}/documents/{library.documents['Leave']['id']}")).status == 403


async def test_an_administrator_without_a_grant_sees_counts_and_no_content(admin: User, library: Library) -> None:
    seen = (await admin.get(f"workspaces/{library.id}")).body
    assert seen["documents"] == 4
    assert (await admin.get(f"workspaces/{library.id}/documents")).status == 403
    assert (await admin.post("semantic-search", {"workspaceId": library.id, "query": "leave"})).status == 403


async def test_a_grant_is_given_raised_and_taken(ada: User, eve: User, workspace: str) -> None:
    path = f"workspaces/{workspace}/members/eve"
    assert (await eve.get(f"workspaces/{workspace}")).status == 404
    assert (await ada.put(path, {"grant": "viewer"})).status in (200, 201, 204)
    assert (await eve.get(f"workspaces/{workspace}")).body["grant"] == "viewer"
    assert (await ada.put(path, {"grant": "editor"})).status in (200, 201, 204)
    added = await eve.post(f"workspaces/{workspace}/documents/text", {"title": "T", "content": "An editor writes."})
    assert added.status == 201
    members = (await ada.get(f"workspaces/{workspace}/members")).items
    assert {(one["userName"], one["grant"]) for one in members} == {("ada", "owner"), ("eve", "editor")}
    assert (await ada.delete(path)).status in (200, 204)
    assert (await eve.get(f"workspaces/{workspace}")).status == 404


async def test_the_last_owner_stays(ada: User, workspace: str) -> None:
    assert (await ada.delete(f"workspaces/{workspace}/members/ada")).status == 409
    assert (await ada.put(f"workspaces/{workspace}/members/ada", {"grant": "viewer"})).status == 409


async def test_a_grant_for_nobody_is_refused(ada: User, workspace: str) -> None:
    assert (await ada.put(f"workspaces/{workspace}/members/{uuid4()}", {"grant": "viewer"})).status == 404
    assert (await ada.put(f"workspaces/{workspace}/members/ben", {"grant": "king"})).status == 422


async def test_a_list_is_walked_slice_by_slice(ada: User, workspace: str) -> None:
    path = f"workspaces/{workspace}/documents"
    for number in range(3):
        made = await ada.post(f"{path}/text", {"title": f"Text {number}", "content": f"Number {number}."})
        assert made.status == 201
    titles, cursor = [], None
    for _ in range(3):
        page = await ada.get(path, limit=1, **({"cursor": cursor} if cursor else {}))
        titles += [one["title"] for one in page.items]
        cursor = page.body["nextCursor"]
    assert sorted(titles) == ["Text 0", "Text 1", "Text 2"]
    assert cursor is None


@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "101"}, {"limit": "ten"}, {"cursor": "made-up"}, {"page": "2"}]
)
async def test_a_list_refuses_what_it_does_not_know(ada: User, query: dict[str, str]) -> None:
    reply = await ada.get("workspaces", **query)
    assert reply.status in (400, 422), reply.text
    assert reply.body["detail"]


async def test_the_same_idempotency_key_gives_the_first_reply_again(ada: User) -> None:
    key, name = str(uuid4()), f"once {uuid4().hex[:8]}"
    first = await ada.post("workspaces", {"name": name}, Idempotency_Key=key)
    again = await ada.post("workspaces", {"name": name}, Idempotency_Key=key)
    assert (again.status, again.body) == (first.status, first.body)
    names = [one["name"] for one in (await ada.get("workspaces", limit=100)).items]
    assert names.count(name) == 1
    other = await ada.post("workspaces", {"name": "Something else"}, Idempotency_Key=key)
    assert 400 <= other.status < 500


async def test_an_older_version_of_the_settings_is_brought_back(ada: User, workspace: str) -> None:
    before = (await ada.get(f"workspaces/{workspace}")).body
    changed = await ada.patch(f"workspaces/{workspace}", {"chunkSize": 600, "retrieval": {"topK": 3}})
    assert changed.status == 200, changed.text
    newest, oldest = (await ada.get(f"workspaces/{workspace}/versions")).items
    assert {change["field"] for change in newest["changes"]} == {"chunkSize", "retrieval.topK"}
    restored = await ada.post(f"workspaces/{workspace}/versions/{oldest['version']}/restore", {})
    assert restored.status == 200, restored.text
    assert {**restored.body, "updatedAt": ""} == {**before, "updatedAt": ""}
    assert len((await ada.get(f"workspaces/{workspace}/versions")).items) == 3
