"""Documents from their ticket to their end."""

import asyncio
import hashlib
from uuid import uuid4

import pytest
from tests.acceptance.client import LOOK_SECONDS, WAIT_SECONDS, User
from tests.acceptance.conftest import KEYS, LEAVE, Library
from tests.acceptance.target import Target

FIELDS = {
    *("id", "workspaceId", "type", "title", "path", "contentType", "status", "progress", "warnings", "vectors"),
    *("subDocuments", "sizeInBytes", "createdAt", "updatedAt"),
}
MARKDOWN = b"# Canteen\n\nLunch is served from 11:30 to 13:30.\n\n## Prices\n\nA meal costs 6 euros, a soup 3 euros.\n"


async def test_a_file_goes_from_its_ticket_to_processed(ada: User, workspace: str) -> None:
    path = f"workspaces/{workspace}/documents"
    wish = {"fileName": "canteen.md", "sizeBytes": len(MARKDOWN), "contentType": "text/markdown"}
    ticket = await ada.post(f"{path}/file-upload", wish)
    assert ticket.status == 201, ticket.text
    document_id = ticket.body["documentId"]
    assert (await ada.get(f"{path}/{document_id}")).body["status"] == "awaiting"
    assert (await ada.send(ticket.body["upload"], MARKDOWN)).status in (200, 201, 204)
    document = await ada.processed(workspace, document_id)
    assert document.keys() >= FIELDS
    assert (document["type"], document["title"], document["sizeInBytes"]) == ("file", "canteen.md", len(MARKDOWN))
    assert document["progress"] == 1
    assert document["vectors"] > 0
    counted = (await ada.get(f"workspaces/{workspace}")).body
    assert (counted["documents"], counted["vectors"]) == (1, document["vectors"])


async def test_the_chunks_of_a_file_carry_their_headings(ada: User, workspace: str) -> None:
    document = await ada.upload(workspace, "canteen.md", MARKDOWN)
    chunks = (await ada.get(f"workspaces/{workspace}/documents/{document['id']}/chunks")).items
    assert [chunk["index"] for chunk in chunks] == list(range(len(chunks)))
    assert all(chunk["chunkId"] and chunk["enabled"] for chunk in chunks)
    assert "6 euros" in "\n".join(chunk["content"] for chunk in chunks)
    assert any("Canteen" in (chunk.get("heading") or "") for chunk in chunks)


async def test_the_content_comes_back_byte_for_byte(ada: User, workspace: str) -> None:
    document = await ada.upload(workspace, "canteen.md", MARKDOWN)
    reply = await ada.get(f"workspaces/{workspace}/documents/{document['id']}/content")
    if reply.status == 302:
        location = reply.headers["location"]
        url = location if location.startswith("http") else f"{ada.url}{location}"
        reply = await ada.raw("GET", url, is_signed_in=False)
    assert reply.status == 200
    assert reply.text.encode() == MARKDOWN


async def test_a_new_version_takes_the_place_of_the_old_one_and_the_same_bytes_do_nothing(
    ada: User, workspace: str
) -> None:
    document = await ada.upload(workspace, "canteen.md", MARKDOWN)
    uploads = f"workspaces/{workspace}/documents/file-upload"
    newer = MARKDOWN.replace(b"6 euros", b"7 euros")
    told = {"fileName": "canteen.md", "replaces": document["id"]}
    ticket = (await ada.post(uploads, {**told, "sizeBytes": len(newer)})).body
    assert ticket["documentId"] == document["id"]
    assert (await ada.send(ticket["upload"], newer)).status in (200, 201, 204)
    async with asyncio.timeout(WAIT_SECONDS):
        while (kept := await ada.over(workspace, document["id"]))["run"] == document["run"]:
            await asyncio.sleep(LOOK_SECONDS)
    assert kept["status"] == "processed"
    chunks = (await ada.get(f"workspaces/{workspace}/documents/{document['id']}/chunks")).items
    assert "7 euros" in "\n".join(chunk["content"] for chunk in chunks)
    same = {**told, "sizeBytes": len(newer), "sha256": hashlib.sha256(newer).hexdigest()}
    reply = await ada.post(uploads, same)
    assert (reply.status, reply.body) == (201, {"documentId": document["id"]})
    assert (await ada.post(uploads, {**told, "fileName": "canteen.pdf", "sizeBytes": 3})).status == 422
    assert (await ada.post(uploads, {**told, "replaces": workspace, "sizeBytes": 3})).status == 404


async def test_a_ticket_is_for_one_size(ada: User, workspace: str) -> None:
    wish = {"fileName": "canteen.md", "sizeBytes": 10}
    ticket = (await ada.post(f"workspaces/{workspace}/documents/file-upload", wish)).body
    assert (await ada.send(ticket["upload"], MARKDOWN)).status in (400, 403, 413, 422)
    assert (await ada.send(ticket["upload"], b"short")).status in (400, 403, 413, 422)
    status = (await ada.get(f"workspaces/{workspace}/documents/{ticket['documentId']}")).body["status"]
    assert status == "awaiting"


