"""The socket itself: who may open it, what it takes, and what it says to what it does not take."""

from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from tests.acceptance.client import Socket, User, final_of
from tests.acceptance.conftest import Library
from tests.acceptance.target import Target

SIGN_IN_OVER = 4401
RUN = {"sessionId": str(uuid4()), "messageId": str(uuid4()), "text": "Hello?", "mode": "chain"}


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c"])
async def test_a_socket_without_a_good_token_is_refused(ben: User, target: Target, token: str) -> None:
    """API Gateway asks before it opens a socket, and answers with a status; we can only close one that is open."""
    if target.is_one_machine:
        async with ben.socket(token) as socket:
            assert await socket.code() == SIGN_IN_OVER
    else:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await ben.socket(token).__aenter__()
        assert refused.value.status == 401


async def test_a_heartbeat_is_answered(ben: User) -> None:
    async with ben.socket() as socket:
        await socket.send("heartbeat")
        assert (await socket.next())["action"] == "heartbeat"


@pytest.mark.parametrize(
    "frame",
    [
        "not json",
        "[]",
        "42",
        "{}",
        '{"action": "fly", "data": {}}',
        '{"action": "run"}',
        '{"action": "run", "data": []}',
        '{"action": "run", "data": {"sessionId": "x", "messageId": "y", "text": "z", "mode": "chain"}}',
        '{"action": "stop", "data": {"sessionId": "1"}}',
    ],
)
async def test_a_broken_frame_gets_an_error_and_the_socket_stays_open(ben: User, frame: str) -> None:
    async with ben.socket() as socket:
        await socket.opened.send_str(frame)
        error = await socket.next()
        assert (error["action"], error["data"]["code"]) == ("error", "bad_request"), error
        assert error["data"]["retryable"] is False
        assert error["data"]["content"]
        await socket.send("heartbeat")
        assert (await socket.next())["action"] == "heartbeat"


@pytest.mark.parametrize(
    "change",
    [
        {"surprise": 1},
        {"mode": "poetry"},
        {"text": ""},
        {"text": None},
        {"modelKwargs": {"temperature": 3}},
        {"modelKwargs": {"surprise": 1}},
        {"provider": "nobody", "modelName": "nothing"},
    ],
)
async def test_a_run_that_cannot_be_is_refused_and_leaves_no_session(ben: User, change: dict[str, Any]) -> None:
    ids = {"sessionId": str(uuid4()), "messageId": str(uuid4())}
    async with ben.socket() as socket:
        await socket.opened.send_json({"action": "run", "data": {**RUN, **ids, **change}})
        error = await socket.next()
        assert (error["action"], error["data"]["code"]) == ("error", "bad_request"), error
        assert error["data"]["messageId"] == ids["messageId"]
    assert (await ben.get(f"sessions/{ids['sessionId']}")).status == 404


async def test_a_question_that_is_too_long_is_told_so(ben: User) -> None:
    [error] = await ben.ask("very " * 5_000)  # a frame of more than 32 kB would end at API Gateway, not at us
    assert error["action"] == "error"
    assert error["data"]["code"] in ("too_long", "bad_request")


async def test_a_workspace_of_others_is_not_found(eve: User, library: Library) -> None:
    [error] = await eve.ask("How much leave do I have?", library.id)
    assert (error["action"], error["data"]["code"]) == ("error", "not_found")


async def test_the_turn_of_another_user_is_not_found(ben: User, eve: User, library: Library) -> None:
    ids = {"sessionId": str(uuid4()), "messageId": str(uuid4())}
    final_of(await ben.ask("How much leave do I have?", library.id, **ids))
    async with eve.socket() as socket:
        for action, more in (("resume", {"afterSequence": -1}), ("stop", {})):
            await socket.send(action, **ids, **more)
            error = await socket.next()
            assert (error["action"], error["data"]["code"]) == ("error", "not_found"), action


async def test_a_session_of_another_user_takes_no_question(ben: User, eve: User) -> None:
    session_id = str(uuid4())
    final_of(await ben.ask("Hello?", sessionId=session_id))
    [error] = await eve.ask("Hello?", sessionId=session_id)
    assert (error["action"], error["data"]["code"]) == ("error", "not_found")
    assert len((await ben.get(f"sessions/{session_id}")).body["messages"]) == 2


async def test_a_new_token_keeps_the_socket_open(ben: User, library: Library) -> None:
    async with ben.socket() as socket:
        await socket.send("authorize", token=ben.token)
        final_of(await socket.ask("How much leave do I have?", workspaceId=library.id))


@pytest.mark.parametrize("whose", ["nobody", "eve"])
async def test_a_bad_token_or_another_users_ends_the_socket(ben: User, target: Target, whose: str) -> None:
    token = target.people[whose].token if whose in target.people else "nonsense"
    async with ben.socket() as socket:
        await socket.send("authorize", token=token)
        error = await socket.next()
        assert (error["action"], error["data"]["code"]) == ("error", "unauthorized")
        assert await is_put_out(socket, target)


async def is_put_out(socket: Socket, target: Target) -> bool:
    """Whether the socket closes as PROTOCOL.md has it; behind API Gateway, which chooses the code, that it closes."""
    code = await socket.code()
    return code == SIGN_IN_OVER if target.is_one_machine else code is not None and code < 4000
