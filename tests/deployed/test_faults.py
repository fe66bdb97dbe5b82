"""What people see when parts of the deployment fail."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest
from emulated.run import Deployed
from tests.acceptance.client import ENDS, Frame, Socket, User, final_of, said, tokens_of
from tests.acceptance.slow_model import WORDS, SlowModel
from tests.deployed.faults import Faults

SLOW = {"provider": "openai", "modelName": "slow"}
TIME = 120.0
pytestmark = pytest.mark.slow


@pytest.fixture
def faults(deployment: Deployed) -> Faults:
    """Hands on the deployment."""
    return Faults(deployment)


def new_ids() -> dict[str, str]:
    """A question of a conversation of its own."""
    return {"sessionId": str(uuid4()), "messageId": str(uuid4())}


async def until(holds: Callable[[], bool] | Callable[[], Awaitable[bool]], seconds: float = TIME) -> None:
    """Returns when it holds; what asks AWS is asked in a thread."""
    async with asyncio.timeout(seconds):
        while True:
            told = await asyncio.to_thread(holds)
            if await told if isinstance(told, Awaitable) else told:
                return
            await asyncio.sleep(0.2)


async def frames_to_end(socket: Socket, message_id: str) -> list[Frame]:
    """As `until_end`, with time for a lease to run out and the clock to come round."""
    async with asyncio.timeout(TIME):
        frames: list[Frame] = []
        while not frames or frames[-1]["action"] not in ENDS:
            frame = json.loads((await socket.opened.receive()).data)
            if frame["data"].get("messageId") == message_id:
                frames.append(frame)
        return frames


def has_no_gap(frames: list[Frame]) -> bool:
    """Whether numbers count from 0 without a gap or a repeat."""
    numbers = [token["sequenceNumber"] for token in tokens_of(frames)]
    return numbers == list(range(len(numbers)))


async def me(user: User) -> str:
    """The user's id."""
    return (await user.get("me")).body["user"]["id"]


async def test_a_worker_killed_in_the_middle_is_followed_by_another_that_loses_and_repeats_nothing(
    ben: User, faults: Faults, slow_model: SlowModel
) -> None:
    ids, question = new_ids(), f"Count, whoever dies, {uuid4()}."
    async with ben.socket() as socket:
        await socket.run(question, **ids, **SLOW)
        before = await socket.until_tokens(ids["messageId"], 3)
        assert faults.kill("chat-Worker") >= 1
        rest = asyncio.create_task(frames_to_end(socket, ids["messageId"]))
        while not rest.done():  # the clock, faster: it finds the turn when its lease has run out
            await asyncio.to_thread(faults.sweep)
            await asyncio.wait({rest}, timeout=1)
        frames = before + rest.result()
    assert has_no_gap(frames)
    assert final_of(frames)["content"] == said(frames)
    assert len(said(frames).split()) == WORDS
    assert len({token["runId"] for token in tokens_of(frames)}) == 2
    assert sum(question in asked for asked in slow_model.questions) == 2
    kept = (await ben.get(f"sessions/{ids['sessionId']}")).body["messages"]
    assert [message["role"] for message in kept] == ["user", "assistant"]
    assert kept[-1]["content"] == said(frames)


async def test_a_message_that_nobody_can_take_is_set_aside_raises_an_alarm_and_comes_back_when_it_is_redriven(
    ben: User, faults: Faults
) -> None:
    assert not faults.is_alarmed("Questions")
    with faults.impatient("Questions"):
        faults.publish("IN", "this is no question")
        await until(lambda: faults.waiting("QuestionsDeadLetters") == 1)
        await until(lambda: faults.is_alarmed("Questions"))
        final_of(await ben.ask("Does it work meanwhile?"))
        faults.redrive("Questions")
        await until(lambda: not faults.is_alarmed("Questions"))
        await until(lambda: faults.waiting("QuestionsDeadLetters") == 1)
    faults.client("sqs").purge_queue(QueueUrl=faults.deployment.outputs["QuestionsDeadLettersUrl"])
    await until(lambda: not faults.is_alarmed("Questions"))


