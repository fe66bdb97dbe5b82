"""A feed a turn, read at their own pace by any number of followers: sockets of this process, or senders to elsewhere.

Frames are pulled, not pushed: a slow socket lags behind without holding a turn up, and order needs no care.
All methods run on one event loop.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import NamedTuple
from weakref import WeakValueDictionary

from kosha.model.turn import Delta, Turn, TurnKey


class FeedFrame(NamedTuple):
    """A frame and its sequence number (None: unnumbered). `last` ends the turn."""

    text: str
    sequence: int | None
    last: bool


class Feed:
    """The frames of one turn since this process began to make them."""

    def __init__(self) -> None:
        self.frames: list[FeedFrame] = []
        self._more = asyncio.Event()

    def add(self, frame: FeedFrame) -> None:
        """Append a frame and wake whoever waits for it."""
        self.frames.append(frame)
        self._more.set()
        self._more = asyncio.Event()

    async def after(self, position: int) -> list[FeedFrame]:
        """The frames from `position` on; waits until there is one."""
        while len(self.frames) <= position:
            await self._more.wait()
        return self.frames[position:]


class Feeds:
    """Fits the port Outbox; `watch` and `follow` are for the server's sockets and event streams.

    A feed is there as long as somebody follows it. A frame that nobody follows needs no keeping: token frames and
    ends are stored before they are published, and a later follower reads them there.
    """

    def __init__(
        self, read_turn: Callable[[TurnKey], Turn], read_deltas: Callable[[TurnKey, int], list[Delta]]
    ) -> None:
        self._feeds: WeakValueDictionary[TurnKey, Feed] = WeakValueDictionary()
        self._read_turn = read_turn
        self._read_deltas = read_deltas

    def publish(self, key: TurnKey, frame: str, *, sequence: int | None, last: bool) -> None:
        """Show a frame to everybody who follows the turn."""
        if (feed := self._feeds.get(key)) is not None:
            feed.add(FeedFrame(frame, sequence, last))
        if last:
            self._feeds.pop(key, None)  # who follows holds it; who comes later finds the end in the record

    def join(self, key: TurnKey, followers: Mapping[str, int]) -> None:
        """Nothing: whoever follows here reads the feed."""

    def open(self, key: TurnKey) -> Feed:
        """The feed of a turn, to be opened before its question is handed on: then no frame is missed."""
        return self._feeds.setdefault(key, Feed())

    async def watch(self, feed: Feed, position: int = 0) -> AsyncIterator[FeedFrame]:
        """The frames of a feed from a position to the last one."""
        while True:
            for frame in await feed.after(position):
                position += 1
                yield frame
                if frame.last:
                    return

    async def follow(
        self, key: TurnKey, *, after: int, shown: Callable[[Turn, Delta], str], ended: Callable[[Turn], str]
    ) -> AsyncIterator[FeedFrame]:
        """The token frames numbered above `after`, from the record and then live, and the last frame.

        shown, ended: make the frames of what the record keeps. Unnumbered frames of the past are not replayed.
        Raises NotFound for a turn that is not this user's.
        """
        feed = self.open(key)
        position = len(feed.frames)  # what was published before this is stored, and read now
        turn = await asyncio.to_thread(self._read_turn, key)
        for delta in await asyncio.to_thread(self._read_deltas, key, after):
            after = delta.sequence
            yield FeedFrame(shown(turn, delta), delta.sequence, last=False)
        if turn.end is not None:
            yield FeedFrame(ended(turn), None, last=True)
            return
        async for frame in self.watch(feed, position):
            if frame.sequence is None or frame.sequence > after:
                yield frame