async def test_a_made_up_ticket_is_refused(ada: User, workspace: str) -> None:
    wish = {"fileName": "canteen.md", "sizeBytes": len(MARKDOWN)}
    upload = (await ada.post(f"workspaces/{workspace}/documents/file-upload", wish)).body["upload"]
    place, _, last = upload["url"].rpartition("/")
    assert (await ada.send({**upload, "url": f"{place}/{last[::-1]}"}, MARKDOWN)).status in (400, 401, 403, 404)


@pytest.mark.parametrize(
    ("name", "size_bytes", "status"),
    [("film.mp4", 100, 415), ("no-ending", 100, 415), ("huge.pdf", 10**12, 413), ("", 100, 422), ("a.pdf", -1, 422)],
)
async def test_a_file_is_refused_at_its_ticket(
    ada: User, workspace: str, name: str, size_bytes: int, status: int
) -> None:
    path = f"workspaces/{workspace}/documents"
    reply = await ada.post(f"{path}/file-upload", {"fileName": name, "sizeBytes": size_bytes})
    assert reply.status == status, reply.text
    assert reply.body["detail"]
    assert (await ada.get(path)).items == []


async def test_a_broken_file_ends_in_an_error_that_a_person_understands(ada: User, workspace: str) -> None:
    document = await ada.upload(workspace, "broken.pdf", b"%PDF-1.7\nthis is no pdf at all\n")
    assert document["status"] == "error"
    assert len(document["error"]["message"]) > 20
    again = await ada.post(f"workspaces/{workspace}/documents/{document['id']}/retry")
    assert again.status in (200, 202), again.text
    assert (await ada.over(workspace, document["id"]))["status"] == "error"


async def test_an_upload_that_never_comes_can_be_cancelled(ada: User, workspace: str, target: Target) -> None:
    path = f"workspaces/{workspace}/documents"
    ticket = (await ada.post(f"{path}/file-upload", {"fileName": "late.txt", "sizeBytes": 5})).body
    assert (await ada.post(f"{path}/{ticket['documentId']}/cancel")).status in (200, 202, 204)
    assert (await ada.get(f"{path}/{ticket['documentId']}")).body["status"] == "cancelled"
    late = await ada.send(ticket["upload"], b"12345")
    if target.is_one_machine:
        assert late.status in (403, 404, 409)
    else:  # S3 takes what it was asked to take; it must come to nothing
        assert late.status in (200, 201, 204)
        await ada.upload(workspace, "next.txt", b"What comes after it is processed.")
    assert (await ada.get(f"{path}/{ticket['documentId']}")).body["status"] == "cancelled"


async def test_a_processed_document_can_be_imported_again(ada: User, workspace: str) -> None:
    document = await ada.text(workspace, "Keys", KEYS)
    before = (await ada.get(f"workspaces/{workspace}/documents/{document['id']}/chunks")).items
    assert (await ada.post(f"workspaces/{workspace}/documents/{document['id']}/retry")).status in (200, 202)
    await ada.processed(workspace, document["id"])
    assert (await ada.get(f"workspaces/{workspace}/documents/{document['id']}/chunks")).items == before


async def test_a_question_and_its_answer_are_one_chunk(ada: User, library: Library) -> None:
    document = library.documents["Coffee"]
    assert document["type"] == "qna"
    [chunk] = (await ada.get(f"workspaces/{library.id}/documents/{document['id']}/chunks")).items
    assert chunk["content"] == "Who repairs the coffee machine?"
    assert chunk["contentComplement"] == "The facility team, room 0.17."


async def test_documents_are_listed_by_type_and_status(ada: User, library: Library) -> None:
    path = f"workspaces/{library.id}/documents"
    assert len((await ada.get(path)).items) == 4
    assert [one["title"] for one in (await ada.get(path, type="qna")).items] == [library.documents["Coffee"]["title"]]
    assert len((await ada.get(path, status="processed", type="text")).items) == 3
    assert (await ada.get(path, status="error")).items == []
    assert (await ada.get(path, status="lost")).status == 422


async def test_a_deleted_document_is_found_no_more(ada: User, workspace: str) -> None:
    document = await ada.text(workspace, "Leave", LEAVE)
    path = f"workspaces/{workspace}/documents/{document['id']}"
    assert (await ada.delete(path)).status in (200, 202, 204)
    await ada.gone(path)
    found = await ada.post("semantic-search", {"workspaceId": workspace, "query": "annual leave"})
    assert found.body["items"] == []
    counted = (await ada.get(f"workspaces/{workspace}")).body
    assert (counted["documents"], counted["vectors"], counted["sizeInBytes"]) == (0, 0, 0)


