"""The outbox behind a gateway: whoever joins when, each connection gets every frame once and in order."""

import asyncio
import json
import threading
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kosha.adapters.aws.outbox import SIBLINGS_SHOWN, ConnectionOutbox
from kosha.adapters.feeds import Feeds
from kosha.chat.frames import delta_frame
from kosha.errors import Unavailable
from kosha.model.connection import Authorisation, Connection
from kosha.model.turn import Ask, Delta, Turn, TurnEnd, TurnKey
from kosha.model.user import User
from kosha.model.wire import ErrorData
from kosha.ports import SINCE_THE_QUESTION

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
KEY = TurnKey("ada", "message")
ASK = Ask(user_id="ada", session_id="session", message_id="message", question_id="message", text="Hi", accepted_at=NOON)
END = TurnEnd(error=ErrorData(code="internal", content="over", retryable=True))


class Say(NamedTuple):
    """The answer goes on by a frame."""


class Wait(NamedTuple):
    """The senders get on with their work."""

    milliseconds: int


class Join(NamedTuple):
    """A connection asks for the turn's frames above a number; negative: so many before the newest."""

    connection: str
    back: int


class World:
    """A record, a gateway and connections in memory; `delays` are what posts take, in turn."""

    def __init__(self, *, here: tuple[str, ...] = (), delays: tuple[float, ...] = (0,)) -> None:
        self.turn = Turn(ask=ASK, status="running")
        self.deltas: list[Delta] = []
        self.named: dict[str, int] = {}
        self.here = list(here)
        self.heard: dict[str, list[Any]] = defaultdict(list)
        self.gone: set[str] = set()
        self.is_busy = False
        self.stuck = threading.Event()
        self.never_takes: set[str] = set()
        self._delays = delays
        self._posts = 0
        self._posting: set[str] = set()
        self._lock = threading.Lock()

    def outbox(self, *, drain_seconds: float = 5) -> ConnectionOutbox:
        def kept(_: TurnKey, after: int) -> list[Delta]:
            return [delta for delta in self.deltas if delta.sequence > after]

        return ConnectionOutbox(
            Feeds(lambda _: self.turn, kept),
            lambda turn, delta: delta_frame(turn, delta, NOON),
            sockets=self,
            connections=self,  # type: ignore[arg-type]
            followers=self,  # type: ignore[arg-type]
            drain_seconds=drain_seconds,
        )

    def of(self, _: str) -> list[Connection]:
        user = Authorisation(user=User(id="ada", name="ada"), token_id="t", issued_at=0, expires_at=9)
        return [Connection(id=name, authorisation=user, connected_at=NOON) for name in self.here]

    def remove(self, connection_id: str) -> None:
        self.here.remove(connection_id)

    def joined(self, _: TurnKey) -> Mapping[str, int]:
        return dict(self.named)

    def gather(self, _: TurnKey, connection_ids: Collection[str]) -> Mapping[str, int]:
        return {**dict.fromkeys(connection_ids, SINCE_THE_QUESTION), **self.named}

    def post(self, connection_id: str, frame: str) -> bool:
        with self._lock:
            assert connection_id not in self._posting, "two frames at once on one connection"
            self._posting.add(connection_id)
            self._posts += 1
            seconds = self._delays[self._posts % len(self._delays)]
        if connection_id in self.never_takes:
            self.stuck.wait(10)
        threading.Event().wait(seconds)
        if self.is_busy:
            raise Unavailable("busy")
        with self._lock:
            self._posting.discard(connection_id)
            if connection_id in self.gone:
                return False
            data = json.loads(frame)["data"]
            self.heard[connection_id].append(data["token"]["sequenceNumber"] if "token" in data else data["name"])
        return True

    def close(self, connection_id: str) -> None:
        raise AssertionError(connection_id)

    def say(self, outbox: ConnectionOutbox) -> None:
        """As `chat.stream` does it: the record first, then who has joined, then the frame."""
        delta = Delta(len(self.deltas), "run", "word ")
        self.deltas.append(delta)
        self.turn = self.turn.model_copy(update={"next_sequence": len(self.deltas)})
        if self.named:
            outbox.join(KEY, dict(self.named))
        outbox.publish(KEY, delta_frame(self.turn, delta, NOON), sequence=delta.sequence, last=False)

    def end(self, outbox: ConnectionOutbox) -> None:
        self.turn = self.turn.model_copy(update={"status": "ended", "end": END})
        outbox.publish(KEY, "the end", sequence=None, last=True)


