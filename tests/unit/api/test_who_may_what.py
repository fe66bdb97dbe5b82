"""Every route with every role and grant, made from the OpenAPI document: a new route fails until it is in the table."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple
from uuid import uuid4

import pytest
from tests.house.machine import Machine, Reply

from kosha.api import openapi
from kosha.model.chunk import IndexedChunk
from kosha.model.document import Document
from kosha.model.source import Source
from kosha.model.user import Caller
from kosha.model.wire import RunData
from kosha.model.workspace import Workspace
from kosha.workspaces import settings_of

Who = Literal["nobody", "stranger", "manager", "administrator", "viewer", "editor", "owner"]
EVERYBODY: tuple[Who, ...] = ("nobody", "stranger", "manager", "administrator", "viewer", "editor", "owner")
VIEWERS: tuple[Who, ...] = ("viewer", "editor", "owner")
EDITORS: tuple[Who, ...] = ("editor", "owner")
SIGNED_IN: tuple[Who, ...] = EVERYBODY[1:]


class Stage(NamedTuple):
    """A workspace with a document and an owner's session: what the calls are about."""

    workspace: Workspace
    document: Document
    chunk_id: str
    session_id: str
    message_id: str
    source: Source
    target: Caller
    people: dict[Who, Caller | None]


class Route(NamedTuple):
    """Who may call it, what is sent, and what those get who may not (without a word: 404 for strangers, else 403)."""

    allowed: tuple[Who, ...]
    body: Callable[[Stage], Any] = lambda _: None
    refused: int | None = None


def of_workspace(stage: Stage) -> Any:
    return {"workspaceId": stage.workspace.id, "query": "leave"}


def question(stage: Stage) -> Any:
    ids = {"sessionId": str(uuid4()), "messageId": str(uuid4())}
    return {**ids, "text": "How much leave?", "workspaceId": stage.workspace.id}


def judgement(stage: Stage) -> Any:
    return {"sessionId": stage.session_id, "messageId": stage.message_id, "score": 1}


