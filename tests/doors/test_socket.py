"""`/socket`: what a client may get wrong, who hears what, who is put out, and what stops."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from tests.acceptance.client import Socket, final_of, said, tokens_of
from tests.doors.chat_server import ChatServer, chat_server, ids
from tests.house.machine import Machine
from tests.unit.chat.house import disk_full, silence, until

NOT_A_FRAME = {
    "no JSON": "hello",
    "half an object": '{"action":',
    "a list": "[1]",
    "a word": '"run"',
    "nothing": "",
    "deeper than anybody needs": "[" * 100_000,
    "a number of many digits": '{"action": ' + "9" * 10_000 + "}",
}
NOT_AN_ACTION = {
    "none": {},
    "unknown": {"action": "fly", "data": {}},
    "a number": {"action": 7},
    "data that is text": {"action": "run", "data": "x"},
    "data that is a list": {"action": "run", "data": [1]},
    "no fields": {"action": "run", "data": {}},
    "an unknown field": {"action": "run", "data": {**ids(), "text": "Hi", "colour": "red"}},
    "an id that is none": {"action": "run", "data": {**ids(), "messageId": "1", "text": "Hi"}},
    "a session that is none": {"action": "run", "data": {**ids(), "sessionId": "\ud800", "text": "Hi"}},
    "an unknown mode": {"action": "run", "data": {**ids(), "text": "Hi", "mode": "magic"}},
    "a file": {"action": "run", "data": {**ids(), "text": "Hi", "files": [{}]}},
    "heat beyond measure": {"action": "run", "data": {**ids(), "text": "Hi", "modelKwargs": {"temperature": 3}}},
    "an unknown model": {"action": "run", "data": {**ids(), "text": "Hi", "modelName": "gpt-99"}},
    "no text": {"action": "run", "data": {**ids(), "text": "  "}},
    "a NUL": {"action": "run", "data": {**ids(), "text": "a\x00"}},
    "a place before the first": {"action": "resume", "data": {**ids(), "afterSequence": -2}},
    "no token": {"action": "authorize", "data": {}},
}


@pytest.fixture
async def server(machine: Machine) -> AsyncIterator[ChatServer]:
    async with chat_server(machine) as server:
        yield server


async def error(socket: Socket) -> dict[str, Any]:
    frame = await socket.next()
    assert frame["action"] == "error", frame
    return frame["data"]


async def is_open(socket: Socket) -> bool:
    """Whether it answers a heartbeat, whatever it says before."""
    await socket.send("heartbeat")
    while (frame := await socket.next())["action"] != "heartbeat":
        assert frame["action"] != "error", frame
    return True


@pytest.mark.parametrize("text", NOT_A_FRAME.values(), ids=NOT_A_FRAME)
async def test_a_broken_frame_is_answered_and_the_socket_stays_open(server: ChatServer, text: str) -> None:
    async with server.connected() as socket:
        await socket.opened.send_str(text)
        told = await error(socket)
        assert (told["code"], told["retryable"]) == ("bad_request", False)
        assert await is_open(socket)


@pytest.mark.parametrize("frame", NOT_AN_ACTION.values(), ids=NOT_AN_ACTION)
async def test_a_wrong_action_is_answered_with_what_is_wrong(server: ChatServer, frame: dict[str, Any]) -> None:
    async with server.connected() as socket:
        await socket.opened.send_str(json.dumps(frame))
        told = await error(socket)
        assert (told["code"], told["retryable"]) == ("bad_request", False)
        assert len(told["content"]) > 20
        assert await is_open(socket)
    assert server.model.prompts == []


async def test_an_error_names_the_question_it_is_about(server: ChatServer) -> None:
    async with server.connected() as socket:
        asked = ids()
        await socket.send("run", **asked, text="")
        told = await error(socket)
        assert (told["sessionId"], told["messageId"]) == (asked["sessionId"], asked["messageId"])


@pytest.mark.parametrize("characters", [20_001, 300_000])
async def test_a_question_that_is_too_long_is_told_so(server: ChatServer, characters: int) -> None:
    async with server.connected() as socket:
        await socket.send("run", **ids(), text="x" * characters)
        assert (await error(socket))["code"] == "too_long"
        assert await is_open(socket)


async def test_a_binary_frame_is_read_as_text(server: ChatServer) -> None:
    async with server.connected() as socket:
        await socket.opened.send_bytes(b'{"action": "heartbeat", "data": {}}')
        assert (await socket.next())["action"] == "heartbeat"


async def test_a_question_is_accepted_first_and_answered_in_order(server: ChatServer) -> None:
    server.model.will_say("25 ", "days.")
    async with server.connected() as socket:
        frames = await socket.ask("How much leave?")
    assert frames[0]["action"] == "accepted"
    assert [token["sequenceNumber"] for token in tokens_of(frames)] == list(range(len(tokens_of(frames))))
    assert final_of(frames)["content"] == said(frames) == "25 days."
    assert all(frame["type"] == "text" and frame["timestamp"].endswith("Z") for frame in frames)


async def test_a_question_without_an_id_is_given_one_in_accepted(server: ChatServer) -> None:
    async with server.connected() as socket:
        await socket.send("run", sessionId=str(uuid4()), text="Hi", modelInterface="langchain")
        accepted = await socket.next()
        assert accepted["action"] == "accepted"
        assert final_of(await socket.until_end(accepted["data"]["messageId"]))["content"] == "25 days [1]."


async def test_two_sockets_of_one_person_both_see_the_answer(server: ChatServer) -> None:
    async with server.connected() as asking, server.connected() as watching:
        assert await is_open(watching)
        asked = ids()
        await asking.send("run", **asked, text="Hi")
        seen = await asyncio.gather(asking.until_end(asked["messageId"]), watching.until_end(asked["messageId"]))
    assert final_of(seen[0]) == final_of(seen[1])
    assert tokens_of(seen[0]) == tokens_of(seen[1])
    assert seen[1][0]["action"] != "accepted"


async def test_somebody_else_sees_nothing_of_it(server: ChatServer) -> None:
    async with server.connected() as asking, server.connected(server.token(server.machine.person())) as other:
        await asking.ask("Hi")
        await other.send("heartbeat")
        assert (await other.next())["action"] == "heartbeat"


async def test_the_same_question_twice_at_once_is_answered_once(server: ChatServer) -> None:
    server.model.will_say("25 ", server.go.wait, "days.")
    async with server.connected() as socket:
        asked = ids()
        for _ in range(3):
            await socket.send("run", **asked, text="Hi")
        await until(lambda: server.model.prompts)
        server.go.set()
        frames = await socket.until_end(asked["messageId"])
        assert await is_open(socket)
    assert len(server.model.prompts) == 1
    assert [token["sequenceNumber"] for token in tokens_of(frames)] == list(range(len(tokens_of(frames))))
    assert final_of(frames)["content"] == said(frames) == "25 days."


async def test_the_same_question_after_the_end_is_told_again_and_not_answered_again(server: ChatServer) -> None:
    async with server.connected() as socket:
        asked = ids()
        first = await socket.ask("Hi", **asked)
        await socket.send("run", **asked, text="Hi")
        again = await socket.until_end(asked["messageId"])
    assert again[0]["action"] == "accepted"
    assert tokens_of(again) == tokens_of(first)
    assert final_of(again) == final_of(first)
    assert len(server.model.prompts) == 1


async def test_an_answer_goes_on_without_its_socket_and_is_resumed_from_another(server: ChatServer) -> None:
    server.model.will_say("one ", server.go.wait, "two ", "three")
    asked = ids()
    async with server.connected() as socket:
        await socket.send("run", **asked, text="Count")
        before = await socket.until_tokens(asked["messageId"], 1)
    server.go.set()
    async with server.connected() as socket:
        await socket.send("resume", **asked, afterSequence=0)
        after = await socket.until_end(asked["messageId"])
    assert [token["sequenceNumber"] for token in tokens_of([*before, *after])][:2] == [0, 1]
    assert final_of(after)["content"] == said([*before, *after]) == "one two three"


async def test_what_is_resumed_again_begins_where_it_is_asked_to(server: ChatServer) -> None:
    asked = ids()
    async with server.connected() as socket:
        first = await socket.ask("Hi", **asked)
        for after in (-1, 0, 10**12):
            await socket.send("resume", **asked, afterSequence=after)
            again = await socket.until_end(asked["messageId"])
            assert tokens_of(again) == [token for token in tokens_of(first) if token["sequenceNumber"] > after]
            assert final_of(again) == final_of(first)


@pytest.mark.parametrize("action", ["stop", "resume"])
async def test_a_turn_of_another_person_session_or_name_is_not_found(server: ChatServer, action: str) -> None:
    asked = ids()
    async with server.connected() as socket:
        await socket.ask("Hi", **asked)
        for wrong in (ids(), {**asked, "sessionId": str(uuid4())}):
            await socket.send(action, **wrong)
            assert (await error(socket))["code"] == "not_found"
    async with server.connected(server.token(server.machine.person())) as other:
        await other.send(action, **asked)
        assert (await error(other))["code"] == "not_found"


async def test_another_persons_session_takes_no_question(server: ChatServer) -> None:
    asked = ids()
    async with server.connected() as socket:
        await socket.ask("Hi", **asked)
    async with server.connected(server.token(server.machine.person())) as other:
        await other.send("run", sessionId=asked["sessionId"], messageId=str(uuid4()), text="Hi")
        assert (await error(other))["code"] == "not_found"


async def test_a_message_id_of_another_session_is_a_bad_request(server: ChatServer) -> None:
    asked = ids()
    async with server.connected() as socket:
        await socket.ask("Hi", **asked)
        await socket.send("run", sessionId=str(uuid4()), messageId=asked["messageId"], text="Hi")
        assert (await error(socket))["code"] == "bad_request"


async def test_stop_ends_a_silent_models_answer_within_a_second(server: ChatServer) -> None:
    server.model.will_say(silence)
    asked = ids()
    async with server.connected() as socket:
        await socket.send("run", **asked, text="Hi")
        await until(lambda: server.model.prompts)
        await socket.send("stop", **asked)
        async with asyncio.timeout(1):
            final = final_of(await socket.until_end(asked["messageId"]))
    assert (final["content"], final["stopReason"]) == ("", "stopped")
    assert server.model.closed == 1


async def test_stop_from_another_socket_keeps_what_was_said(server: ChatServer) -> None:
    server.model.will_say("Leave is ", silence, "never told")
    asked = ids()
    async with server.connected() as socket, server.connected() as other:
        await socket.send("run", **asked, text="Hi")
        await socket.until_tokens(asked["messageId"], 1)
        await other.send("stop", **asked)
        final = final_of(await socket.until_end(asked["messageId"]))
    assert (final["content"], final["stopReason"]) == ("Leave is ", "stopped")


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c"])
async def test_a_bad_token_is_told_and_closed_with_4401(server: ChatServer, token: str) -> None:
    async with server.connected(token) as socket:
        assert (await error(socket))["code"] == "unauthorized"
        assert await socket.code() == 4401


async def test_a_token_that_expires_on_an_open_socket_closes_it_at_the_next_frame(server: ChatServer) -> None:
    async with server.connected(server.token(seconds=1)) as socket:
        async with asyncio.timeout(10):
            while (frame := await heartbeat(socket))["action"] == "heartbeat":
                continue
        assert frame["data"]["code"] == "unauthorized"
        assert await socket.code() == 4401


async def test_authorize_renews_the_sign_in_of_an_open_socket(server: ChatServer) -> None:
    async with server.connected(server.token(seconds=2)) as socket:
        await socket.send("authorize", token=server.token())
        expired = server.token(seconds=2)
        async with server.connected(expired) as other, asyncio.timeout(10):
            while (await heartbeat(other))["action"] == "heartbeat":
                continue
        assert await is_open(socket)


async def test_authorize_with_another_persons_token_closes_the_socket(server: ChatServer) -> None:
    async with server.connected() as socket:
        await socket.send("authorize", token=server.token(server.machine.person()))
        assert (await error(socket))["code"] == "unauthorized"
        assert await socket.code() == 4401


async def test_a_revoked_user_who_only_listens_is_put_out(machine: Machine) -> None:
    async with chat_server(machine, check_seconds=0.2) as server, server.connected() as socket:
        assert await is_open(socket)
        server.ports.users.remove(server.ada.user.id)
        assert (await error(socket))["code"] == "unauthorized"
        assert await socket.code() == 4401


async def test_a_socket_beyond_the_limit_is_refused_and_the_others_stay(machine: Machine) -> None:
    async with chat_server(machine, sockets_a_user=2) as server:
        async with server.connected() as first, server.connected() as second:
            assert await is_open(first)
            assert await is_open(second)
            async with server.connected() as third:
                assert "2 open connections" in (await error(third))["content"]
                assert await third.code() == 1013
            async with server.connected(server.token(machine.person())) as somebody_else:
                assert await is_open(somebody_else)
            assert await is_open(first)
        async with server.connected() as later:
            assert await is_open(later)


async def test_a_session_that_is_deleted_meanwhile_ends_its_answer_for_who_listens(server: ChatServer) -> None:
    server.model.will_say("half", silence)
    asked = ids()
    async with server.connected() as socket:
        await socket.send("run", **asked, text="Hi")
        await socket.until_tokens(asked["messageId"], 1)
        server.ports.sessions.remove(server.ada.user.id, asked["sessionId"])
        end = (await socket.until_end(asked["messageId"]))[-1]
    assert (end["action"], end["data"]["code"]) == ("error", "not_found")


async def test_a_socket_that_is_dropped_without_a_word_leaves_the_answer_to_others(server: ChatServer) -> None:
    server.model.will_say("one ", server.go.wait, "two")
    asked = ids()
    async with server.connected() as watching:
        async with aiohttp.ClientSession() as http:
            dropped = await http.ws_connect(f"{server.url}/socket", params={"token": server.token()})
            await dropped.send_json({"action": "run", "data": {**asked, "text": "Hi"}})
            await watching.until_tokens(asked["messageId"], 1)
            assert dropped._response.connection is not None
            assert dropped._response.connection.transport is not None
            dropped._response.connection.transport.abort()
        server.go.set()
        assert final_of(await watching.until_end(asked["messageId"]))["content"] == "one two"


async def test_a_full_disk_under_the_database_is_told_and_the_question_can_be_asked_again(server: ChatServer) -> None:
    asked = ids()
    async with server.connected() as socket:
        with disk_full(server.ports.database, "turns", f"new.user_id = '{server.ada.user.id}'"):
            await socket.send("run", **asked, text="Hi")
            told = await error(socket)
        assert (told["code"], told["retryable"], told["messageId"]) == ("internal", True, asked["messageId"])
        assert "disk" in told["content"]
        assert final_of(await socket.ask("Hi", **asked))["content"] == "25 days [1]."


async def heartbeat(socket: Socket) -> dict[str, Any]:
    """What a heartbeat is answered with."""
    await socket.send("heartbeat")
    return await socket.next()
