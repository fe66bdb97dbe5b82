"""Answers that are good for a while: asked again when they are old, kept a little longer while nobody answers."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from kosha.errors import Unavailable

T = TypeVar("T")
_MOST = 10_000


class Remembered(Generic[T]):
    """A bounded memory before `ask`, which takes a key and may raise Unavailable.

    fresh_seconds: how long an answer is given without asking. usable_seconds: how long it is while asking fails.
    clock: seconds that go on while a function is frozen, as `time.monotonic` may not.
    """

    def __init__(
        self,
        ask: Callable[[str], T],
        *,
        fresh_seconds: float,
        usable_seconds: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._ask = ask
        self._fresh_seconds = fresh_seconds
        self._usable_seconds = usable_seconds
        self._clock = clock
        self._answers: dict[str, tuple[float, T]] = {}
        self._lock = threading.Lock()

    def get(self, key: str) -> T:
        """The answer; the one kept where it is young enough. Raises what `ask` raises."""
        kept = self._answers.get(key)
        if kept is not None and self._clock() < kept[0] + self._fresh_seconds:
            return kept[1]
        try:
            return self.refresh(key)
        except Unavailable:
            if kept is not None and self._clock() < kept[0] + self._usable_seconds:
                return kept[1]
            raise

    def refresh(self, key: str) -> T:
        """The answer as it is now. Raises what `ask` raises."""
        asked_at = self._clock()
        answer = self._ask(key)
        with self._lock:
            self._answers.pop(key, None)
            self._answers[key] = (asked_at, answer)
            while len(self._answers) > _MOST:
                del self._answers[next(iter(self._answers))]
        return answer