async def test_messages_that_come_twice_and_out_of_order_make_one_answer_and_one_end(
    ben: User, faults: Faults, slow_model: SlowModel
) -> None:
    ids, question = new_ids(), f"Count once, {uuid4()}."
    body = json.dumps({"userId": await me(ben), "messageId": ids["messageId"]})
    async with ben.socket() as socket:
        await socket.run(question, **ids, **SLOW)
        frames = await socket.until_tokens(ids["messageId"], 1)
        for direction in ("OUT", "IN", "IN", "OUT"):  # an end before there is one, and the question again
            await asyncio.to_thread(faults.publish, direction, body)
        frames += await socket.until_end(ids["messageId"])
        await asyncio.to_thread(faults.publish, "OUT", body)
        await asyncio.to_thread(faults.publish, "IN", body)
        await socket.ask("And then?", **new_ids() | {"sessionId": ids["sessionId"]})
        await until(lambda: faults.waiting("AnswersQueue") == faults.waiting("QuestionsQueue") == 0)
        await socket.send("heartbeat")
        after = await socket.next()
    assert has_no_gap(frames)
    assert final_of(frames)["content"] == said(frames)
    assert len(said(frames).split()) == WORDS
    assert after["action"] == "heartbeat", "an end was told twice"
    assert sum(question in asked for asked in slow_model.questions) == 1


async def test_a_table_asked_too_much_is_told_honestly_and_what_was_not_taken_can_be_sent_again(
    ben: User, faults: Faults
) -> None:
    ids = new_ids()
    async with ben.socket() as socket:
        with faults.throttled("turns", "sessions"):
            await socket.run("Are you there?", **ids)
            refused = await socket.next()
            reply = await ben.get(f"sessions/{ids['sessionId']}")
        assert (refused["action"], refused["data"]["retryable"]) == ("error", True), refused
        assert refused["data"]["messageId"] == ids["messageId"]
        assert reply.status == 503, reply.text
        assert int(reply.headers["retry-after"]) > 0
        final_of(await socket.ask("Are you there?", **ids))


async def test_an_answer_outlives_a_moment_in_which_its_table_is_asked_too_much(
    ben: User, faults: Faults, slow_model: SlowModel
) -> None:
    ids = new_ids()
    async with ben.socket() as socket:
        await socket.run("Count through it.", **ids, **SLOW)
        frames = await socket.until_tokens(ids["messageId"], 2)
        with faults.throttled("turns"):
            await asyncio.sleep(0.3)
        rest = asyncio.create_task(frames_to_end(socket, ids["messageId"]))
        while not rest.done():
            await asyncio.to_thread(faults.sweep)
            await asyncio.wait({rest}, timeout=1)
        frames += rest.result()
    assert has_no_gap(frames)
    assert final_of(frames)["content"] == said(frames)


async def test_a_socket_that_died_without_a_word_holds_nobody_up_and_is_forgotten(
    ben: User, faults: Faults, slow_model: SlowModel
) -> None:
    user_id, ids = await me(ben), new_ids()
    async with ben.socket() as alive, ben.socket() as dying:
        for socket in (alive, dying):  # both are on record now
            await socket.send("heartbeat")
            await socket.next()
        stale = faults.leave_behind(faults.connections_of(user_id)[0])
        await dying.run("Count for whoever is left.", **ids, **SLOW)
        frames = await alive.until_tokens(ids["messageId"], 1)
        connection = dying.opened._response.connection
        assert connection is not None
        assert connection.transport is not None
        connection.transport.abort()
        frames += await alive.until_end(ids["messageId"])
        assert has_no_gap(frames)
        assert final_of(frames)["content"] == said(frames)
        assert len(said(frames).split()) == WORDS
        await until(lambda: stale not in faults.connections_of(user_id))
        await until(lambda: len(faults.connections_of(user_id)) == 1)


@pytest.mark.parametrize("who_notices", ["the next frame", "the clock"])
async def test_an_open_socket_whose_token_has_ended_is_told_so_and_closed(
    ada: User, faults: Faults, who_notices: str
) -> None:
    user_id = await me(ada)
    before = set(faults.connections_of(user_id))
    async with ada.socket() as socket:
        await socket.send("heartbeat")
        assert (await socket.next())["action"] == "heartbeat"
        [here] = set(faults.connections_of(user_id)) - before
        faults.let_expire(here)
        if who_notices == "the next frame":
            await socket.send("heartbeat")
        else:
            await asyncio.to_thread(faults.sweep)
        told = await socket.next()
        assert (told["action"], told["data"]["code"]) == ("error", "unauthorized")
        assert await socket.code() is not None
    assert here not in faults.connections_of(user_id)
