"""Answers accepted questions in the server's event loop, hundreds at a time, and takes up those a dead server left."""

import asyncio

from kosha.chat.answer import answer
from kosha.errors import KoshaError, LostLease
from kosha.model.turn import Ask, TurnKey
from kosha.observe import log
from kosha.ports import Ports

LOOK_SECONDS = 5.0
SWEEP_EVERY = 60  # looks
AT_ONCE = 400  # turns; more wait their turn, accepted and stored


class TurnRunner:
    """Fits the port Asks. `send` may be called from any thread."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ports: Ports | None = None
        self._running: dict[TurnKey, asyncio.Task[None]] = {}
        self._room = asyncio.Semaphore(AT_ONCE)

    def send(self, ask: Ask) -> None:
        """Answer it as soon as there is room. What is sent before `run` is found by its first look."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._start, ask.key)

    async def run(self, ports: Ports) -> None:
        """Look for unfinished turns at once and again every few seconds, until cancelled."""
        self._loop, self._ports = asyncio.get_running_loop(), ports
        looks = 0
        try:
            while True:
                try:
                    for ask in await asyncio.to_thread(ports.turns.unfinished):
                        self._start(ask.key)
                    if looks % SWEEP_EVERY == 0:
                        await asyncio.to_thread(ports.turns.sweep)
                except KoshaError as error:
                    log.warning("cannot look for unfinished turns", extra={"fields": {"reason": str(error)}})
                looks += 1
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            self._loop = None
            answering = list(self._running.values())
            for task in answering:
                task.cancel()
            await asyncio.gather(*answering, return_exceptions=True)  # each stores what it has

    def _start(self, key: TurnKey) -> None:
        if key not in self._running:
            task = asyncio.get_running_loop().create_task(self._answer(key))
            self._running[key] = task
            task.add_done_callback(lambda _: self._running.pop(key, None))

    async def _answer(self, key: TurnKey) -> None:
        assert self._ports is not None
        async with self._room:
            try:
                await answer(key, self._ports)
            except LostLease:
                log.warning("turn taken over", extra={"fields": {"messageId": key.message_id}})
            except KoshaError as error:  # its record cannot be written now: the next look takes it up again
                log.error("turn interrupted", extra={"fields": {"messageId": key.message_id, "reason": str(error)}})
            except Exception:
                # The last door: the person who asked has been told with this message id, and here is the trace.
                log.exception("turn failed", extra={"fields": {"messageId": key.message_id}})