def within_ten_seconds(work: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(10):
            await work()

    asyncio.run(bounded())


def play(world: World, steps: list[Say | Wait | Join]) -> dict[str, list[int]]:
    """What happens, and then the end; returns the numbers that each connection has named."""
    named: dict[str, list[int]] = defaultdict(list)

    async def work() -> None:
        outbox = world.outbox()
        for step in steps:
            if isinstance(step, Say):
                world.say(outbox)
            elif isinstance(step, Wait):
                await asyncio.sleep(step.milliseconds / 1000)
            else:
                after = max(-1, len(world.deltas) - 1 - step.back)
                if world.named.get(step.connection) != after:
                    named[step.connection].append(after)
                world.named[step.connection] = after
        world.end(outbox)
        await outbox.drained()

    within_ten_seconds(work)
    return named


steps = st.lists(
    st.one_of(
        st.builds(Say),
        st.builds(Wait, st.integers(0, 8)),
        st.builds(Join, st.sampled_from("abc"), st.integers(0, 6)),
    ),
    max_size=30,
)
delays = st.lists(st.sampled_from([0.0, 0.001, 0.006]), min_size=1, max_size=7).map(tuple)


@settings(max_examples=60, deadline=None)
@given(steps=steps, delays=delays)
@example(steps=[Say(), Say(), Join("a", 6)], delays=(0.0,))  # after the last frame was stored, before the end was
@example(steps=[Say(), Join("a", 6), Say(), Wait(1), Join("a", 1), Say()], delays=(0.006,))
def test_whoever_joins_when_gets_every_frame_once_and_in_order(
    steps: list[Say | Wait | Join], delays: tuple[float, ...]
) -> None:
    world = World(here=("window",), delays=delays)
    named = play(world, steps)
    total = len(world.deltas)
    if total:
        assert world.heard["window"] == list(range(total))
    for connection, places in named.items():
        heard = world.heard[connection]
        last = list(range(places[-1] + 1, total))
        assert heard[len(heard) - len(last) :] == last, "not all since it joined last"
        before = heard[: len(heard) - len(last)]
        runs = sum(later != earlier + 1 for earlier, later in pairwise(before)) + bool(before)
        assert runs <= len(places) - 1, "more than each time it asked"


def test_whoever_asked_hears_the_answer_from_its_beginning_on_and_once() -> None:
    world = World(here=("a",))
    world.named = {"a": SINCE_THE_QUESTION, "b": SINCE_THE_QUESTION}
    play(world, [Say(), Say(), Wait(5), Say()])
    assert world.heard == {"a": [0, 1, 2], "b": [0, 1, 2]}


def test_after_a_takeover_the_windows_that_were_there_hear_what_comes_and_nothing_twice() -> None:
    world = World(here=("a",))
    world.named = {"a": SINCE_THE_QUESTION}
    world.deltas = [Delta(number, "dead", "word ") for number in range(3)]
    play(world, [Say(), Say()])
    assert world.heard["a"] == [3, 4]


def test_steps_without_a_number_are_told_to_those_who_are_there() -> None:
    world = World(here=("a",))

    async def work() -> None:
        outbox = world.outbox()
        outbox.publish(KEY, json.dumps({"data": {"name": "search"}}), sequence=None, last=False)
        world.say(outbox)
        world.end(outbox)
        await outbox.drained()

    within_ten_seconds(work)
    assert world.heard["a"] == ["search", 0]


def test_a_user_with_a_crowd_of_connections_hears_it_on_the_asking_one_alone() -> None:
    world = World(here=tuple(f"window {number}" for number in range(SIBLINGS_SHOWN + 1)))
    world.named = {"window 3": SINCE_THE_QUESTION}
    play(world, [Say(), Say()])
    assert world.heard == {"window 3": [0, 1]}


def test_a_connection_that_is_gone_is_forgotten_and_the_others_hear_all() -> None:
    world = World(here=("gone", "here"))
    world.gone = {"gone"}
    play(world, [Say(), Wait(5), Say(), Say()])
    assert world.here == ["here"]
    assert world.heard == {"here": [0, 1, 2]}


def test_a_connection_that_takes_nothing_is_given_up_and_holds_nobody_up() -> None:
    world = World(here=("stuck", "here"))
    world.never_takes = {"stuck"}

    async def work() -> None:
        outbox = world.outbox(drain_seconds=0.05)
        world.say(outbox)
        world.say(outbox)
        world.end(outbox)
        await outbox.drained()

    within_ten_seconds(work)
    world.stuck.set()
    assert world.heard["here"] == [0, 1]


def test_while_the_gateway_is_busy_the_answer_goes_on() -> None:
    world = World(here=("a",))
    world.is_busy = True
    play(world, [Say(), Say()])
    assert world.here == ["a"]


def test_what_is_not_over_is_left_to_whoever_holds_the_turn_next() -> None:
    world = World(here=("a",))

    async def work() -> None:
        outbox = world.outbox()
        world.say(outbox)
        await outbox.drained()
        assert len(asyncio.all_tasks()) == 1

    within_ten_seconds(work)


@pytest.mark.parametrize("fault", [Unavailable("away"), KeyError("bug")])
def test_a_record_that_cannot_be_read_leaves_the_others_theirs(fault: Exception) -> None:
    world = World(here=("a",))
    world.named = {"b": -1}

    async def work() -> None:
        outbox = world.outbox()
        outbox._feeds._read_turn = lambda _: raised(fault)
        world.say(outbox)
        world.end(outbox)
        await outbox.drained()

    within_ten_seconds(work)
    assert world.heard == {"a": [0]}


def raised(error: Exception) -> Any:
    raise error
