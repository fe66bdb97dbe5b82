"""`kosha serve` as a person starts it, with its processes in reach of a `kill -9`, and a model server with a log."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import psutil
from tests.acceptance.target import Person, clean_environment, program

ROOT = Path(__file__).parents[2]
WAIT_SECONDS = 40.0
LOOK_SECONDS = 0.02
Part = Literal["server", "worker", "postgres"]


def until(true: Callable[[], Any], what: str, seconds: float = WAIT_SECONDS) -> Any:
    """What `true` gives as soon as it is not false; fails when that takes too long."""
    deadline = time.monotonic() + seconds
    while not (value := true()):
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain until {what}"
        time.sleep(LOOK_SECONDS)
    return value


class Product:
    """One data directory and the `kosha serve` that works on it, always on the same port."""

    def __init__(self, data: Path, **settings: str) -> None:
        self.data = data
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = {**clean_environment(), "KOSHA_FIND_LOCAL_MODELS": "false", **settings}
        self._process: subprocess.Popen[bytes] | None = None
        self._admin: Person | None = None

    def start(self) -> None:
        """Until it has printed where it is."""
        command = [*program(), "serve", "--port", str(self.port), "--json", "--data", str(self.data)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, env=self._environment)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"kosha serve ended with {self._process.wait()}; its messages stand above"
        if self._admin is None:
            self._admin = self._signed_in(json.loads(line)["signInUrl"].partition("#token=")[2])

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Another command on the same data directory."""
        command = [*program(), *arguments, "--data", str(self.data)]
        return subprocess.run(command, capture_output=True, text=True, env=self._environment, timeout=WAIT_SECONDS)

    @property
    def admin(self) -> Person:
        """The administrator, whose token outlives a restart."""
        assert self._admin is not None
        return self._admin

    @property
    def pid(self) -> int:
        """The supervisor's."""
        assert self._process is not None
        return self._process.pid

    def pid_of(self, part: Part) -> int:
        """A child's, as soon as there is one."""
        return until(lambda: self._find(part), f"there is a {part}")

    def kill(self, part: Part) -> None:
        """`kill -9` of a child."""
        os.kill(self.pid_of(part), signal.SIGKILL)

    def kill_supervisor(self, *, with_children: bool = False) -> list[psutil.Process]:
        """`kill -9` of the parent of all, or of all (as near as it gets to a power cut); returns its children."""
        left = psutil.Process(self.pid).children(recursive=True)
        for pid in [self.pid, *(child.pid for child in left if with_children)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._reap()
        return left

    def stop(self) -> int:
        """SIGTERM, as a service manager does it; returns the exit status."""
        assert self._process is not None
        self._process.terminate()
        return self._reap()

    def end(self) -> None:
        """Leave nothing that runs, however the test went."""
        if self._process is not None and self._process.poll() is None:
            left = psutil.Process(self.pid).children(recursive=True)
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                self.kill_supervisor()
            until(lambda: all(map(has_ended, left)), "every process of the product has ended")

    def _reap(self) -> int:
        assert self._process is not None
        assert self._process.stdout is not None
        code = self._process.wait(WAIT_SECONDS)
        self._process.stdout.close()
        return code

    def _find(self, part: Part) -> int | None:
        mark = "-D" if part == "postgres" else f"kosha_local.{part}"
        for child in psutil.Process(self.pid).children():
            try:
                if mark in child.cmdline():
                    return child.pid
            except psutil.Error:
                continue  # it ended while we looked
        return None

    def _signed_in(self, one_time_token: str) -> Person:
        body = json.dumps({"oneTimeToken": one_time_token}).encode()
        request = urllib.request.Request(f"{self.url}/auth/exchange", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=WAIT_SECONDS) as reply:
            told = json.load(reply)
        return Person(told["user"]["name"], told["accessToken"])


class ModelServer:
    """The mock model of the benchmarks in a process of its own."""

    def __init__(self, url: str) -> None:
        self.url = url

    def log(self) -> dict[str, Any]:
        """What it was asked so far: {"asked": [text], "cancelled": n, "finished": n}."""
        with urllib.request.urlopen(self.url.replace("/v1", "/log"), timeout=WAIT_SECONDS) as reply:
            return json.load(reply)

    def times_asked(self, text: str) -> int:
        """How often a question came that ends so."""
        return sum(asked.endswith(text) for asked in self.log()["asked"])


def has_ended(process: psutil.Process) -> bool:
    """Whether it runs no more; a zombie does not, though a container's first process may be slow to bury it."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@contextmanager
def model_server(*, first_ms: float, token_ms: float, tokens: int) -> Iterator[ModelServer]:
    """Says `w0 w1 ... `, at that pace."""
    command = [sys.executable, "-m", "bench.mock_model", "--first-ms", str(first_ms)]
    command += ["--token-ms", str(token_ms), "--tokens", str(tokens)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT)
    assert process.stdout is not None
    try:
        yield ModelServer(json.loads(process.stdout.readline())["url"])
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@contextmanager
def running(data: Path, model: ModelServer, **settings: str) -> Iterator[Product]:
    """A product that answers with that model."""
    product = Product(data, OPENAI_BASE_URL=model.url, **settings)
    try:
        product.start()
        yield product
    finally:
        product.end()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
