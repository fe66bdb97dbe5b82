"""Trying again what only a crowd has kept from happening: pauses that grow, differ, and end."""

import random
import time
from collections.abc import Callable, Iterator

_ATTEMPTS = 8
_FIRST_PAUSE_SECONDS = 0.02
_LONGEST_PAUSE_SECONDS = 1.0

Pause = Callable[[float], None]


def attempts(pause: Pause = time.sleep) -> Iterator[int]:
    """Numbers of the attempts from 0, with a pause before each but the first; together under 3 seconds."""
    yield 0
    for attempt in range(1, _ATTEMPTS):
        longest = min(_FIRST_PAUSE_SECONDS * 2**attempt, _LONGEST_PAUSE_SECONDS)
        pause(random.uniform(longest / 2, longest))  # noqa: S311 # differs from others', hides nothing
        yield attempt
