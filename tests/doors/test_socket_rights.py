"""Every action of the socket with every role and grant, in a workspace and on a turn of somebody else's."""

from collections.abc import AsyncIterator
from typing import Any, Literal
from uuid import uuid4

import pytest
from tests.doors.chat_server import ChatServer, chat_server, ids
from tests.house.machine import Machine

from kosha.model.user import Caller

Who = Literal["stranger", "manager", "administrator", "viewer", "editor", "owner"]
EVERYBODY: tuple[Who, ...] = ("stranger", "manager", "administrator", "viewer", "editor", "owner")
MEMBERS: tuple[Who, ...] = ("viewer", "editor", "owner")
OUTSIDE = ("not_found", "unauthorized")  # an administrator knows of a workspace and may not read it


@pytest.fixture
async def server(machine: Machine) -> AsyncIterator[ChatServer]:
    async with chat_server(machine) as server:
        yield server


def people(server: ChatServer) -> tuple[str, dict[Who, Caller]]:
    """A workspace of the owner's, and everybody."""
    machine, owner = server.machine, server.machine.person("manager")
    workspace = machine.workspace(owner)
    return workspace.id, {
        "stranger": machine.person(),
        "manager": machine.person("manager"),
        "administrator": machine.person("admin"),
        "viewer": machine.member(workspace, "viewer"),
        "editor": machine.member(workspace, "editor"),
        "owner": owner,
    }


@pytest.mark.parametrize("who", EVERYBODY)
async def test_only_members_of_a_workspace_may_ask_in_it(server: ChatServer, who: Who) -> None:
    workspace_id, persons = people(server)
    asked = ids()
    async with server.connected(server.token(persons[who])) as socket:
        await socket.send("run", **asked, text="How much leave?", workspaceId=workspace_id)
        frame = await socket.next()
        if who in MEMBERS:
            assert frame["action"] == "accepted"
            assert (await socket.until_end(asked["messageId"]))[-1]["action"] == "final_response"
        else:
            assert frame["action"] == "error"
            assert frame["data"]["code"] in OUTSIDE


@pytest.mark.parametrize("action", ["stop", "resume", "run in their session", "regenerate", "branch"])
@pytest.mark.parametrize("who", EVERYBODY)
async def test_nobody_reaches_a_turn_or_a_session_of_another(server: ChatServer, who: Who, action: str) -> None:
    workspace_id, persons = people(server)
    asked = ids()
    async with server.connected(server.token(persons["owner"])) as socket:
        await socket.ask("How much leave?", **asked, workspaceId=workspace_id)
    other = server.machine.person() if who == "owner" else persons[who]
    async with server.connected(server.token(other)) as socket:
        name, data = request(action, asked)
        await socket.send(name, **data)
        frame = await socket.next()
        assert frame["action"] == "error"
        assert frame["data"]["code"] == "not_found"
        assert "leave" not in frame["data"]["content"]


def request(action: str, asked: dict[str, str]) -> tuple[str, dict[str, Any]]:
    """An action that reaches for what was asked."""
    theirs = {"sessionId": asked["sessionId"], "messageId": str(uuid4()), "text": "Hi"}
    return {
        "stop": ("stop", asked),
        "resume": ("resume", asked),
        "run in their session": ("run", theirs),
        "regenerate": ("run", {**theirs, "regenerateOf": asked["messageId"]}),
        "branch": ("run", {**theirs, "branchFrom": asked["messageId"]}),
    }[action]


@pytest.mark.parametrize("action", ["run", "stop", "resume", "heartbeat", "authorize"])
async def test_no_action_is_taken_from_somebody_who_was_removed(server: ChatServer, action: str) -> None:
    leaver = server.machine.person()
    data = {"run": {**ids(), "text": "Hi"}, "stop": ids(), "resume": ids(), "authorize": {"token": "x"}}.get(action, {})
    async with server.connected(server.token(leaver)) as socket:
        server.ports.users.remove(leaver.user.id)
        await socket.send(action, **data)
        assert (await socket.next())["data"]["code"] == "unauthorized"
        assert (await socket.opened.receive()).data == 4401


async def test_unknown_ids_of_a_stranger_and_foreign_ones_are_told_in_the_same_words(server: ChatServer) -> None:
    workspace_id, persons = people(server)
    told: list[str] = []
    async with server.connected(server.token(persons["stranger"])) as socket:
        for each in (workspace_id, str(uuid4())):
            await socket.send("run", **ids(), text="Hi", workspaceId=each)
            told.append((await socket.next())["data"]["content"].replace(each, "ID"))
    assert told[0] == told[1]
