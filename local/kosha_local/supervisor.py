"""`kosha serve`: starts the database, the server and the ingestion worker of one data directory, and keeps them up."""

import json
import os
import select
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

from kosha.adapters.local.data_lock import holder_of
from kosha.errors import Conflict, KoshaError, Rejected, Unavailable
from kosha.observe import log
from kosha.wiring.local import Records, embedded_postgres
from kosha.wiring.settings import Settings
from kosha_local.processes import Child

TEND_SECONDS = 0.05
READY_SECONDS = 60.0
BIND_SECONDS = 5.0
NOTE = "server.json"  # where a running server can be reached: {"url", "pid"}


class Supervisor:
    """The processes of one data directory. `announce` is told the base URL and the one-time token when all is up."""

    def __init__(self, settings: Settings, host: str, port: int, announce: Callable[[str, str], None]) -> None:
        self._settings = settings
        self._host = host
        self._port = port
        self._announce = announce
        self._postgres = embedded_postgres(settings)
        self._stopping = False

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM. Raises Conflict where the directory or the port is taken."""
        signal.signal(signal.SIGINT, self._stop)
        signal.signal(signal.SIGTERM, self._stop)
        self._postgres.start()
        try:
            with Records(self._settings) as records:
                records.migrate()
                token = records.first_sign_in()
            with listen(self._host, self._port) as listening:
                self._run_children(listening, token)
        finally:
            (self._settings.data / NOTE).unlink(missing_ok=True)
            self._postgres.stop()

    def _run_children(self, listening: socket.socket, token: str) -> None:
        ready, say_ready = os.pipe()
        url = base_url(self._host, listening)
        data = ["--data", str(self._settings.data)]
        server = Child(
            "server",
            "kosha_local.server",
            [*data, "--socket", str(listening.fileno()), "--ready", str(say_ready)],
            keep_open=(listening.fileno(), say_ready),
        )
        worker = Child("worker", "kosha_local.worker", data)
        children = [server, worker]
        try:
            for child in children:
                child.start()
            self._wait_ready(ready, children)
            (self._settings.data / NOTE).write_text(json.dumps({"url": url, "pid": os.getpid()}))
            if not self._stopping:
                self._announce(url, token)
            while not self._stopping:
                self._tend(children)
                time.sleep(TEND_SECONDS)
        finally:
            (self._settings.data / NOTE).unlink(missing_ok=True)  # whoever comes now waits for our end
            for child in children:
                child.stop()
            os.close(ready)
            os.close(say_ready)

    def _wait_ready(self, ready: int, children: list[Child]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not self._stopping:
            if select.select([ready], [], [], TEND_SECONDS)[0]:
                os.read(ready, 1)
                return
            if time.monotonic() > deadline:
                raise Unavailable(f"The server was not ready within {READY_SECONDS:.0f} s; its messages stand above.")
            self._tend(children)

    def _tend(self, children: list[Child]) -> None:
        if not self._postgres.is_running():
            log.error("the database died; starting it again")
            try:
                self._postgres.start()
            except KoshaError as error:
                log.error("the database does not start", extra={"fields": {"reason": str(error)}})
                time.sleep(1)
        for child in children:
            child.tend()

    def _stop(self, *_: object) -> None:
        self._stopping = True


def listen(host: str, port: int) -> socket.socket:
    """The listening socket; it outlives a server process, so that connections wait instead of failing.

    Raises Conflict where the port stays taken for five seconds (a server that was just killed lets go at once).
    """
    deadline = time.monotonic() + BIND_SECONDS
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    while True:
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
            listening.listen(1024)
        except OSError as error:
            listening.close()
            if time.monotonic() > deadline:
                raise Conflict(
                    f"Port {port} of {host} cannot be used ({error.strerror}). Choose another with --port."
                ) from error
            time.sleep(0.1)
        else:
            listening.set_inheritable(True)
            return listening


def base_url(host: str, listening: socket.socket) -> str:
    """How a browser on this machine reaches the server."""
    shown = {
        "0.0.0.0":  # noqa: S104  compared, not bound
        "127.0.0.1",
        "::": "[::1]",
    }.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{listening.getsockname()[1]}"


def running_server(data: Path) -> str | None:
    """The base URL of the server that runs on a data directory now; None where none does."""
    pid = holder_of(data)
    if pid is None:
        return None
    try:
        note = json.loads((data / NOTE).read_text())
        return str(note["url"]) if note["pid"] == pid else None  # a killed server leaves its note behind
    except (FileNotFoundError, ValueError, KeyError):
        return None


def refuse_bad_port(port: int) -> int:
    """0 is any free port. Raises Rejected."""
    if not 0 <= port <= 65_535:
        raise Rejected(f"--port {port} is no port: it must be 0 to 65535 (0: any free one).")
    return port
