"""Feeds: a turn's frames from the record and then live, to any number of followers, each at its own pace."""

import asyncio
import gc
from collections.abc import AsyncIterator

import pytest

from kosha.adapters.feeds import FeedFrame, Feeds
from kosha.errors import NotFound
from kosha.model.turn import Ask, Delta, Turn, TurnEnd, TurnKey
from kosha.model.wire import ErrorData

KEY = TurnKey("ada", "question")
LAST = ErrorData(message_id="question", code="internal", content="over", retryable=False)


class Record:
    """What is stored of one turn; `before_deltas` happens between the two reads of a follower."""

    def __init__(self) -> None:
        ask = Ask.model_validate(
            {
                "user_id": "ada",
                "session_id": "s",
                "message_id": "question",
                "question_id": "question",
                "text": "?",
                "accepted_at": "2026-11-20T12:00:00Z",
            }
        )
        self.turn = Turn(ask=ask, status="running", fence=1)
        self.deltas: list[Delta] = []
        self.before_deltas = lambda: None
        self.feeds = Feeds(self._read, self._read_deltas)

    def store(self, *values: str) -> None:
        self.deltas += [Delta(number, "run", value) for number, value in enumerate(values, len(self.deltas))]

    def publish(self, number: int) -> None:
        delta = self.deltas[number]
        self.feeds.publish(KEY, delta.value, sequence=number, last=False)

    def say(self, value: str) -> None:
        """As a token stream does: stored, then shown."""
        self.store(value)
        self.publish(len(self.deltas) - 1)

    def end(self) -> None:
        self.turn = self.turn.model_copy(update={"status": "ended", "end": TurnEnd(error=LAST)})
        self.feeds.publish(KEY, "over", sequence=None, last=True)

    def follow(self, after: int = -1) -> AsyncIterator[FeedFrame]:
        return self.feeds.follow(KEY, after=after, shown=lambda _, delta: delta.value, ended=lambda _: "over")

    def _read(self, key: TurnKey) -> Turn:
        if key != KEY:
            raise NotFound("message", key.message_id)
        return self.turn

    def _read_deltas(self, key: TurnKey, after: int) -> list[Delta]:
        self.before_deltas()
        return [delta for delta in self.deltas if delta.sequence > after]


@pytest.fixture
def record() -> Record:
    return Record()


async def texts(frames: AsyncIterator[FeedFrame]) -> list[str]:
    return [frame.text async for frame in frames]


async def test_what_is_stored_comes_first_and_then_what_is_live(record: Record) -> None:
    record.store("a", "b")
    frames = record.follow()
    assert [(await anext(frames)).text, (await anext(frames)).text] == ["a", "b"]
    waiting = asyncio.create_task(texts(frames))
    await asyncio.sleep(0)
    record.say("c")
    record.end()
    assert await waiting == ["c", "over"]


async def test_a_follower_that_resumes_is_sent_only_what_it_missed(record: Record) -> None:
    record.store("a", "b", "c")
    record.end()
    assert await texts(record.follow(after=1)) == ["c", "over"]
    assert await texts(record.follow(after=99)) == ["over"]


async def test_a_frame_that_is_stored_and_shown_while_one_reads_comes_once(record: Record) -> None:
    record.store("a")
    loop = asyncio.get_running_loop()

    def meanwhile() -> None:
        asyncio.run_coroutine_threadsafe(say(), loop).result()

    async def say() -> None:
        record.say("b")

    record.before_deltas = meanwhile
    frames = record.follow()
    assert [(await anext(frames)).text, (await anext(frames)).text] == ["a", "b"]
    waiting = asyncio.create_task(texts(frames))
    await asyncio.sleep(0)
    record.say("c")
    record.end()
    assert await waiting == ["c", "over"]


async def test_an_end_that_comes_while_one_reads_is_told(record: Record) -> None:
    loop = asyncio.get_running_loop()

    def meanwhile() -> None:
        loop.call_soon_threadsafe(record.end)

    record.before_deltas = meanwhile
    async with asyncio.timeout(5):
        assert await texts(record.follow()) == ["over"]


async def test_two_followers_see_the_same_at_their_own_pace(record: Record) -> None:
    quick, slow = record.follow(), record.follow()
    reading = asyncio.create_task(texts(quick))
    first = asyncio.create_task(anext(slow))
    async with asyncio.timeout(5):
        while not record.feeds._feeds:
            await asyncio.sleep(0)
        for value in "abc":
            record.say(value)
        record.end()
        assert await reading == ["a", "b", "c", "over"]
        assert [(await first).text, *await texts(slow)] == ["a", "b", "c", "over"]


async def test_frames_without_a_number_are_shown_live_and_not_replayed(record: Record) -> None:
    feed = record.feeds.open(KEY)
    record.feeds.publish(KEY, "searching", sequence=None, last=False)
    record.say("a")
    record.end()
    assert await texts(record.feeds.watch(feed)) == ["searching", "a", "over"]
    assert await texts(record.follow()) == ["a", "over"]


async def test_a_turn_that_nobody_follows_takes_no_memory(record: Record) -> None:
    record.feeds.open(KEY)
    gc.collect()
    record.say("a")
    assert len(record.feeds._feeds) == 0
    record.end()
    assert len(record.feeds._feeds) == 0


async def test_somebody_elses_turn_is_not_found(record: Record) -> None:
    frames = record.feeds.follow(TurnKey("ben", "question"), after=-1, shown=lambda *_: "", ended=lambda _: "")
    with pytest.raises(NotFound):
        await anext(frames)