@pytest.mark.parametrize(
    ("way", "body"),
    [
        ("text", {"title": "T", "content": "C", "surprise": 1}),
        ("text", {"title": "T"}),
        ("text", {"title": "T", "content": " \n "}),
        ("qna", {"question": "Q", "answer": "A", "surprise": 1}),
        ("qna", {"question": "", "answer": "A"}),
        ("file-upload", {"fileName": "a.txt", "sizeBytes": 1, "surprise": 1}),
        ("file-upload", {"fileName": "a.txt"}),
    ],
)
async def test_a_document_that_says_too_much_or_too_little_is_refused(
    ada: User, workspace: str, way: str, body: dict[str, object]
) -> None:
    reply = await ada.post(f"workspaces/{workspace}/documents/{way}", body)
    assert reply.status == 422, reply.text
    assert reply.body["errors"][0]["path"]


async def test_what_is_not_there_is_404(ada: User, library: Library) -> None:
    for path in (f"workspaces/{uuid4()}", f"workspaces/{library.id}/documents/{uuid4()}", f"sessions/{uuid4()}"):
        reply = await ada.get(path)
        assert reply.status == 404, path
        assert reply.body["status"] == 404


async def test_a_preview_of_chunks_stores_nothing(ada: User, workspace: str) -> None:
    text = " ".join(f"Sentence number {number} stands here." for number in range(60))
    reply = await ada.post(
        f"workspaces/{workspace}/chunk-preview", {"text": text, "chunkSize": 300, "chunkOverlap": 30}
    )
    assert reply.status in (200, 201), reply.text
    assert reply.body["count"] == len(reply.body["items"]) > 1
    assert all(len(item["content"]) <= 300 for item in reply.body["items"])
    assert (await ada.get(f"workspaces/{workspace}")).body["documents"] == 0


async def found(ada: User, workspace: str, query: str, **more: object) -> list[str]:
    reply = await ada.post("semantic-search", {"workspaceId": workspace, "query": query, **more})
    return [item["content"] for item in reply.items]


async def test_each_way_to_cut_makes_its_own_chunks_of_the_same_text(ada: User, workspace: str) -> None:
    paragraphs = [" ".join(f"Rule {row}.{place} says something else." for place in range(11)) for row in range(12)]
    counts = {}
    for strategy in ("recursive", "token", "sentence", "semantic", "parent-child"):
        wish = {"text": "\n\n".join(paragraphs), "chunkingStrategy": strategy, "chunkSize": 500, "chunkOverlap": 50}
        options = {"chunkOptions": {"parentSize": 1000, "childSize": 200, "breakpointPercentile": 80}}
        reply = await ada.post(f"workspaces/{workspace}/chunk-preview", wish | options)
        assert reply.status == 200, reply.text
        counts[strategy] = reply.body["count"]
        assert all(("parentIndex" in item) == (strategy == "parent-child") for item in reply.items)
    assert counts["token"] < counts["recursive"] < counts["parent-child"]
    assert counts["sentence"] < counts["recursive"]


async def test_an_edited_chunk_is_found_by_its_new_words(ada: User, workspace: str) -> None:
    document = await ada.text(workspace, "Leave", LEAVE)
    path = f"workspaces/{workspace}/documents/{document['id']}/chunks"
    chunk = (await ada.get(path)).items[0]
    changed = await ada.patch(f"{path}/{chunk['chunkId']}", {"content": "Zebras graze in the savanna."})
    assert changed.status == 200, changed.text
    assert changed.body == {**chunk, "content": "Zebras graze in the savanna."}
    assert await found(ada, workspace, "zebras in the savanna") == ["Zebras graze in the savanna."]
    assert await found(ada, workspace, "annual leave") == []
    off = await ada.patch(f"{path}/{chunk['chunkId']}", {"enabled": False})
    assert off.body["enabled"] is False
    assert await found(ada, workspace, "zebras in the savanna") == []
    assert (await ada.get(path)).items == [off.body]


async def test_a_changed_document_is_found_as_it_is_now(ada: User, workspace: str) -> None:
    document = await ada.text(workspace, "Leave", LEAVE)
    path = f"workspaces/{workspace}/documents/{document['id']}"
    changed = await ada.patch(path, {"title": "Almanac", "metadata": {"team": "hr", "year": 2026, "draft": False}})
    assert changed.status == 200, changed.text
    assert (changed.body["title"], changed.body["metadata"]["team"]) == ("Almanac", "hr")
    by_team = {"all": [{"field": "metadata.team", "op": "eq", "value": "hr"}]}
    assert await found(ada, workspace, "annual leave", filters=by_team)
    assert not await found(ada, workspace, "annual leave", filters={"all": [{**by_team["all"][0], "value": "it"}]})
    await ada.patch(path, {"enabled": False})
    assert await found(ada, workspace, "annual leave") == []
    await ada.patch(path, {"enabled": True})
    assert await found(ada, workspace, "annual leave")
    assert (await ada.get(path)).body["title"] == "Almanac"
