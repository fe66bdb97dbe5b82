"""A DynamoDB and a user pool in process for the adapters' own tests, and services whose answers a test says."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.stub import Stubber
from moto import mock_aws
from tests.contracts.aws import Clock, DynamoClients, DynamoStore
from tests.contracts.user_pool import cognito_client


@pytest.fixture(scope="module")
def dynamodb() -> Iterator[DynamoClients]:
    with mock_aws():
        yield DynamoClients()


@pytest.fixture
def store(dynamodb: DynamoClients) -> DynamoStore:
    """Its tables without an item."""
    return DynamoStore(dynamodb.emptied(), Clock())


@pytest.fixture(scope="module")
def cognito() -> Iterator[Any]:
    with mock_aws():
        yield cognito_client()


@pytest.fixture
def service(client: Any) -> Iterator[Stubber]:
    """The service behind the test's `client` answers as the test says, in that order, and nothing else."""
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()
