"""REST over HTTP on one machine: what the server adds to the one API."""

from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from tests.house.asgi import App, HttpReply, ask
from tests.house.machine import Machine

from kosha.model.user import Caller
from kosha_local.rest import RestDoor


@pytest.fixture
def app(machine: Machine) -> App:
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"]
    return Starlette(
        routes=[Route("/api/{path:path}", RestDoor(machine.api, machine.ports.tokens).answer, methods=methods)]
    )


def signed_in(machine: Machine, caller: Caller) -> dict[str, str]:
    return {"Authorization": f"Bearer {machine.ports.tokens.issue(caller.user)[0]}"}


def assert_problem(reply: HttpReply, status: int) -> Any:
    assert reply.status == status, reply.body
    assert reply.headers["content-type"] == "application/problem+json"
    return reply.json


async def test_a_bearer_token_tells_who_asks(app: App, machine: Machine) -> None:
    ada = machine.person()
    reply = await ask(app, "GET", "/api/me", headers=signed_in(machine, ada))
    assert reply.json["user"]["id"] == ada.user.id


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer x.y.z", "Basic YTpi", "bearer "])
async def test_a_missing_or_bad_token_is_401(app: App, header: str | None) -> None:
    reply = await ask(app, "GET", "/api/workspaces", headers={"Authorization": header} if header is not None else {})
    assert_problem(reply, 401)


async def test_health_needs_no_sign_in(app: App) -> None:
    reply = await ask(app, "GET", "/api/health")
    assert reply.status == 200
    assert reply.json["components"]["database"] == {"status": "ok"}


async def test_a_workspace_lives_through_its_life(app: App, machine: Machine) -> None:
    headers = signed_in(machine, machine.person("manager"))
    made = await ask(app, "POST", "/api/workspaces", {"name": "Handbook"}, headers=headers)
    assert made.status == 201
    path = f"/api/workspaces/{made.json['id']}"
    assert (await ask(app, "PATCH", path, {"name": "Rules"}, headers=headers)).json["name"] == "Rules"
    assert (await ask(app, "GET", path, headers=headers)).json["name"] == "Rules"
    assert (await ask(app, "DELETE", path, headers=headers)).status == 204
    assert (await ask(app, "GET", path, headers=headers)).json["status"] == "deleting"


async def test_a_text_is_added_listed_and_taken_away(app: App, machine: Machine) -> None:
    owner = machine.person("manager")
    headers, documents = signed_in(machine, owner), f"/api/workspaces/{machine.workspace(owner).id}/documents"
    made = await ask(app, "POST", f"{documents}/text", {"title": "Leave", "content": "25 days."}, headers=headers)
    assert made.status == 201
    assert made.json["status"] == "submitted"
    [listed] = (await ask(app, "GET", f"{documents}?type=text&limit=1", headers=headers)).json["items"]
    assert listed["id"] == made.json["id"]
    one = f"{documents}/{listed['id']}"
    content = await ask(app, "GET", f"{one}/content", headers=headers)
    assert content.status == 302
    assert content.headers["location"].startswith("/download/")
    assert (await ask(app, "POST", f"{one}/cancel", headers=headers)).json["status"] == "cancelled"
    assert (await ask(app, "POST", f"{one}/retry", headers=headers)).json["status"] == "submitted"
    assert (await ask(app, "DELETE", one, headers=headers)).status == 204
    assert_problem(await ask(app, "GET", one, headers=headers), 404)


async def test_a_question_is_taken_and_stands_in_its_session(app: App, machine: Machine) -> None:
    headers = signed_in(machine, machine.person())
    ids = {"sessionId": "7b0f3a52-0000-4000-8000-000000000001", "messageId": "7b0f3a52-0000-4000-8000-000000000002"}
    first = await ask(app, "POST", "/api/chat", {**ids, "text": "Hello?"}, headers=headers)
    assert (first.status, first.json) == (202, ids)
    assert (await ask(app, "POST", "/api/chat", {**ids, "text": "Hello?"}, headers=headers)).json == ids
    session = f"/api/sessions/{ids['sessionId']}"
    assert [one["id"] for one in (await ask(app, "GET", session, headers=headers)).json["messages"]] == [
        ids["messageId"]
    ]
    renamed = await ask(app, "PATCH", session, {"title": "Greetings"}, headers=headers)
    assert renamed.json["title"] == "Greetings"
    assert (await ask(app, "DELETE", session, headers=headers)).status == 204
    assert (await ask(app, "GET", "/api/sessions", headers=headers)).json["items"] == []


async def test_an_administrator_manages_people(app: App, machine: Machine) -> None:
    headers = signed_in(machine, machine.person("admin"))
    body = {"userName": "grace.hopper@example.org", "password": "a long password", "roles": ["user"]}
    made = await ask(app, "POST", "/api/users", body, headers=headers)
    assert made.status == 201
    assert made.json["userName"] == body["userName"]
    assert "password" not in made.body.decode()
    assert_problem(await ask(app, "POST", "/api/users", body, headers=headers), 409)
    path = "/api/users/grace.hopper%40example.org"
    assert (await ask(app, "PATCH", path, {"roles": ["manager"]}, headers=headers)).json["roles"] == ["manager"]
    assert_problem(await ask(app, "PATCH", path, {}, headers=headers), 422)
    assert (await ask(app, "DELETE", path, headers=headers)).status == 204
    assert_problem(await ask(app, "DELETE", path, headers=headers), 404)


async def test_bytes_that_are_no_text_are_400(app: App, machine: Machine) -> None:
    headers = signed_in(machine, machine.person())
    assert_problem(await ask(app, "POST", "/api/chat", b"\xff\xfe", headers=headers), 400)


async def test_a_body_that_is_too_large_is_413(app: App, machine: Machine) -> None:
    headers = signed_in(machine, machine.person())
    assert_problem(await ask(app, "POST", "/api/chat", b"x" * (7 * 2**20), headers=headers), 413)


@pytest.mark.parametrize("path", ["%00", "%ff", "..%2f..", "%f0%9f%99%82", "a" * 3000])
async def test_an_odd_path_is_404(app: App, machine: Machine, path: str) -> None:
    headers = signed_in(machine, machine.person())
    assert_problem(await ask(app, "GET", f"/api/workspaces/{path}", headers=headers), 404)