TABLE: dict[str, Route] = {
    "GET /health": Route(EVERYBODY),
    "GET /me": Route(SIGNED_IN),
    "GET /llms": Route(SIGNED_IN),
    "GET /rag/engines": Route(SIGNED_IN),
    "GET /embeddings/models": Route(SIGNED_IN),
    "POST /embeddings": Route(SIGNED_IN, lambda _: {"provider": "none", "model": "none", "input": ["a"]}),
    "GET /cross-encoders/models": Route(SIGNED_IN),
    "POST /cross-encoders": Route(
        SIGNED_IN, lambda _: {"provider": "none", "model": "none", "query": "a", "passages": ["b"]}
    ),
    "GET /workspaces": Route(SIGNED_IN),
    "POST /workspaces": Route(("manager", "administrator"), lambda _: {"name": "New"}, 403),
    "GET /workspaces/{workspace_id}": Route((*VIEWERS, "administrator")),
    "GET /workspaces/{workspace_id}/recall": Route((*VIEWERS, "administrator")),
    "PATCH /workspaces/{workspace_id}": Route(("owner",), lambda _: {"name": "Renamed"}),
    "DELETE /workspaces/{workspace_id}": Route(("owner",)),
    "GET /workspaces/{workspace_id}/versions": Route((*VIEWERS, "administrator")),
    "POST /workspaces/{workspace_id}/versions/{version}/restore": Route(("owner",)),
    "GET /workspaces/{workspace_id}/members": Route(("owner", "administrator")),
    "PUT /workspaces/{workspace_id}/members/{user_name}": Route(
        ("owner", "administrator"), lambda _: {"grant": "viewer"}
    ),
    "DELETE /workspaces/{workspace_id}/members/{user_name}": Route(("owner", "administrator")),
    "GET /users": Route(("administrator",), refused=403),
    "POST /users": Route(("administrator",), lambda _: {"userName": f"new-{uuid4().hex[:8]}"}, 403),
    "PATCH /users/{user_name}": Route(("administrator",), lambda _: {"roles": ["manager"]}, 403),
    "DELETE /users/{user_name}": Route(("administrator",), refused=403),
    "GET /workspaces/{workspace_id}/documents": Route(VIEWERS),
    "POST /workspaces/{workspace_id}/documents/file-upload": Route(
        EDITORS, lambda _: {"fileName": "a.txt", "sizeBytes": 3}
    ),
    "POST /workspaces/{workspace_id}/documents/text": Route(EDITORS, lambda _: {"title": "a", "content": "b"}),
    "POST /workspaces/{workspace_id}/documents/qna": Route(EDITORS, lambda _: {"question": "a?", "answer": "b"}),
    "POST /workspaces/{workspace_id}/documents/website": Route(EDITORS, lambda _: {"url": "https://example.com/"}),
    "POST /workspaces/{workspace_id}/documents/rssfeed": Route(EDITORS, lambda _: {"url": "https://example.com/feed"}),
    "GET /workspaces/{workspace_id}/documents/{document_id}": Route(VIEWERS),
    "PATCH /workspaces/{workspace_id}/documents/{document_id}": Route(EDITORS, lambda _: {"title": "Holidays"}),
    "DELETE /workspaces/{workspace_id}/documents/{document_id}": Route(EDITORS),
    "POST /workspaces/{workspace_id}/documents/{document_id}/retry": Route(EDITORS),
    "POST /workspaces/{workspace_id}/documents/{document_id}/cancel": Route(EDITORS),
    "GET /workspaces/{workspace_id}/documents/{document_id}/content": Route(VIEWERS),
    "GET /workspaces/{workspace_id}/documents/{document_id}/chunks": Route(VIEWERS),
    "PATCH /workspaces/{workspace_id}/documents/{document_id}/chunks/{chunk_id}": Route(
        EDITORS, lambda _: {"content": "26 days a year", "enabled": False}
    ),
    "POST /workspaces/{workspace_id}/chunk-preview": Route(VIEWERS, lambda _: {"text": "One. Two."}),
    "GET /workspaces/{workspace_id}/sources": Route(VIEWERS),
    "POST /workspaces/{workspace_id}/sources": Route(EDITORS, lambda _: {"kind": "folder", "location": "/srv"}),
    "POST /workspaces/{workspace_id}/sources/{source_id}/sync": Route(EDITORS),
    "DELETE /workspaces/{workspace_id}/sources/{source_id}": Route(EDITORS),
    "POST /semantic-search": Route(VIEWERS, of_workspace),
    "POST /chat": Route(VIEWERS, question),
    "GET /stream/{message_id}": Route(("owner",), refused=404),
    "GET /sessions": Route(SIGNED_IN),
    "DELETE /sessions": Route(SIGNED_IN),
    "GET /sessions/{session_id}": Route(("owner",), refused=404),
    "PATCH /sessions/{session_id}": Route(("owner",), lambda _: {"title": "Holidays"}, 404),
    "DELETE /sessions/{session_id}": Route(("owner",), refused=404),
    # The owner's question has no answer yet to be judged; what counts is that nobody is told whose it is.
    "POST /feedback": Route((), judgement, 404),
}
PATHS = openapi.document()["paths"]
OPERATIONS = [f"{method.upper()} {path}" for path, operations in PATHS.items() for method in operations]


