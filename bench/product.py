"""What the benchmarks start and feed: the product as a user starts it, a mock model, and a client of its protocol."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import aiohttp

ROOT = Path(__file__).resolve().parents[1]
WORDS = [
    "leave",
    "travel",
    "hotel",
    "invoice",
    "budget",
    "server",
    "backup",
    "password",
    "printer",
    "contract",
    "customer",
    "holiday",
    "salary",
    "training",
    "meeting",
    "safety",
    "engine",
    "battery",
    "harbour",
    "garden",
    "window",
    "kitchen",
    "bridge",
    "tunnel",
    "market",
    "teacher",
    "library",
    "museum",
    "concert",
    "orchestra",
]


class Server(NamedTuple):
    """A running server under test, and how to get in."""

    url: str
    token: str
    data: Path
    pid: int

    @property
    def headers(self) -> dict[str, str]:
        """For REST."""
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def socket_url(self) -> str:
        """For the socket."""
        return f"{self.url.replace('http', 'ws', 1)}/socket?token={self.token}"


@contextmanager
def mock_model(*, first_ms: float, token_ms: float, tokens: int = 100) -> Iterator[str]:
    """A mock model's base URL."""
    command = [sys.executable, "-m", "bench.mock_model", "--first-ms", str(first_ms)]
    command += ["--token-ms", str(token_ms), "--tokens", str(tokens)]
    with _process(command, os.environ) as process:
        yield json.loads(_line(process))["url"]


@contextmanager
def kosha(model_url: str | None = None, data: Path | None = None, *, sign_in: bool = True) -> Iterator[Server]:
    """The product on a free port, its data in a temporary folder unless one is given."""
    with tempfile.TemporaryDirectory(prefix="kosha-bench-") as temporary:
        folder = data or Path(temporary)
        environment = {**os.environ, "KOSHA_FIND_LOCAL_MODELS": "false"}
        if model_url:
            environment["OPENAI_BASE_URL"] = model_url
        program = [sys.executable, "-m", "kosha_local"]
        with _process([*program, "serve", "--port", "0", "--data", str(folder), "--json"], environment) as process:
            url = json.loads(_line(process))["url"]
            token = _token([*program, "token", "--data", str(folder)], environment) if sign_in else ""
            yield Server(url, token, folder, process.pid)


def _token(command: Sequence[str], environment: Mapping[str, str]) -> str:
    options = ["--user", "admin", "--json", "--expires-in", "7200"]
    return str(json.loads(subprocess.check_output([*command, *options], env=environment))["accessToken"])


async def workspace_of_texts(server: Server, texts: Sequence[tuple[str, str]], *, threshold: float | None = 0) -> str:
    """A workspace with (title, text) documents, all processed; its id.

    threshold: 0 lets made-up prose, which means nothing, be found all the same; None is the product's own.
    """
    async with aiohttp.ClientSession(server.url, headers=server.headers) as client:
        settings: dict[str, Any] = {"name": f"bench {uuid4().hex[:6]}"}
        if threshold is not None:
            settings["retrieval"] = {"threshold": threshold}
        workspace = await told(client.post("/api/workspaces", json=settings))
        path = f"/api/workspaces/{workspace['id']}/documents"
        for title, text in texts:
            await told(client.post(f"{path}/text", json={"title": title, "content": text}))
        while True:
            # in the order in which a document passes them, so that none slips through between the two looks
            waiting = await told(client.get(path, params={"limit": 100, "status": "submitted"}))
            running = await told(client.get(path, params={"limit": 100, "status": "processing"}))
            if not waiting["items"] and not running["items"]:
                return workspace["id"]
            await asyncio.sleep(0.25)


def prose(seed: int, words: int) -> str:
    """Repeatable sentences of about 12 words."""
    state, said = seed * 7919 + 13, []
    for number in range(words):
        state = (state * 1103515245 + 12345) % 2**31
        word = WORDS[state % len(WORDS)] + (str(state % 97) if state % 5 == 0 else "")
        said.append(word.capitalize() if number % 12 == 0 else word + ("." if number % 12 == 11 else ""))
    return " ".join(said)


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """p50, p95 and p99 of milliseconds."""
    ordered = sorted(values) or [float("nan")]
    return {
        f"p{share}": round(ordered[min(len(ordered) - 1, int(len(ordered) * share / 100))], 1) for share in (50, 95, 99)
    }


async def told(request: Any) -> Any:
    """The JSON of a reply. Raises RuntimeError for one that refuses."""
    async with request as reply:
        value = await reply.json()
        if reply.status >= 400:
            raise RuntimeError(f"{reply.status}: {value}")
        return value


@contextmanager
def started(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[str]:
    """The first line that a process prints; the process ends with the context."""
    with _process(command, environment) as process:
        yield _line(process)


@contextmanager
def _process(command: Sequence[str], environment: Mapping[str, str]) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"{process.args} ended with {process.wait()} before it served")
    return line
