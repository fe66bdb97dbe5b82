"""The product under test: a base URL and people who are signed in. Nothing here knows how it is built.

`KOSHA_TEST_URL` and `KOSHA_TEST_TOKENS` (JSON: {"admin": token, "ada": token, "ben": token, "eve": token}; ada is a
manager, ben and eve are users) name one that runs already; else a `kosha serve` of our own is started on a new data
directory. Of one that runs already may be told: `KOSHA_TEST_MODEL_PORT`, where it looks for an OpenAI-compatible
server, which is served there then; `KOSHA_TEST_PATIENCE`, a factor on every time that the suite waits.
"""

import json
import os
import secrets
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.slow_model import SlowModel

ROLES = {"ada": ["manager"], "ben": ["user"], "eve": ["user"]}
PROGRAM = Path(__file__).parents[2] / ".venv" / "bin" / "kosha"
STOP_SECONDS = 30
PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in."""

    name: str
    token: str
    refresh_token: str | None = None


@dataclass(frozen=True)
class Target:
    """What a test may know.

    is_one_machine: where we sign people in, take files and hold the sockets ourselves; else AWS, where the user pool,
    S3 and API Gateway do. `used_one_time_token` signed the administrator in; `slow_model` is ours to slow down.
    """

    url: str
    people: dict[str, Person]
    is_one_machine: bool = True
    used_one_time_token: str | None = None
    slow_model: SlowModel | None = None
    data: Path | None = None
    pid: int | None = None
    passwords: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="session")
def target() -> Iterator[Target]:
    """One product for the whole run."""
    url = os.environ.get("KOSHA_TEST_URL")
    if url:
        with named(url.rstrip("/"), os.environ.get("KOSHA_TEST_MODEL_PORT")) as running:
            yield running
        return
    with started() as running:
        yield running


@contextmanager
def named(url: str, model_port: str | None) -> Iterator[Target]:
    """One that runs already."""
    people = {name: Person(name, token) for name, token in json.loads(os.environ["KOSHA_TEST_TOKENS"]).items()}
    with ExitStack() as stack:
        model = stack.enter_context(SlowModel(int(model_port))) if model_port else None
        yield Target(url, people, is_one_machine=_publishes_keys(url), slow_model=model)


@contextmanager
def started(data: Path | None = None, **settings: str) -> Iterator[Target]:
    """A `kosha serve` on a free port with four people; `settings` are more variables of its environment."""
    with ExitStack() as stack:
        folder = data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kosha-test-"))) / "data"
        model = stack.enter_context(SlowModel())
        environment = {
            **clean_environment(),
            "OPENAI_BASE_URL": model.base_url,
            "KOSHA_DEFAULT_MODEL": "kosha/extractive",
            "KOSHA_FIND_LOCAL_MODELS": "false",
            "KOSHA_CRAWL_ALLOW_HOSTS": "127.0.0.1",
            **settings,
        }
        process, told = stack.enter_context(serving(folder, environment))
        one_time_token = told["signInUrl"].partition("#token=")[2]
        admin = _signed_in(told["url"], "exchange", {"oneTimeToken": one_time_token})
        people, passwords = {"admin": admin}, {}
        for name, roles in ROLES.items():
            passwords[name] = f"{PASSWORD} {secrets.token_hex(4)}"
            user = {"userName": name, "password": passwords[name], "roles": roles}
            _post(f"{told['url']}/api/users", user, admin.token)
            people[name] = _signed_in(told["url"], "login", {"username": name, "password": passwords[name]})
        yield Target(told["url"], people, True, one_time_token, model, folder, process.pid, passwords)


@contextmanager
def serving(data: Path, environment: dict[str, str]) -> Iterator[tuple["subprocess.Popen[bytes]", dict[str, str]]]:
    """The process and what it prints with --json; it must end well when it is asked to."""
    command = [*program(), "serve", "--port", "0", "--json", "--data", str(data)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, f"kosha serve ended with {process.wait()}; its messages stand above"
        yield process, json.loads(line)
    finally:
        process.terminate()
        try:
            code = process.wait(STOP_SECONDS)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
    assert code == 0, f"kosha serve ended with {code} when it was asked to stop"


def program() -> list[str]:
    """How the command line is started."""
    return [str(PROGRAM)] if PROGRAM.exists() else [sys.executable, "-m", "kosha_local"]


def clean_environment() -> dict[str, str]:
    """This environment without settings of the product that a developer may have."""
    mine = dict(os.environ)
    return {name: value for name, value in mine.items() if not name.startswith(("KOSHA_", "OPENAI_"))}


def _publishes_keys(url: str) -> bool:
    """Whether tokens are signed there: on AWS this address is a page of the UI."""
    with suppress(urllib.error.HTTPError), urllib.request.urlopen(f"{url}/auth/jwks.json", timeout=30) as reply:
        return reply.headers.get_content_type() == "application/json"
    return False


def _signed_in(url: str, way: str, proof: dict[str, str]) -> Person:
    reply = _post(f"{url}/auth/{way}", proof)
    return Person(reply["user"]["name"], reply["accessToken"], reply["refreshToken"])


def _post(url: str, body: dict[str, Any], token: str | None = None) -> Any:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as reply:
        return json.load(reply)