def stage_for(machine: Machine) -> Stage:
    machine.ports.limits = machine.ports.limits._replace(stream_seconds=0)  # nobody answers here
    owner = machine.person("manager")
    workspace = machine.workspace(owner)
    people: dict[Who, Caller | None] = {
        "nobody": None,
        "stranger": machine.person(),
        "manager": machine.person("manager"),
        "administrator": machine.person("admin"),
        "viewer": machine.member(workspace, "viewer"),
        "editor": machine.member(workspace, "editor"),
        "owner": owner.model_copy(update={"user": owner.user.model_copy(update={"roles": ("user",)})}),
    }
    session_id, message_id = str(uuid4()), str(uuid4())
    run = RunData.model_validate({"session_id": session_id, "message_id": message_id, "text": "How much leave?"})
    machine.call("POST", "/chat", run.model_dump(mode="json", by_alias=True, exclude_none=True), by=owner)
    target = machine.member(workspace, "viewer")
    about = {"id": str(uuid4()), "workspace_id": workspace.id, "kind": "folder", "location": "/srv"}
    source = Source(**about, every_minutes=60, created_at=machine.ports.now())
    machine.ports.sources.add(source)
    document = machine.document(workspace)
    chunk = IndexedChunk(chunk_id=str(uuid4()), document_id=document.id, index=0, content="25 days a year")
    index = machine.ports.index(workspace.engine)
    index.stage(document, [chunk], None)
    index.publish(workspace, document)
    set_before = settings_of(workspace)
    kept = set_before.model_copy(update={"name": "Once"})
    machine.ports.workspace_versions.keep(workspace.id, kept, set_before, by=owner.user.id, at=machine.ports.now())
    return Stage(workspace, document, chunk.chunk_id, session_id, message_id, source, target, people)


def ask(machine: Machine, operation: str, stage: Stage, who: Who) -> Reply:
    method, path = operation.split(" ")
    ids = {
        "workspace_id": stage.workspace.id,
        "document_id": stage.document.id,
        "session_id": stage.session_id,
        "message_id": stage.message_id,
        "user_name": stage.target.user.name,
        "chunk_id": stage.chunk_id,
        "version": "1",
        "source_id": stage.source.id,
    }
    return machine.call(method, path.format(**ids), TABLE[operation].body(stage), by=stage.people[who])


def expected_refusal(operation: str, who: Who) -> int:
    if who == "nobody":
        return 401
    if PATHS[operation.split(" ")[1]][operation.split(" ")[0].lower()]["responses"].keys() == {"501"}:
        return 501
    told = TABLE[operation].refused
    return told or (404 if who in ("stranger", "manager") else 403)


def test_every_route_is_in_the_table() -> None:
    assert sorted(TABLE) == sorted(OPERATIONS)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_route_answers_those_who_may_and_tells_the_others_no_more_than_it_must(
    machine: Machine, operation: str
) -> None:
    stage = stage_for(machine)
    for who in EVERYBODY:
        if who not in TABLE[operation].allowed:
            reply = ask(machine, operation, stage, who)
            assert reply.status == expected_refusal(operation, who), f"{who}: {reply.text}"
    for who in TABLE[operation].allowed:
        reply = ask(machine, operation, stage, who)
        assert reply.status < 500, f"{who}: {reply.text}"
        assert reply.status not in (401, 403, 404, 405), f"{who}: {reply.text}"
        if operation.startswith("DELETE"):  # what is gone is not there for the next one
            stage = stage_for(machine)


@pytest.mark.parametrize("operation", [operation for operation in OPERATIONS if "{workspace_id}" in operation])
def test_a_stranger_gets_the_same_answer_whether_the_workspace_is_there_or_not(
    machine: Machine, operation: str
) -> None:
    stage = stage_for(machine)
    there = ask(machine, operation, stage, "stranger")
    gone = stage._replace(workspace=stage.workspace.model_copy(update={"id": str(uuid4())}))
    nowhere = ask(machine, operation, gone, "stranger")
    assert there.status == nowhere.status
    shown = [reply.json["detail"] for reply in (there, nowhere)]
    assert shown[0].replace(stage.workspace.id, "") == shown[1].replace(gone.workspace.id, "")


def test_the_document_of_another_workspace_is_not_found_through_ones_own(machine: Machine) -> None:
    stage, own = stage_for(machine), machine.person("manager")
    mine = machine.workspace(own)
    reply = machine.call("GET", f"/workspaces/{mine.id}/documents/{stage.document.id}", by=own)
    assert reply.status == 404
    searched = {"workspaceId": mine.id, "query": "leave", "explain": True, "documentId": stage.document.id}
    assert machine.call("POST", "/semantic-search", searched, by=own).status == 404
