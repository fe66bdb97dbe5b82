"""A log file that a child process fills through a pipe and that never outgrows its bound."""

import threading
from collections import deque
from pathlib import Path
from typing import IO

LIMIT_BYTES = 5 * 2**20
TAIL_LINES = 20


class BoundedLog:
    """`path` holds the newest lines, `path`.1 those before: at most twice `limit_bytes` together."""

    def __init__(self, path: Path, *, limit_bytes: int = LIMIT_BYTES) -> None:
        self._path = path
        self._limit_bytes = limit_bytes
        self._last: deque[str] = deque(maxlen=TAIL_LINES)

    def follow(self, stream: IO[bytes]) -> threading.Thread:
        """Copy the stream's lines into the file until it ends; returns the thread that does so."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._last.clear()
        follower = threading.Thread(target=self._copy, args=(stream,), name=f"log-{self._path.name}", daemon=True)
        follower.start()
        return follower

    def tail(self) -> str:
        """The last lines of the stream that was followed last."""
        return "\n".join(self._last)

    def _copy(self, stream: IO[bytes]) -> None:
        with stream:
            for line in stream:
                self._last.append(line.decode(errors="replace").rstrip())
                self._write(line)

    def _write(self, line: bytes) -> None:
        try:
            if self._path.exists() and self._path.stat().st_size + len(line) > self._limit_bytes:
                self._path.replace(self._path.with_name(self._path.name + ".1"))
            with self._path.open("ab") as file:
                file.write(line)
        except OSError:
            # A full disk must not stop the reading: the child would block on its pipe. The line is still in `tail`.
            return
