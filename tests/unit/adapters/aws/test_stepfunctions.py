"""What Step Functions asks of names, and how late it tells what it does."""

import re
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from tests.house.clock import Clock

from kosha.adapters.aws.stepfunctions import StepFunctionsWorkflows, execution_name
from kosha.errors import Unavailable

ARN = "arn:aws:states:eu-central-1:123456789012:stateMachine:import"
EXECUTION = "arn:aws:states:eu-central-1:123456789012:execution:import:run-1"


@pytest.fixture(scope="module")
def client() -> Any:
    return boto3.client(
        "stepfunctions", region_name="eu-central-1", aws_access_key_id="test", aws_secret_access_key="test"
    )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def workflows(client: Any, clock: Clock) -> StepFunctionsWorkflows:
    return StepFunctionsWorkflows(client, {"file_import": ARN}, clock=clock)


def test_an_execution_has_its_own_name_where_it_is_allowed() -> None:
    name = "5f0c6a1e-6a0e-4c0f-9a52-7a1d5f6f0a11-12"
    assert execution_name(name) == name


def test_other_names_become_allowed_ones_that_differ_and_stay() -> None:
    names = [
        "w-delete-2026-11-20T12:00:00.000Z",
        "w-delete-2026-11-20T12:00:00.001Z",
        "x" * 81,
        "x" * 82,
        "é",
        "",
        "\n",
    ]
    mapped = [execution_name(name) for name in names]
    assert mapped == [execution_name(name) for name in names]
    assert len(set(mapped)) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,80}", name) for name in mapped)
    assert mapped[0].startswith("w-delete-2026-11-20T12-00-00-000Z-")


def test_what_was_started_a_moment_ago_is_live_before_it_is_described(
    service: Stubber, workflows: StepFunctionsWorkflows, clock: Clock
) -> None:
    service.add_response("start_execution", {"executionArn": EXECUTION, "startDate": 1})
    for _ in range(2):
        service.add_client_error("describe_execution", "ExecutionDoesNotExist")
    workflows.start("file_import", "run-1", {})
    clock.pass_seconds(5)
    assert workflows.is_live("run-1")
    clock.pass_seconds(60)
    assert not workflows.is_live("run-1")


def test_what_is_described_as_ended_is_not_live(service: Stubber, workflows: StepFunctionsWorkflows) -> None:
    service.add_response("start_execution", {"executionArn": EXECUTION, "startDate": 1})
    told = {"executionArn": EXECUTION, "stateMachineArn": ARN, "startDate": 1, "status": "SUCCEEDED"}
    service.add_response("describe_execution", told, {"executionArn": EXECUTION})
    workflows.start("file_import", "run-1", {})
    assert not workflows.is_live("run-1")


def test_a_busy_service_is_unavailable(service: Stubber, workflows: StepFunctionsWorkflows) -> None:
    for method in ("start_execution", "stop_execution", "describe_execution"):
        service.add_client_error(method, "ThrottlingException")
    with pytest.raises(Unavailable):
        workflows.start("file_import", "run-1", {})
    with pytest.raises(Unavailable):
        workflows.stop("run-1")
    with pytest.raises(Unavailable):
        workflows.is_live("run-1")
