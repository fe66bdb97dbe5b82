"""Ends a request that is not wanted any more, or takes too long, whatever it waits for."""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Literal, Self

from kosha.errors import Unavailable

LOOK_SECONDS = 0.2


class Guard:
    """While its context is open, shuts the socket once the deadline has passed or `cancelled` says so.

    A timeout of the socket cannot do this: a server that sends a byte now and then never runs into it. `cut` tells
    why the socket was shut. `socket` is the one to shut: TLS puts another in its place.
    """

    def __init__(self, connected: socket.socket, *, seconds: float, cancelled: Callable[[], bool]) -> None:
        self.socket = connected
        self.cut: Literal["late", "cancelled"] | None = None
        self._deadline = time.monotonic() + seconds
        self._cancelled = cancelled
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="guard", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            with suppress(Unavailable):  # who cannot be asked has not said no
                self.cut = "cancelled" if self._cancelled() else None
            if self.cut is None and time.monotonic() >= self._deadline:
                self.cut = "late"
            if self.cut:
                with suppress(OSError):  # it was closed meanwhile
                    socket.socket.shutdown(self.socket, socket.SHUT_RDWR)  # past TLS, whose own would wait
                return
