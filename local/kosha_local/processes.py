"""Child processes that live no longer than their parent and are started again when they die."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

from kosha.observe import log
from kosha.wiring.settings import child_environment

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 10.0
STEADY_SECONDS = 30.0  # a child that lived this long starts again without a pause
STOP_SECONDS = 10.0


class Child:
    """One `python -m module` that is kept running.

    The child inherits the reading end of a pipe as its lifeline: when this process ends, however that happens,
    the child reads the end of the file and ends too (`hold_lifeline`).
    """

    def __init__(self, name: str, module: str, arguments: Sequence[str], *, keep_open: Sequence[int] = ()) -> None:
        self.name = name
        self._module = module
        self._arguments = arguments
        self._keep_open = keep_open
        self._process: subprocess.Popen[bytes] | None = None
        self._lifeline: int | None = None
        self._started_at = 0.0
        self._pause_seconds = FIRST_PAUSE_SECONDS
        self._not_before = 0.0

    @property
    def pid(self) -> int | None:
        """None before the first start."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start it now."""
        reading, writing = os.pipe()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", self._module, *self._arguments, "--lifeline", str(reading)],
                stdin=subprocess.DEVNULL,
                env=child_environment(),
                pass_fds=(reading, *self._keep_open),
                start_new_session=True,  # Ctrl-C goes to the parent alone, which stops the others in order
            )
        finally:
            os.close(reading)
        self._cut_lifeline()
        self._lifeline = writing
        self._started_at = time.monotonic()

    def tend(self) -> bool:
        """Start it again if it has died, after a growing pause; returns whether it was started."""
        assert self._process is not None
        if self._process.poll() is None:
            return False
        now = time.monotonic()
        if not self._not_before:
            steady = now - self._started_at > STEADY_SECONDS
            self._pause_seconds = FIRST_PAUSE_SECONDS if steady else min(self._pause_seconds * 2, LONGEST_PAUSE_SECONDS)
            self._not_before = now + self._pause_seconds
            log.error(
                "child died",
                extra={"fields": {"child": self.name, "exit": self._process.returncode, "pause": self._pause_seconds}},
            )
        if now < self._not_before:
            return False
        self._not_before = 0.0
        self.start()
        return True

    def stop(self) -> None:
        """Ask it to end, wait, then end it."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._cut_lifeline()

    def _cut_lifeline(self) -> None:
        if self._lifeline is not None:
            os.close(self._lifeline)
            self._lifeline = None


def hold_lifeline(descriptor: int) -> None:
    """End this process as soon as the one that started it has ended."""

    def wait_for_the_end() -> None:
        os.read(descriptor, 1)
        os._exit(1)

    threading.Thread(target=wait_for_the_end, name="lifeline", daemon=True).start()
