"""The sequence protocol as a property: whatever happens, no number is missing, doubled or out of order.

Real turns in PostgreSQL and real feeds; hypothesis chooses who connects, leaves, resumes and dies when.
"""

import asyncio
import json
from collections.abc import Coroutine
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from tests.unit.chat.house import NOON, WAIT_SECONDS, ChatHouse, until

from kosha.adapters.postgres.database import Database
from kosha.chat.frames import end_frame
from kosha.chat.stream import TokenStream
from kosha.errors import LostLease
from kosha.model.turn import Turn, TurnEnd
from kosha.model.wire import AnswerMetadata, FinalData
from kosha_local.following import follow


class Client:
    """One connection that follows the answer from a number on, and what it was sent."""

    def __init__(self, chat: ChatHouse, turn: Turn, after: int) -> None:
        self.next = after + 1
        self.tokens: dict[int, tuple[str, str]] = {}
        self.final: dict[str, Any] | None = None
        frames = follow(turn.ask.key, after=after, feeds=chat.feeds, ports=chat)
        self.reading = asyncio.get_running_loop().create_task(self._read(frames))

    async def _read(self, frames: Any) -> None:
        async for frame in frames:
            data = json.loads(frame.text)["data"]
            assert self.final is None, "a frame after the last"
            if frame.last:
                self.final = data
                continue
            token = data["token"]
            assert token["sequenceNumber"] == frame.sequence == self.next
            self.tokens[self.next] = (token["runId"], token["value"])
            self.next += 1

    async def leave(self) -> None:
        """The connection breaks."""
        self.reading.cancel()
        await asyncio.gather(self.reading, return_exceptions=True)


class Answer(RuleBasedStateMachine):
    """One turn: a worker that writes and may die, and clients that come and go."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.chat = ChatHouse(self.database)
        self.ask = self.chat.asked()
        self.clients: list[Client] = []
        self.said: dict[int, tuple[str, str]] = {}
        self.runs = 0
        self.is_over = False

    def wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(asyncio.wait_for(work, WAIT_SECONDS))

    @initialize()
    def a_worker_takes_the_turn(self) -> None:
        self.wait(self._claim())

    @rule()
    def the_process_dies_and_another_takes_over(self) -> None:
        if not self.is_over:
            self.wait(self._die())
            self.wait(self._claim())

    @rule(text=st.text(alphabet="ab 🙂\x00", min_size=1, max_size=5))
    def the_model_says(self, text: str) -> None:
        if not self.is_over:
            self.stream.write(text)

    # How much was said by now depends on the machine's pace, so it may not decide what is drawn: a drawn share does.
    @rule(share=st.floats(0, 1))
    def a_client_connects(self, share: float) -> None:
        self.wait(self._connect(round(share * (max([-1, *self.said]) + 1)) - 1))

    @rule(share=st.floats(0, 1, exclude_max=True))
    def a_client_leaves(self, share: float) -> None:
        if self.clients:
            client = self.clients.pop(int(share * len(self.clients)))
            self.wait(client.leave())
            self._hear(client)

    @rule(milliseconds=st.integers(0, 120))
    def time_passes(self, milliseconds: int) -> None:
        self.wait(asyncio.sleep(milliseconds / 1000))

    @rule()
    def the_answer_ends(self) -> None:
        if not self.is_over:
            self.is_over = True
            self.wait(self._end())

    @invariant()
    def nobody_was_told_anything_wrong(self) -> None:
        for client in self.clients:
            if client.reading.done():
                client.reading.result()
            self._hear(client)

    def teardown(self) -> None:
        if not self.is_over:
            self.wait(self._end())
        self.wait(self._connect(-1))
        kept = {delta.sequence: (delta.run_id, delta.value) for delta in self.chat.kept_tokens(self.ask)}
        for client in self.clients:
            self.wait(client.reading)
            self._hear(client)
            assert client.next == len(kept)
            assert client.final is not None
            assert client.final["content"] == self.content
        assert sorted(kept) == list(range(len(kept)))
        assert {number: kept[number] for number in self.said} == self.said
        assert "".join(value for run_id, value in kept.values() if run_id == f"run-{self.runs}") == self.content
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()

    def _hear(self, client: Client) -> None:
        for number, told in client.tokens.items():
            assert self.said.setdefault(number, told) == told, "one number said two things"

    async def _claim(self) -> None:
        turn = self.chat.turns.claim(self.ask.key)
        assert turn is not None
        self.turn = turn
        self.runs += 1
        self.stream = TokenStream(self.turn, f"run-{self.runs}", self.chat)
        self.pump = asyncio.create_task(self.stream.pump())

    async def _die(self) -> None:
        """With the process go its connections and what it had not stored."""
        clients, self.clients = self.clients, []
        for client in clients:
            await client.leave()
            self._hear(client)
        self.pump.cancel()
        with pytest.raises((asyncio.CancelledError, LostLease)):
            await self.pump
        self.chat.is_restarted()

    async def _connect(self, after: int) -> None:
        self.clients.append(Client(self.chat, self.turn, after))
        await asyncio.sleep(0)

    async def _end(self) -> None:
        self.stream.close()
        await self.pump
        self.content = self.stream.content
        final = FinalData(
            session_id=self.ask.session_id,
            message_id=self.ask.message_id,
            answer_id="answer",
            content=self.content,
            stop_reason="end",
            metadata=AnswerMetadata(
                provider="test",
                model_id="test",
                model_kwargs=self.ask.model_kwargs,
                session_id=self.ask.session_id,
                user_id=self.ask.user_id,
                trace_id="trace",
            ),
        )
        await asyncio.to_thread(self.chat.turns.finish, self.ask.key, self.turn.fence, TurnEnd(final=final), None)
        self.chat.feeds.publish(self.ask.key, end_frame(final, NOON), sequence=None, last=True)
        await until(lambda: all(client.final or client.reading.done() for client in self.clients))


def test_whatever_happens_every_connection_gets_every_number_once_and_in_order(house_database: Database) -> None:
    machine = type("AnswerHere", (Answer,), {"database": house_database})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
