"""Many people at once, whose connections break, who ask twice, and whose server is killed half way."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest
from tests.acceptance.client import User
from tests.journeys.listener import BROKEN, Connection, Heard, connected
from tests.journeys.product import ModelServer, Product, model_server, running

CHATS, TURNS = 20, 10
TOKENS = 40
LEAVE_SHARE, TWICE_SHARE, WATCHED_SHARE = 0.15, 0.05, 0.2
ASIDE = "Everybody has 25 days of annual leave in a calendar year, and ten days to care for a sick child."


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[tuple[Product, ModelServer]]:
    """A product whose model takes a quarter of a second for an answer."""
    with (
        model_server(first_ms=40, token_ms=5, tokens=TOKENS) as model,
        running(tmp_path / "data", model, KOSHA_LOG_LEVEL="ERROR") as product,
    ):
        yield product, model


class Crowd:
    """What all of them ask, and who has been answered before the server dies."""

    def __init__(self, product: Product, http: aiohttp.ClientSession, workspace_id: str) -> None:
        self._product = product
        self._http = http
        self._workspace_id = workspace_id
        self._random = random.Random(20261120)
        self.heard: list[Heard] = []
        self.answered_before: set[str] = set()
        self.disconnects = 0
        self._is_killed = False

    async def ask_all(self) -> None:
        """CHATS conversations of TURNS questions each."""
        async with asyncio.TaskGroup() as chats:
            for chat in range(CHATS):
                chats.create_task(self._chat(chat))

    async def _chat(self, chat: int) -> None:
        session_id = str(uuid4())
        for turn in range(TURNS):
            text = f"What is said of annual leave, number {chat}.{turn}?"
            heard = Heard(text, session_id, workspaceId=self._workspace_id)
            self.heard.append(heard)
            async with asyncio.TaskGroup() as listeners:
                listeners.create_task(self._listen(heard))
                if self._random.random() < WATCHED_SHARE:
                    listeners.create_task(self._watch(heard))
            self._count(heard)

    def _count(self, heard: Heard) -> None:
        """Kill the server when half of the questions are answered."""
        if self._is_killed:
            return
        self.answered_before.add(heard.text)
        if len(self.answered_before) == CHATS * TURNS // 2:
            self._is_killed = True
            self._product.kill("server")

    async def _listen(self, heard: Heard) -> None:
        """To the end, over as many connections as it takes."""
        while not heard.ends:
            try:
                async with connected(self._http, self._product.url, self._product.admin.token, heard) as connection:
                    await connection.send(self._random.choice([heard.run, heard.resume(), heard.resume(-1)]))
                    await self._read(connection, heard)
            except BROKEN:
                continue

    async def _read(self, connection: Connection, heard: Heard) -> None:
        async for _ in connection.frames():
            chance = self._random.random()
            if chance < LEAVE_SHARE:
                self.disconnects += 1
                return
            if chance > 1 - TWICE_SHARE:
                await connection.send(heard.run)

    async def _watch(self, heard: Heard) -> None:
        """Another window of the same person: it asks the same, and hears the same while it is connected."""
        try:
            async with connected(self._http, self._product.url, self._product.admin.token, heard) as connection:
                await connection.send(heard.run)
                async for _ in connection.frames():
                    pass
        except BROKEN:
            return


@pytest.mark.slow
async def test_200_answers_survive_disconnects_duplicates_and_kills(
    quick: tuple[Product, ModelServer], http: aiohttp.ClientSession
) -> None:
    product, model = quick
    admin = User(product.url, product.admin, http)
    workspace_id = await admin.workspace(retrieval={"threshold": 0})
    await admin.text(workspace_id, "Leave", ASIDE)
    crowd = Crowd(product, http, workspace_id)
    async with asyncio.timeout(120):
        await crowd.ask_all()

    assert len(crowd.heard) == CHATS * TURNS
    for heard in crowd.heard:
        heard.check()
        assert len(heard.ends[0]["data"]["content"].split()) == TOKENS + 1  # the words and one marker
    assert crowd.disconnects > CHATS
    assert any(len(heard.runs) == 2 for heard in crowd.heard), "no answer was under way when the server died"
    await check_kept(admin, crowd.heard)
    asked = Counter(question.rpartition("Question: ")[2] for question in model.log()["asked"])
    assert set(asked) == {heard.text for heard in crowd.heard}
    twice = {text for text, times in asked.items() if times > 1}
    assert max(asked.values()) <= 2
    assert twice.isdisjoint(crowd.answered_before), "asked again although its answer was told"
    assert len(twice) <= CHATS, "only what was under way when the server died is asked again"


async def check_kept(admin: User, all_heard: list[Heard]) -> None:
    """Each conversation is kept as it was heard: every question with its one answer."""
    for session_id in dict.fromkeys(heard.ids["sessionId"] for heard in all_heard):
        mine = [heard for heard in all_heard if heard.ids["sessionId"] == session_id]
        session = (await admin.get(f"sessions/{session_id}")).body
        kept = [(message["role"], message["content"]) for message in session["messages"]]
        said = [(("user", heard.text), ("assistant", heard.ends[0]["data"]["content"])) for heard in mine]
        assert kept == [message for pair in said for message in pair]
