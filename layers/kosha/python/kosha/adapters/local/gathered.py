"""Calls that arrive together are computed together: a batch of short questions costs half of one after the other."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Made = TypeVar("Made")

TEXTS_AT_ONCE = 16  # measured with questions of 14 tokens: 2.9 ms of CPU alone, 1.8 in a batch of 16 (2026-11)


@dataclass(eq=False)
class _Call(Generic[Made]):
    texts: Sequence[str]
    made: Sequence[Made] | None = None
    error: Exception | None = None

    @property
    def is_done(self) -> bool:
        return self.made is not None or self.error is not None


class Gathered(Generic[Made]):
    """Runs `compute` on the texts of waiting callers at once, in at most `at_once` threads: those of the callers.

    Nobody waits for company: a caller that finds room computes at once, with whoever waits by then.
    """

    def __init__(self, compute: Callable[[Sequence[str]], Sequence[Made]], *, at_once: int) -> None:
        self._compute = compute
        self._room = at_once
        self._waiting: deque[_Call[Made]] = deque()
        self._changed = threading.Condition()

    def compute(self, texts: Sequence[str]) -> Sequence[Made]:
        """What is made of these texts, one each. Raises what `compute` raises, for every caller of the batch."""
        if not texts:
            return self._compute(texts)
        mine = _Call[Made](texts)
        with self._changed:
            self._waiting.append(mine)
        while batch := self._next(mine):
            self._run(batch)
        if mine.error is not None:
            raise mine.error
        assert mine.made is not None
        return mine.made

    def _next(self, mine: _Call[Made]) -> list[_Call[Made]]:
        """The calls to compute now, for which there is room; none once `mine` is done."""
        with self._changed:
            while not mine.is_done and not (self._room and self._waiting):
                self._changed.wait()
            if mine.is_done:
                return []
            self._room -= 1
            batch = [self._waiting.popleft()]
            while self._waiting and sum(len(call.texts) for call in batch) < TEXTS_AT_ONCE:
                batch.append(self._waiting.popleft())
            return batch

    def _run(self, batch: list[_Call[Made]]) -> None:
        try:
            made = iter(self._compute([text for call in batch for text in call.texts]))
        except Exception as failure:  # it is every caller's, and each of them raises it
            error = failure
            self._settle(batch, lambda call: setattr(call, "error", error))
        else:
            self._settle(batch, lambda call: setattr(call, "made", [next(made) for _ in call.texts]))

    def _settle(self, batch: list[_Call[Made]], end: Callable[[_Call[Made]], None]) -> None:
        with self._changed:
            for call in batch:
                end(call)
            self._room += 1
            self._changed.notify_all()
