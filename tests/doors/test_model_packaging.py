"""The custom resource that packages a model, from CloudFormation's events to CodeBuild and back."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pytest
from moto import mock_aws
from tests.doors.lambdas.deployment import Context

from kosha.wiring.model_packaging import model_packaging

LAMBDAS = Path(__file__).parents[2] / "lambdas" / "model_packaging"
PLACE = "s3://packages/minilm/v1/"
PROPERTIES = {"Project": "packaging", "Variables": {"REPOSITORY": "a/b", "REVISION": "0" * 40, "DESTINATION": PLACE}}


@pytest.fixture
def codebuild(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "y")
    with mock_aws():
        made = boto3.client("codebuild")
        made.create_project(
            name="packaging",
            source={"type": "S3", "location": "bucket/source.zip"},
            artifacts={"type": "NO_ARTIFACTS"},
            environment={"type": "LINUX_CONTAINER", "image": "any", "computeType": "BUILD_GENERAL1_SMALL"},
            serviceRole="arn:aws:iam::123456789012:role/packaging",
        )
        yield made
    model_packaging.cache_clear()


def handler_of(part: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"model_packaging_{part}", LAMBDAS / part / "handler.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def told(part: str, kind: str, **more: Any) -> dict[str, Any]:
    event = {"RequestType": kind, "RequestId": "request-1", "ResourceProperties": PROPERTIES, **more}
    return handler_of(part).handler(event, Context())


def test_a_model_is_packaged_and_its_place_is_its_id(codebuild: Any) -> None:
    started = told("start", "Create")
    assert started["PhysicalResourceId"] == PLACE
    assert codebuild.list_builds_for_project(projectName="packaging")["ids"] == [started["Data"]["Build"]]
    assert told("wait", "Create", Data=started["Data"]) == {"IsComplete": True}


def test_a_package_that_goes_starts_nothing_and_is_not_waited_for(codebuild: Any) -> None:
    assert told("start", "Delete", PhysicalResourceId=PLACE) == {"PhysicalResourceId": PLACE}
    assert told("wait", "Delete", PhysicalResourceId=PLACE) == {"IsComplete": True}
    assert codebuild.list_builds_for_project(projectName="packaging")["ids"] == []
