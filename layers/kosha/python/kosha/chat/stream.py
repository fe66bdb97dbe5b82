"""From the text of a model to numbered, stored, published token frames."""

import asyncio
import re
import time

from kosha.chat.frames import token_frame
from kosha.model.turn import Delta, Turn
from kosha.ports import Ports

COALESCE_SECONDS = 0.1  # PROTOCOL aims at 50-100 ms a frame: fewer writes, still a flowing text
HEARTBEAT_SECONDS = 0.5  # stop must reach a silent provider within a second
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_HALF = re.compile(r"[\ud800-\udbff]\Z")


class TokenStream:
    """Writes a turn's text ahead of showing it: what a client saw is stored, so a successor goes on from there.

    `write` takes text at any pace; `pump` stores what has gathered, then publishes it. A pump that finds nothing
    renews the lease and reads the stop flag all the same. `stopped` is set once a stop was asked for.
    """

    def __init__(self, turn: Turn, run_id: str, ports: Ports) -> None:
        self._ask = turn.ask
        self._fence = turn.fence
        self._sequence = turn.next_sequence
        self._run_id = run_id
        self._ports = ports
        self._gathered: list[str] = []
        self._sent: list[str] = []
        self._text = asyncio.Event()
        self._closed = asyncio.Event()
        self.stopped = asyncio.Event()
        if turn.stop_requested:
            self.stopped.set()
        self.last_written = time.monotonic()

    @property
    def content(self) -> str:
        """All the text that was stored and published."""
        return "".join(self._sent)

    def write(self, text: str) -> None:
        """Gather text for the next frame."""
        self.last_written = time.monotonic()
        if text:
            self._gathered.append(text)
            self._text.set()

    def close(self) -> None:
        """No more text will come: `pump` ends when all of it is out."""
        self._closed.set()
        self._text.set()

    async def pump(self) -> None:
        """Store and publish until closed. Raises LostLease when another holds the turn, Unavailable without a store."""
        while not (self._closed.is_set() and not self._gathered):
            if not self._gathered:
                await _within(HEARTBEAT_SECONDS, self._text)
            self._text.clear()
            flushed = bool(self._gathered)
            await self._flush()
            if flushed:
                await _within(COALESCE_SECONDS, self._closed)

    async def _flush(self) -> None:
        value = self._take()
        deltas = [Delta(self._sequence, self._run_id, value)] if value else []
        beat = await self._ports.turns.append(self._ask.key, self._fence, deltas)
        if beat.followers:
            self._ports.outbox.join(self._ask.key, beat.followers)
        for delta in deltas:
            self._sequence += 1
            self._sent.append(delta.value)
            text = token_frame(self._ask.session_id, self._ask.message_id, delta, self._ports.now())
            self._ports.outbox.publish(self._ask.key, text, sequence=delta.sequence, last=False)
        if beat.stop_requested:
            self.stopped.set()

    def _take(self) -> str:
        """What has gathered, as it can be stored and sent; half of a character that was cut waits for the rest."""
        text = "".join(self._gathered)
        self._gathered.clear()
        if _HALF.search(text) and not self._closed.is_set():
            text, half = text[:-1], text[-1]
            self._gathered.append(half)
        return _storable(text)


def _storable(text: str) -> str:
    """Halves of UTF-16 pairs are joined (some servers cut tokens there); one that stays alone, and NUL, are U+FFFD."""
    if _UNSTORABLE.search(text) is None:
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\x00", "\ufffd")


async def _within(seconds: float, event: asyncio.Event) -> None:
    """Wait for an event, but not longer."""
    if event.is_set():
        return
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
