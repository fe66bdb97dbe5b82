"""What callers are told when a service of Amazon's or the network fails."""

from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)

from kosha.adapters.aws.errors import as_ours, told_as_ours
from kosha.errors import TooLarge, Unavailable


def refused(code: str, status: int = 400, message: str = "No.", **more: Any) -> ClientError:
    reply = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError({**reply, **more}, "PutItem")


def cancelled(*codes: str) -> ClientError:
    return refused("TransactionCanceledException", CancellationReasons=[{"Code": code} for code in codes])


@pytest.mark.parametrize(
    "error",
    [
        refused("ThrottlingException"),
        refused("ProvisionedThroughputExceededException"),
        refused("SlowDown", 503),
        refused("TooManyRequestsException", 429),
        refused("TransactionConflictException"),
        cancelled("None", "TransactionConflict"),
        cancelled("ThrottlingError"),
    ],
)
def test_what_is_throttled_or_crowded_is_unavailable(error: ClientError) -> None:
    ours = as_ours(error, doing="keep its records")
    assert isinstance(ours, Unavailable)
    assert str(ours) == "Kosha could not keep its records: the service behind it is busy. Try again in a moment."


@pytest.mark.parametrize(
    "error",
    [
        refused("InternalServerError", 500),
        refused("ServiceUnavailable", 503),
        refused("AWordNobodyKnows", 502),
        refused("RequestTimeout"),
        ReadTimeoutError(endpoint_url="https://dynamodb"),
        ConnectTimeoutError(endpoint_url="https://dynamodb"),
        EndpointConnectionError(endpoint_url="https://dynamodb"),
        ConnectionClosedError(endpoint_url="https://dynamodb"),
    ],
)
def test_faults_of_the_service_and_the_network_are_unavailable_in_a_sentence_for_people(error: Any) -> None:
    ours = as_ours(error, doing="read its records")
    assert isinstance(ours, Unavailable)
    assert str(ours).startswith("Kosha could not read its records: the service behind it ")
    assert "https" not in str(ours)


@pytest.mark.parametrize(
    "error",
    [
        refused("AccessDeniedException"),
        refused("ResourceNotFoundException"),
        refused("ValidationException", message="Invalid UpdateExpression"),
        refused("ConditionalCheckFailedException"),
        cancelled("ConditionalCheckFailed", "None"),
        NoCredentialsError(),
        ParamValidationError(report="no such parameter"),
    ],
)
def test_everything_else_is_a_bug_and_flies(error: Any) -> None:
    assert as_ours(error, doing="read its records") is error
    with pytest.raises(type(error)) as raised, told_as_ours("read its records"):
        raise error
    assert raised.value is error
    assert raised.value.__cause__ is None


def test_an_item_that_is_too_large_is_the_callers_to_mend() -> None:
    error = refused("ValidationException", message="Item size has exceeded the maximum allowed size")
    assert isinstance(as_ours(error, doing="keep its records"), TooLarge)


def test_the_cause_is_kept() -> None:
    error = refused("ThrottlingException")
    with pytest.raises(Unavailable) as raised, told_as_ours("read its records"):
        raise error
    assert raised.value.__cause__ is error
