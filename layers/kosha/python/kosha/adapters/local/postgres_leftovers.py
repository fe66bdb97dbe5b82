"""What a killed supervisor or postmaster leaves behind, and how it is cleared before the next start.

PostgreSQL itself refuses to start when its pid file names a living process of the same user, whatever that process
is, and when a backend of a dead postmaster still holds the shared memory. Both end by themselves or are ended here.
"""

import contextlib
import hashlib
import os
import signal
import time
from pathlib import Path

import psutil

FAST_STOP_SECONDS = 15.0
IMMEDIATE_STOP_SECONDS = 5.0
POLL_SECONDS = 0.01
PID_FILE = "postmaster.pid"
SHARED_MEMORY_LINES = 7  # from its seventh line on the pid file says which shared memory the dead server used


def cluster_name(cluster: Path) -> str:
    """The name that every process of this cluster carries in its title, as long as the folder is not moved."""
    return "kosha-" + hashlib.sha256(os.fsencode(cluster.resolve())).hexdigest()[:12]


def processes_of(cluster: Path) -> list[psutil.Process]:
    """Living processes of this cluster, the postmaster first; known by their command lines, which anybody may read."""
    title = f"postgres: {cluster_name(cluster)}:"
    postmasters: list[psutil.Process] = []
    others: list[psutil.Process] = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if "postgres" not in process.name():
                continue
            command = process.cmdline()
            if command[1:3] == ["-D", str(cluster)]:
                postmasters.append(process)
            elif command and command[0].startswith(title):
                others.append(process)
    return postmasters + others


def clear_leftovers(cluster: Path, sockets: Path) -> None:
    """End every process of the cluster, fast but cleanly, then make its pid files harmless.

    Call it only with the data folder's lock held. Committed rows are safe whichever signal it takes.
    """
    steps = (
        (signal.SIGINT, FAST_STOP_SECONDS),
        (signal.SIGQUIT, IMMEDIATE_STOP_SECONDS),
        (signal.SIGKILL, IMMEDIATE_STOP_SECONDS),
    )
    for stop, timeout_seconds in steps:
        living = processes_of(cluster)
        if not living:
            break
        # A postmaster takes its backends along; orphans, whose postmaster is dead, are told one by one.
        for process in living[:1] if _is_postmaster(living[0], cluster) else living:
            with contextlib.suppress(psutil.Error):
                process.send_signal(stop)
        _wait_gone(living, timeout_seconds)
    _disown_pid_file(cluster / PID_FILE)
    for leftover in sockets.glob(".s.PGSQL.*"):
        leftover.unlink(missing_ok=True)


def _wait_gone(processes: list[psutil.Process], timeout_seconds: float) -> None:
    """Like psutil.wait_procs, but a zombie counts as gone: a container's first process may never reap it."""
    deadline = time.monotonic() + timeout_seconds
    while any(map(_lives, processes)) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _is_postmaster(process: psutil.Process, cluster: Path) -> bool:
    try:
        return process.cmdline()[1:3] == ["-D", str(cluster)]
    except psutil.Error:
        return False


def _disown_pid_file(path: Path) -> None:
    """Write our own pid over the dead one: PostgreSQL takes its parent's pid for stale, and no other living one.

    The rest stays, because PostgreSQL makes sure by it that nobody is attached to the old shared memory.
    """
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        return
    if len(lines) < SHARED_MEMORY_LINES:  # a crash in the middle of writing it
        path.unlink()
        return
    path.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
