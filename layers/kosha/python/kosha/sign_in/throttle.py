"""Slows down guessing: after a few failures whoever guesses waits, each time twice as long."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from kosha.errors import TooManyRequests

_REMEMBER_SECONDS = 3600.0
_REMEMBER_AT_MOST = 20_000


@dataclass(slots=True)
class _Record:
    failures: int = 0
    last: float = 0.0


@dataclass(frozen=True, slots=True)
class Patience:
    """So many failures are free; the next costs a second, each one after it twice as much, up to a limit."""

    free_failures: int
    limit_seconds: int

    def wait_seconds(self, failures: int) -> float:
        """How long after its last failure somebody with so many of them has to wait."""
        beyond = failures - self.free_failures
        return 0.0 if beyond < 0 else float(min(2 ** min(beyond, 30), self.limit_seconds))


# A guesser is met by name and address together. The other two stop one address that tries many names, and many
# addresses that try one name; the last is short, so that nobody can keep an administrator out by failing for them.
BY_BOTH = Patience(free_failures=5, limit_seconds=900)
BY_ADDRESS = Patience(free_failures=30, limit_seconds=900)
BY_NAME = Patience(free_failures=100, limit_seconds=10)


class Throttle:
    """Counts failures in memory, of a bounded number of guessers, for an hour. Safe in threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._records: OrderedDict[tuple[str, str], _Record] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, name: str, address: str) -> None:
        """Count an attempt as a failure until `succeed` says otherwise, so that attempts at once count too.

        Raises TooManyRequests while it is too early for another one.
        """
        with self._lock:
            now = self._clock()
            records = [(self._record(key, now), patience) for key, patience in _keys(name, address)]
            wait = max(one.last + patience.wait_seconds(one.failures) - now for one, patience in records)
            if wait > 0:
                seconds = int(wait) + 1
                raise TooManyRequests(f"Too many failed sign-ins. Try again in {seconds} seconds.", seconds)
            for record, _ in records:
                record.failures += 1
                record.last = now

    def succeed(self, name: str, address: str) -> None:
        """It was the right password: forgive this name from this address, and take the attempt back elsewhere."""
        with self._lock:
            (own, _), *others = _keys(name, address)
            self._records.pop(own, None)
            for key, _ in others:
                if key in self._records:
                    self._records[key].failures -= 1

    def _record(self, key: tuple[str, str], now: float) -> _Record:
        record = self._records.pop(key, None)
        if record is None or now - record.last > _REMEMBER_SECONDS:
            record = _Record(last=now)
        self._records[key] = record
        while len(self._records) > _REMEMBER_AT_MOST:
            self._records.popitem(last=False)
        return record


def _keys(name: str, address: str) -> list[tuple[tuple[str, str], Patience]]:
    return [((name, address), BY_BOTH), (("", address), BY_ADDRESS), ((name, ""), BY_NAME)]
