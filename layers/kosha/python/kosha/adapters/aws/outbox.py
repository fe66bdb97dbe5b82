"""The outbox behind a gateway: a sender a connection, none of which holds up the answer or another sender."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field

from kosha.adapters.feeds import Feed, FeedFrame, Feeds
from kosha.errors import KoshaError, Unavailable
from kosha.model.turn import Delta, Turn, TurnKey
from kosha.observe import log
from kosha.ports import SINCE_THE_QUESTION, Connections, Followers, Sockets

SIBLINGS_SHOWN = 8  # a user's script with hundreds of sockets must not multiply every frame by their number
POST_THREADS = 32  # of their own: a socket that takes nothing must not keep the answer from being stored
DRAIN_SECONDS = 5.0
GIVE_UP_SECONDS = 1.0


@dataclass
class _Sender:
    """Posts to one connection, one frame at a time."""

    line: asyncio.Lock = field(default_factory=asyncio.Lock)
    task: asyncio.Task[None] | None = None


@dataclass
class _Audience:
    """Who is sent the frames of one turn. `named`: the number that each named when it joined."""

    feed: Feed
    senders: dict[str, _Sender] = field(default_factory=dict[str, _Sender])
    named: dict[str, int] = field(default_factory=dict[str, int])
    gathering: asyncio.Task[None] | None = None
    is_over: bool = False

    def tasks(self) -> list[asyncio.Task[None]]:
        """All that is done for it now."""
        return [task for task in (self.gathering, *(each.task for each in self.senders.values())) if task]


class ConnectionOutbox:
    """Fits the port `LiveOutbox`: what is published goes to the user's connections, the last frame excepted.

    That one goes another way, which outlives this process (`chat.delivery`). A turn's first frame gathers its audience:
    the connections of its user while they are few, and those that joined. Each reads the turn's feed at its own pace,
    so nothing waits for a slow one, and what waits for it is no more than the answer itself.
    shown: the frame of a delta that the record keeps. All methods run on one event loop.
    """

    def __init__(
        self,
        feeds: Feeds,
        shown: Callable[[Turn, Delta], str],
        *,
        sockets: Sockets,
        connections: Connections,
        followers: Followers,
        drain_seconds: float = DRAIN_SECONDS,
    ) -> None:
        self._feeds = feeds
        self._shown = shown
        self._sockets = sockets
        self._connections = connections
        self._followers = followers
        self._drain_seconds = drain_seconds
        self._audiences: dict[TurnKey, _Audience] = {}
        self._threads = ThreadPoolExecutor(POST_THREADS, thread_name_prefix="post")

    def publish(self, key: TurnKey, frame: str, *, sequence: int | None, last: bool) -> None:
        """Send a frame to everybody who follows the turn; the last one only ends what is sent."""
        audience = self._audience(key)
        self._feeds.publish(key, frame, sequence=sequence, last=last)
        audience.is_over = audience.is_over or last

    def join(self, key: TurnKey, followers: Mapping[str, int]) -> None:
        """All that follow, each with the number it named; who named none before, or another, is sent what it misses."""
        audience = self._audience(key)
        for connection_id, after in followers.items():
            if audience.named.get(connection_id) == after:
                continue
            audience.named[connection_id] = after
            if after != SINCE_THE_QUESTION:
                frames = self._feeds.follow(key, after=after, shown=self._shown, ended=lambda _: "")
                self._send(audience, connection_id, frames)
            elif connection_id not in audience.senders:
                self._send(audience, connection_id, self._feeds.watch(audience.feed))

    async def drained(self) -> None:
        """Returns when all is posted, or a connection that took too long was given up.

        What is not over is left where it stands: another process holds the turn, or will.
        """
        while self._audiences:
            key, audience = next(iter(self._audiences.items()))
            if audience.is_over:
                await self._wait_for(key, audience)
            del self._audiences[key]
            await _end(audience.tasks())

    def _audience(self, key: TurnKey) -> _Audience:
        audience = self._audiences.get(key)
        if audience is None:
            audience = self._audiences[key] = _Audience(self._feeds.open(key))
            audience.gathering = asyncio.create_task(self._gather(key, audience))
        return audience

    async def _gather(self, key: TurnKey, audience: _Audience) -> None:
        """Who is there when the answer begins; who is not reached for want of a record is told the end all the same."""
        here = await asyncio.to_thread(self._connections.of, key.user_id)
        siblings = [connection.id for connection in here] if len(here) <= SIBLINGS_SHOWN else []
        joined = await asyncio.to_thread(self._followers.gather, key, siblings)
        self.join(key, {name: after for name, after in joined.items() if name not in audience.named})

    async def _wait_for(self, key: TurnKey, audience: _Audience) -> None:
        """Everybody is sent all but the end: also who joined after the last frame was stored, before the end was."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._drain_seconds):
                if audience.gathering is not None:
                    await asyncio.wait([audience.gathering])
                with suppress(Unavailable):
                    self.join(key, await asyncio.to_thread(self._followers.joined, key))
                if tasks := audience.tasks():
                    await asyncio.wait(tasks)

    def _send(self, audience: _Audience, connection_id: str, frames: AsyncIterator[FeedFrame]) -> None:
        """From now on these frames, and no others, go to the connection."""
        sender = audience.senders.setdefault(connection_id, _Sender())
        if sender.task is not None:
            sender.task.cancel()
        sender.task = asyncio.create_task(self._send_all(connection_id, frames, sender.line))

    async def _send_all(self, connection_id: str, frames: AsyncIterator[FeedFrame], line: asyncio.Lock) -> None:
        loop = asyncio.get_running_loop()
        async for frame in frames:
            if frame.last:
                return
            async with line:  # a frame on its way arrives before what is sent instead of its successors
                posting = loop.run_in_executor(self._threads, self._post, connection_id, frame.text)
                try:
                    goes_on = await asyncio.shield(posting)
                except asyncio.CancelledError:
                    await asyncio.wait([posting])
                    raise
            if not goes_on:
                return

    def _post(self, connection_id: str, frame: str) -> bool:
        """Blocking. False where the connection is gone, which is forgotten then, or takes nothing now."""
        try:
            if self._sockets.post(connection_id, frame):
                return True
            self._connections.remove(connection_id)
        except Unavailable as error:
            log.warning("a connection is given up", extra={"fields": {"connection": connection_id, "why": str(error)}})
        return False


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    """Cancel what still runs; a fault of one connection is told in the log and harms no other."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=GIVE_UP_SECONDS)
    for task in tasks:
        error = task.exception() if task.done() and not task.cancelled() else None
        if isinstance(error, KoshaError):
            log.warning("frames were not sent", extra={"fields": {"why": str(error)}})
        elif error is not None:
            log.error("frames were not sent", exc_info=error)
