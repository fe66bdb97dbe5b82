"""A DynamoDB in process for the adapters' own tests."""

from collections.abc import Iterator

import pytest
from moto import mock_aws
from tests.contracts.aws import Clock, DynamoClients, DynamoStore


@pytest.fixture(scope="module")
def dynamodb() -> Iterator[DynamoClients]:
    with mock_aws():
        yield DynamoClients()


@pytest.fixture
def store(dynamodb: DynamoClients) -> DynamoStore:
    """Its tables without an item."""
    return DynamoStore(dynamodb.emptied(), Clock())
