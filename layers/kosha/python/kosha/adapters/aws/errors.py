"""What Amazon's services and the network say when they fail, in our two families of errors."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    IncompleteReadError,
    ResponseStreamingError,
)
from botocore.exceptions import ConnectionError as NetworkError

from kosha.errors import TooLarge, Unavailable

_THROTTLED = frozenset(
    [
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "ThrottlingError",
        "RequestThrottledException",
        "RequestThrottled",
        "TooManyRequestsException",
        "ProvisionedThroughputExceededException",
        "ProvisionedThroughputExceeded",
        "RequestLimitExceeded",
        "LimitExceededException",
        "BandwidthLimitExceeded",
        "SlowDown",
        "PriorRequestNotComplete",
        "TransactionInProgressException",
        "TransactionConflictException",
        "TransactionConflict",
    ]
)
_TIMED_OUT = frozenset(["RequestTimeout", "RequestTimeoutException"])
_BROKEN = frozenset(["InternalServerError", "InternalFailure", "InternalError", "ServiceUnavailable"])
_NETWORK = (NetworkError, HTTPClientError, ResponseStreamingError, IncompleteReadError)


def code_of(error: ClientError) -> str:
    """The service's own word for what happened, such as `ConditionalCheckFailedException`."""
    return str(error.response.get("Error", {}).get("Code", ""))


def cancellation_reasons(error: ClientError) -> list[str]:
    """Why each write of a cancelled transaction could not be made, in their order; `None` (text) where it could."""
    reasons: list[dict[str, Any]] = error.response.get("CancellationReasons", [])
    return [str(reason.get("Code", "None")) for reason in reasons]


def as_ours(error: ClientError | BotoCoreError, *, doing: str) -> Exception:
    """The error as callers know it: Unavailable where waiting helps, Rejected where shortening does.

    doing: ends the sentence "Kosha could not …". Refused access, a table that is not there or a malformed request
    are bugs of ours: the error itself comes back, to fly.
    """
    if isinstance(error, _NETWORK):
        return _unavailable(doing, "the service behind it does not answer")
    if not isinstance(error, ClientError):
        return error
    codes = {code_of(error), *cancellation_reasons(error)}
    if codes & _THROTTLED:
        return _unavailable(doing, "the service behind it is busy")
    if codes & _TIMED_OUT:
        return _unavailable(doing, "the service behind it took too long")
    if codes & _BROKEN or _status(error) >= 500:
        return _unavailable(doing, "the service behind it has a fault")
    if "ValidationException" in codes and "Item size" in str(error):
        return TooLarge("That is more than one record can hold. Make it shorter, or bring it in several parts.")
    return error


@contextmanager
def told_as_ours(doing: str) -> Generator[None]:
    """Raises what botocore raises inside as `as_ours` has it."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        ours = as_ours(error, doing=doing)
        if ours is error:
            raise
        raise ours from error


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _unavailable(doing: str, why: str) -> Unavailable:
    return Unavailable(f"Kosha could not {doing}: {why}. Try again in a moment.")
