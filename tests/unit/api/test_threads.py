"""One resolver answers many callers at once, each with what is theirs."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice, repeat

import pytest
from tests.house.machine import Machine

THREADS = 8


@pytest.fixture
def hasty_switches() -> Iterator[None]:
    """Threads take turns a thousand times as often as usual."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(5e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("hasty_switches")
def test_callers_at_once_are_not_mixed_up(machine: Machine) -> None:
    owners = [machine.person("manager") for _ in range(THREADS)]
    workspaces = [machine.workspace(owner) for owner in owners]

    def gets_what_it_asked_for(number: int) -> bool:
        owner, workspace = owners[number % THREADS], workspaces[number % THREADS]
        one = machine.call("GET", f"/workspaces/{workspace.id}", by=owner)
        me = machine.call("GET", "/me", by=owner)
        return one.json.get("id") == workspace.id and me.json["user"]["id"] == owner.user.id

    with ThreadPoolExecutor(THREADS) as threads:
        assert list(threads.map(gets_what_it_asked_for, range(400))) == list(islice(repeat(True), 400))
