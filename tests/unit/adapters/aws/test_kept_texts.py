"""Secrets and parameters: read once in five minutes, from services that may be busy."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws
from tests.house.clock import Clock

from kosha.adapters.aws.secrets import SecretsManager
from kosha.adapters.aws.ssm import Parameters
from kosha.errors import Unavailable

ACCESS = {"region_name": "eu-central-1", "aws_access_key_id": "test", "aws_secret_access_key": "test"}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def aws() -> Iterator[None]:
    with mock_aws():
        yield


@pytest.fixture(scope="module")
def vault(aws: None) -> Any:
    return boto3.client("secretsmanager", **ACCESS)


@pytest.fixture(scope="module")
def ssm(aws: None) -> Any:
    return boto3.client("ssm", **ACCESS)


def test_a_secret_is_text_or_json(vault: Any) -> None:
    arn = vault.create_secret(Name="database", SecretString='{"port": 5432}')["ARN"]
    secrets = SecretsManager(vault)
    assert secrets.get(arn) == '{"port": 5432}'
    assert secrets.get_json(arn) == {"port": 5432}


def test_a_rotated_secret_is_seen_within_five_minutes_or_on_demand(vault: Any, clock: Clock) -> None:
    arn = vault.create_secret(Name="origin", SecretString="old")["ARN"]
    secrets = SecretsManager(vault, clock=clock)
    assert secrets.get(arn) == "old"
    vault.put_secret_value(SecretId=arn, SecretString="new")
    clock.pass_seconds(299)
    assert secrets.get(arn) == "old"
    assert secrets.get(arn, fresh=True) == "new"
    vault.put_secret_value(SecretId=arn, SecretString="newer")
    clock.pass_seconds(301)
    assert secrets.get(arn) == "newer"


def test_a_parameter_is_text_or_json(ssm: Any, clock: Clock) -> None:
    ssm.put_parameter(Name="/kosha/models", Value='{"embeddings": []}', Type="String")
    parameters = Parameters(ssm, clock=clock)
    assert parameters.get("/kosha/models") == '{"embeddings": []}'
    assert parameters.get_json("/kosha/models") == {"embeddings": []}
    ssm.put_parameter(Name="/kosha/models", Value="{}", Type="String", Overwrite=True)
    assert parameters.get_json("/kosha/models") == {"embeddings": []}
    clock.pass_seconds(301)
    assert parameters.get_json("/kosha/models") == {}


def test_busy_services_are_unavailable() -> None:
    for name, method, make in (
        ("secretsmanager", "get_secret_value", SecretsManager),
        ("ssm", "get_parameter", Parameters),
    ):
        client: Any = boto3.client(name, **ACCESS)
        with Stubber(client) as stubber:
            stubber.add_client_error(method, "ThrottlingException")
            with pytest.raises(Unavailable, match="is busy"):
                make(client).get("name")


def test_what_was_read_holds_while_the_service_is_busy(clock: Clock) -> None:
    client: Any = boto3.client("secretsmanager", **ACCESS)
    secrets = SecretsManager(client, clock=clock)
    with Stubber(client) as stubber:
        stubber.add_response("get_secret_value", {"SecretString": "kept"})
        stubber.add_client_error("get_secret_value", "ThrottlingException")
        assert secrets.get("arn") == "kept"
        clock.pass_seconds(600)
        assert secrets.get("arn") == "kept"
