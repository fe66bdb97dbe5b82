"""How a command reaches a server: the one that is named, the one that runs on the data directory, or one of its own."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from kosha.errors import Unavailable
from kosha.wiring.settings import Settings
from kosha_local.cli.output import tell
from kosha_local.cli.program import Choices
from kosha_local.cli.records import administrator_token, served_at
from kosha_local.client import Client

TOKEN_SECONDS = 12 * 3600  # a long import must not outlive it; it is never written down
STOP_SECONDS = 30.0


class Started(NamedTuple):
    """A server that was started, and how to sign in to it once."""

    url: str
    sign_in_url: str


@asynccontextmanager
async def reached(choices: Choices) -> AsyncIterator[Client]:
    """A client of the server that the choices name, as the administrator where it is the data directory's."""
    if choices.url and choices.token:
        async with Client(choices.url, choices.token) as client:
            yield client
        return
    settings = choices.settings()
    with serving(settings, quiet=choices.is_json) as url:
        async with Client(url, administrator_token(settings, seconds=TOKEN_SECONDS)) as client:
            yield client


@contextmanager
def serving(settings: Settings, *, quiet: bool = False) -> Iterator[str]:
    """The URL of the server of a data directory; where none runs, one is started for the time of the context."""
    url = served_at(settings.data)
    if url is not None:
        yield url
        return
    if not quiet:
        tell(f"no server runs on {settings.data}; starting one for this command")
    with started_server(settings.data) as started:
        yield started.url


@contextmanager
def started_server(data: Path) -> Iterator[Started]:
    """A server of our own on a free port; it ends with the context, and with this process however that ends."""
    reading, writing = os.pipe()
    command = [
        sys.executable,
        "-m",
        "kosha_local",
        "serve",
        "--port",
        "0",
        "--json",
        "--data",
        str(data),
        "--lifeline",
        str(reading),
    ]
    with tempfile.TemporaryFile() as messages:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=messages,
            pass_fds=[reading],
            start_new_session=True,  # Ctrl-C is ours alone: the server is still needed to stop an answer
        )
        os.close(reading)
        try:
            yield _ready(process, messages)
        finally:
            os.close(writing)
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            assert process.stdout is not None
            process.stdout.close()


def _ready(process: "subprocess.Popen[bytes]", messages: IO[bytes]) -> Started:
    """What the server says of itself when it takes requests. Raises Unavailable with its last words."""
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        process.wait()
        messages.seek(0)
        raise Unavailable(messages.read().decode(errors="replace").strip()[-2000:].removeprefix("kosha: "))
    told = json.loads(line)
    return Started(told["url"], told["signInUrl"])
