"""The functions of AWS over moto and the real ports of one machine."""

from collections.abc import Iterator

import pytest
from moto import mock_aws
from tests.doors.lambdas.deployment import Deployment, deployed
from tests.house.machine import Machine, machine

from kosha.model.user import Caller

__all__ = ["machine"]


@pytest.fixture
def aws(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    with mock_aws(), deployed(machine, monkeypatch) as deployment:
        yield deployment


@pytest.fixture
def ada(machine: Machine) -> Caller:
    return machine.person()
