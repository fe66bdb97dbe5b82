"""A real deployment on the emulator, one for all tests here, and people who use it."""

import re
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
from emulated.run import Deployed, deployed
from tests.acceptance.client import User
from tests.acceptance.slow_model import SlowModel
from tests.acceptance.target import Person

SHOWN_LINES = 20
FAULT = re.compile(r"ERROR|Traceback|Error:|Task timed out|AccessDenied")


@pytest.fixture(scope="session")
def deployment(request: pytest.FixtureRequest) -> Iterator[Deployed]:
    """Every stack that the emulator knows. What its functions said is shown where a test failed."""
    with tempfile.TemporaryDirectory(prefix="kosha-logs-") as folder:
        try:
            with deployed(keep_logs_in=Path(folder)) as running:
                yield running
        finally:
            if request.session.testsfailed:
                terminal = request.config.pluginmanager.get_plugin("terminalreporter")
                assert isinstance(terminal, pytest.TerminalReporter)
                _show(Path(folder), terminal)


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """Connections for one test."""
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def ada(deployment: Deployed, http: aiohttp.ClientSession) -> User:
    """A manager."""
    return User(deployment.url, Person("ada", deployment.tokens["ada"]), http)


@pytest.fixture
def ben(deployment: Deployed, http: aiohttp.ClientSession) -> User:
    """A user."""
    return User(deployment.url, Person("ben", deployment.tokens["ben"]), http)


@pytest.fixture
def slow_model(deployment: Deployed) -> Iterator[SlowModel]:
    """A model that takes three seconds for an answer, where the deployment looks for it."""
    with SlowModel(deployment.model_port) as model:
        yield model


def _show(logs: Path, terminal: pytest.TerminalReporter) -> None:
    for log in sorted(logs.glob("*.log")):
        lines = log.read_text(errors="replace").splitlines()
        if found := [line for line in lines if FAULT.search(line)]:
            terminal.write_line(f"\n----- {log.name}: {len(found)} of {len(lines)} lines")
            terminal.write_line("\n".join(line[:2000] for line in found[-SHOWN_LINES:]))
