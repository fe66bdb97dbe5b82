"""A question's walk through a running product, and through the deaths of each of its processes."""

import asyncio
import os
import signal
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest
from tests.acceptance.client import User, final_of, said, tokens_of
from tests.journeys.listener import Heard, connected, heard_to_the_end
from tests.journeys.product import ModelServer, Product, has_ended, model_server, running, until

LEAVE = "Everybody has 25 days of annual leave in a calendar year. Unused days lapse on 31 March of the next year."
IN_THE_MIDDLE = 3  # token frames
STORM = 300  # sockets


async def begun(http: aiohttp.ClientSession, product: Product, heard: Heard) -> None:
    """Ask, and leave in the middle of the answer."""
    async with connected(http, product.url, product.admin.token, heard) as connection:
        await connection.send(heard.run)
        async for _ in connection.frames():
            if heard.last >= IN_THE_MIDDLE:
                return


async def test_a_question_is_accepted_searched_streamed_cited_and_kept(admin: User, model: ModelServer) -> None:
    workspace_id = await admin.workspace()
    await admin.text(workspace_id, "Leave", LEAVE)
    async with admin.socket() as socket:
        session_id, question = str(uuid4()), "How many days of annual leave does everybody have?"
        frames = await socket.ask(question, sessionId=session_id, workspaceId=workspace_id)
    assert [frame["action"] for frame in frames[:2]] == ["accepted", "thinking_step"]
    assert [token["sequenceNumber"] for token in tokens_of(frames)] == list(range(len(tokens_of(frames))))
    final = final_of(frames)
    assert final["content"] == said(frames)
    assert final["content"].split()[:7] == ["w0", "w1", "w2", "w3", "w4", "w5", "[1]"]
    [citation] = final["metadata"]["citations"]
    passage = final["metadata"]["documents"][citation["marker"] - 1]
    assert citation["chunkId"] == passage["chunkId"]
    assert citation["quote"] in passage["content"]
    session = await admin.get(f"sessions/{session_id}")
    assert [message["content"] for message in session.body["messages"]] == [question, final["content"]]
    assert model.times_asked(question) == 1


async def test_an_answer_survives_the_death_of_the_server(
    product: Product, http: aiohttp.ClientSession, model: ModelServer
) -> None:
    heard = Heard("What survives the death of the server?")
    await begun(http, product, heard)
    product.kill("server")
    await heard_to_the_end(http, product, heard)
    assert len(heard.runs) == 2
    assert heard.ends[0]["data"]["content"].split() == [f"w{number}" for number in range(100)]
    assert model.times_asked(heard.text) == 2


async def test_an_answer_goes_on_while_postgresql_is_killed(
    product: Product, http: aiohttp.ClientSession, model: ModelServer
) -> None:
    heard = Heard("What goes on while PostgreSQL is killed?")
    async with connected(http, product.url, product.admin.token, heard) as connection:
        await connection.send(heard.run)
        async for _ in connection.frames():
            if heard.last == IN_THE_MIDDLE:
                product.kill("postgres")
    heard.check()
    assert len(heard.runs) == 1
    assert model.times_asked(heard.text) == 1


async def test_a_question_that_comes_while_postgresql_is_down_is_answered(
    product: Product, http: aiohttp.ClientSession, model: ModelServer
) -> None:
    heard = Heard("What is asked while PostgreSQL is down?")
    async with connected(http, product.url, product.admin.token, heard) as connection:
        product.kill("postgres")
        await connection.send(heard.run)
        async for _ in connection.frames():
            pass
    heard.check()
    assert model.times_asked(heard.text) == 1


async def test_a_storm_of_connections_is_borne(product: Product, http: aiohttp.ClientSession) -> None:
    storm = User(product.url, product.admin, http)

    async def one() -> None:
        async with storm.socket() as socket:
            await socket.send("heartbeat")
            assert (await socket.next())["action"] == "heartbeat"
            await all_there.wait()

    all_there = asyncio.Barrier(STORM)
    async with asyncio.timeout(40):
        await asyncio.gather(*(one() for _ in range(STORM)))


@pytest.mark.parametrize("dies", ["the supervisor", "everything at once"])
async def test_a_question_is_answered_though_everybody_left_and_the_product_was_killed(
    tmp_path: Path, http: aiohttp.ClientSession, dies: str
) -> None:
    with model_server(first_ms=50, token_ms=30, tokens=60) as model, running(tmp_path / "data", model) as product:
        answered, unfinished = Heard("What was answered before?"), Heard("What was not?")
        await heard_to_the_end(http, product, answered)
        await begun(http, product, unfinished)
        left = product.kill_supervisor(with_children=dies == "everything at once")
        assert len(left) >= 3
        until(lambda: all(map(has_ended, left)), "its children have gone after it")
        product.start()
        until(lambda: model.times_asked(unfinished.text) == 2, "the question is asked again")
        await heard_to_the_end(http, product, unfinished)
        kept = User(product.url, product.admin, http)
        for heard in (answered, unfinished):
            session = await kept.get(f"sessions/{heard.ids['sessionId']}")
            contents = [message["content"] for message in session.body["messages"]]
            assert contents == [heard.text, heard.ends[0]["data"]["content"]]


def test_the_server_comes_back_as_often_as_it_is_killed(product: Product) -> None:
    for _ in range(2):
        before = product.pid_of("server")
        os.kill(before, signal.SIGKILL)
        until(lambda before=before: product.pid_of("server") != before, "another server runs")
