"""The contract of the port `Workflows`: what is started, stopped and live, wherever state machines run.

How they go on from state to state is the runner's of one machine (test_workflows) or Amazon's.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from tests.contracts.store import PostgresStore

from kosha.adapters.aws.stepfunctions import StepFunctionsWorkflows
from kosha.adapters.local.workflows import LocalWorkflows
from kosha.ports import Workflows

DONE = json.dumps({"StartAt": "D", "States": {"D": {"Type": "Succeed"}}})
MACHINES = ("file_import", "workspace_delete")
NAMES = ["5f0c6a1e-6a0e-4c0f-9a52-7a1d5f6f0a11-1", "5f0c6a1e-delete-2026-11-20T12:00:00.123456Z", "x" * 120]


@pytest.fixture(scope="module")
def stepfunctions() -> Iterator[Any]:
    """A client of the Step Functions of this process: an execution runs until it is stopped."""
    with mock_aws():
        yield boto3.client(
            "stepfunctions", region_name="eu-central-1", aws_access_key_id="test", aws_secret_access_key="test"
        )


@pytest.fixture(params=["postgres", "step functions"])
def workflows(request: pytest.FixtureRequest, tmp_path: Path) -> Workflows:
    if request.param == "step functions":
        return _step_functions(request.getfixturevalue("stepfunctions"))
    empty = request.getfixturevalue("empty_database")
    for machine in MACHINES:
        (tmp_path / f"{machine}.asl.json").write_text(DONE)
    return LocalWorkflows(PostgresStore(empty, empty).executions_of("first"), tmp_path)


def _step_functions(client: Any) -> StepFunctionsWorkflows:
    role = "arn:aws:iam::123456789012:role/machines"
    for machine in client.list_state_machines()["stateMachines"]:
        client.delete_state_machine(stateMachineArn=machine["stateMachineArn"])
    made = {name: client.create_state_machine(name=name, definition=DONE, roleArn=role) for name in MACHINES}
    return StepFunctionsWorkflows(client, {name: told["stateMachineArn"] for name, told in made.items()})


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("machine", MACHINES)
def test_what_is_started_is_live_until_it_is_stopped(workflows: Workflows, machine: str, name: str) -> None:
    assert not workflows.is_live(name)
    workflows.start(machine, name, {"n": 1})
    assert workflows.is_live(name)
    workflows.stop(name)
    assert not workflows.is_live(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_was_started_is_not_started_again(workflows: Workflows, name: str) -> None:
    workflows.start("file_import", name, {"n": 1})
    workflows.start("file_import", name, {"n": 1})
    workflows.start("file_import", name, {"n": 2})
    workflows.stop(name)
    workflows.start("file_import", name, {"n": 1})
    assert not workflows.is_live(name)


def test_one_is_stopped_without_another(workflows: Workflows) -> None:
    for name in NAMES:
        workflows.start("file_import", name, {})
    workflows.stop(NAMES[0])
    assert [workflows.is_live(name) for name in NAMES] == [False, True, True]


def test_what_never_ran_can_be_stopped_and_what_was_stopped_again(workflows: Workflows) -> None:
    workflows.stop("never")
    workflows.start("file_import", "once", {})
    workflows.stop("once")
    workflows.stop("once")
    assert not workflows.is_live("once")
    assert not workflows.is_live("never")


def test_a_machine_that_is_not_known_is_an_error(workflows: Workflows) -> None:
    with pytest.raises(KeyError):
        workflows.start("three", "run-1", {})


@pytest.mark.parametrize("number", [3, 40])
def test_those_that_are_live_are_told_from_those_that_are_not(workflows: Workflows, number: int) -> None:
    names = [f"run-{each}" for each in range(number)] + NAMES
    for name in names:
        workflows.start("file_import", name, {})
    for name in names[::2]:
        workflows.stop(name)
    assert workflows.live([*names, "never started"]) == set(names[1::2])
    assert workflows.live([]) == set()
