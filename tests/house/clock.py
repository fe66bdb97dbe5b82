"""Seconds since 1970 that a test lets pass."""


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self, now: float = 1_790_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def pass_seconds(self, seconds: float) -> None:
        self.now += seconds
