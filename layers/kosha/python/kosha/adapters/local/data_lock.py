"""One program at a time on a data folder: a lock the kernel drops when its holder dies."""

import fcntl
import os
import time
from pathlib import Path

from kosha.errors import Conflict, Rejected

LOCK_NAME = "lock"
PATIENCE_SECONDS = 0.2


class DataLock:
    """An exclusive flock on `folder`/lock; the file's text tells others who holds it.

    The lock belongs to the open file, so it goes when the process ends, however it ends: there is no stale lock.
    Start child processes with `subprocess` (which closes the file for them), never with a bare fork.
    """

    def __init__(self, folder: Path, *, holder: str = "kosha serve") -> None:
        self._folder = folder
        self._holder = holder
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock, or raise Conflict that names the process which has it. Again while held: nothing happens.

        Raises Rejected where this user may not write into the folder.
        """
        if self._descriptor is not None:
            return
        descriptor = self._open()
        if not _lock(descriptor):
            os.close(descriptor)
            pid, holder = _read(self._folder)
            raise Conflict(
                f"Another {holder} (pid {pid}) already uses {self._folder}; stop it or choose another --data."
            )
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()} {self._holder}\n".encode())
        self._descriptor = descriptor

    def _open(self) -> int:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return os.open(self._folder / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except PermissionError as error:
            raise Rejected(
                f"This user (id {os.geteuid()}) may not write {error.filename}. Run kosha as the user who made "
                f"the data folder {self._folder}, or choose another --data."
            ) from error

    def release(self) -> None:
        """Let go; the file stays, so that two programs never lock two different files of the same name."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def holder_of(folder: Path) -> int | None:
    """The pid of the program that works on this data folder now; None when nobody does."""
    try:
        descriptor = os.open(folder / LOCK_NAME, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(folder)[0]
    finally:
        os.close(descriptor)
    return None


def _lock(descriptor: int) -> bool:
    """Try for a moment, because `holder_of` in another program takes the lock for the time of its question."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(PATIENCE_SECONDS / 20)
        else:
            return True


def _read(folder: Path) -> tuple[int, str]:
    """Pid and name of the holder; pid 0 in the instant before the holder has written itself down."""
    pid, _, holder = (folder / LOCK_NAME).read_text().strip().partition(" ")
    return int(pid or 0), holder or "kosha"
