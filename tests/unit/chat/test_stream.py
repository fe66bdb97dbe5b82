"""TokenStream: text at any pace becomes numbered frames that are stored before they are shown."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.unit.chat.house import ChatHouse, frames_of, until, values

from kosha.chat.stream import TokenStream
from kosha.errors import LostLease
from kosha.model.turn import Turn


def claimed(chat: ChatHouse) -> Turn:
    turn = chat.turns.claim(chat.asked().key)
    assert turn is not None
    return turn


@asynccontextmanager
async def pumping(stream: TokenStream) -> AsyncIterator[None]:
    """What is written inside is out when this ends."""
    pump = asyncio.create_task(stream.pump())
    yield
    stream.close()
    await pump


async def test_the_first_text_goes_out_at_once_and_what_follows_is_gathered(chat: ChatHouse) -> None:
    turn = claimed(chat)
    feed = chat.feeds.open(turn.ask.key)
    stream = TokenStream(turn, "run-1", chat)
    async with pumping(stream):
        stream.write("first ")
        await until(lambda: feed.frames)
        for number in range(200):
            stream.write(f"{number} ")
    assert values(frames_of(feed))[0] == "first "
    assert len(feed.frames) <= 4
    assert stream.content == "first " + "".join(f"{number} " for number in range(200))


async def test_frames_are_numbered_without_a_gap_and_stored_as_they_are_shown(chat: ChatHouse) -> None:
    turn = claimed(chat)
    feed = chat.feeds.open(turn.ask.key)
    stream = TokenStream(turn, "run-1", chat)
    async with pumping(stream):
        for number in range(4):
            stream.write(f"{number} ")
            await until(lambda number=number: f"{number} " in "".join(values(frames_of(feed))))
    shown = [json.loads(frame.text)["data"]["token"] for frame in feed.frames]
    kept = chat.kept_tokens(turn.ask)
    assert [(token["sequenceNumber"], token["runId"], token["value"]) for token in shown] == [
        tuple(one) for one in kept
    ]
    assert [token["sequenceNumber"] for token in shown] == list(range(len(shown)))


async def test_a_successor_goes_on_with_the_next_number(chat: ChatHouse) -> None:
    turn = claimed(chat)
    stream = TokenStream(turn, "run-1", chat)
    async with pumping(stream):
        stream.write("one")
    chat.is_restarted()
    again = chat.turns.claim(turn.ask.key)
    assert again is not None
    successor = TokenStream(again, "run-2", chat)
    async with pumping(successor):
        successor.write("two")
    assert [tuple(delta) for delta in chat.kept_tokens(turn.ask)] == [(0, "run-1", "one"), (1, "run-2", "two")]
    assert successor.content == "two"


async def test_a_wish_to_stop_is_noticed_though_nothing_is_written(chat: ChatHouse) -> None:
    turn = claimed(chat)
    stream = TokenStream(turn, "run-1", chat)
    async with pumping(stream):
        chat.turns.request_stop(turn.ask.key)
        async with asyncio.timeout(1):
            await stream.stopped.wait()
    assert stream.content == ""


async def test_a_stop_that_came_before_the_turn_was_claimed_counts(chat: ChatHouse) -> None:
    ask = chat.asked()
    chat.turns.request_stop(ask.key)
    turn = chat.turns.claim(ask.key)
    assert turn is not None
    assert TokenStream(turn, "run-1", chat).stopped.is_set()


async def test_who_lost_the_turn_shows_nothing_more(chat: ChatHouse) -> None:
    turn = claimed(chat)
    feed = chat.feeds.open(turn.ask.key)
    stream = TokenStream(turn, "run-1", chat)
    pump = asyncio.create_task(stream.pump())
    chat.is_restarted()
    assert chat.turns.claim(turn.ask.key) is not None
    stream.write("too late")
    with pytest.raises(LostLease):
        await pump
    assert feed.frames == []
    assert chat.kept_tokens(turn.ask) == []


async def test_a_character_that_a_provider_cut_in_two_is_whole_again(chat: ChatHouse) -> None:
    turn = claimed(chat)
    feed = chat.feeds.open(turn.ask.key)
    stream = TokenStream(turn, "run-1", chat)
    async with pumping(stream):
        stream.write("smile \ud83d")
        await until(lambda: feed.frames)
        stream.write("\ude42 \x00 \udc00 and \ud83d")
    assert stream.content == "smile 🙂 \ufffd \ufffd and \ufffd"
    assert "".join(values(frames_of(feed))) == stream.content
    assert "".join(delta.value for delta in chat.kept_tokens(turn.ask)) == stream.content
