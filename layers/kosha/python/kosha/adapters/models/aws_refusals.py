"""What an error of boto3 means for the person who asked a model on Bedrock or SageMaker."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# botocore comes without types.

import json
from typing import Any

from botocore.eventstream import ParserError
from botocore.exceptions import (
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
)
from botocore.exceptions import (
    ConnectionError as NoConnection,
)
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

from kosha.errors import KoshaError, ModelUnavailable, Rejected, TooLarge

_RETRY_MS = 5000
_BUSY = {
    "throttling",
    "throttlingexception",
    "toomanyrequestsexception",
    "modelnotreadyexception",
    "servicequotaexceededexception",
}
_NOT_ALLOWED = {
    "accessdeniedexception",
    "unrecognizedclientexception",
    "expiredtokenexception",
    "invalidsignatureexception",
    "missingauthenticationtokenexception",
}
_NOT_TAKEN = {"validationexception", "validationerror", "resourcenotfoundexception"}
_TOO_LONG = (
    "too long",
    "too many input tokens",
    "maximum context length",
    "input tokens exceed",
    "expected maxlength",
    "must have less than",
)
_CREDENTIALS = (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError)
# All that may go wrong out there; what else boto3 raises (a parameter of the wrong kind) is our bug.
AWS_ERRORS: tuple[type[Exception], ...] = (
    ClientError,
    *_CREDENTIALS,
    NoConnection,
    HTTPClientError,
    HTTPError,
    ParserError,
    ResponseParserError,
    ConnectionError,
    json.JSONDecodeError,
)


def as_ours(label: str, error: Exception) -> KoshaError:
    """One of AWS_ERRORS in our words. label: what the person knows the model by."""
    if isinstance(error, ClientError):
        return _refusal(label, error.response)
    if isinstance(error, _CREDENTIALS):
        return ModelUnavailable(f"{label} cannot be asked: {error}. An administrator must set AWS credentials.")
    what = "took too long" if "Timeout" in type(error).__name__ else "does not answer or broke off"
    return ModelUnavailable(f"{label} {what}. Try again, or choose another model.")


def _refusal(label: str, response: Any) -> KoshaError:
    told, about = response.get("Error", {}), response.get("ResponseMetadata", {})
    # Of a SageMaker endpoint's own container, whose words stand behind those of SageMaker.
    words = str(response.get("OriginalMessage") or told.get("Message") or "no reason given")[:200]
    code, status = (
        str(told.get("Code", "")).lower(),
        response.get("OriginalStatusCode") or about.get("HTTPStatusCode", 0),
    )
    if code in _BUSY or status == 429:
        wait_ms = _retry_after_ms(about.get("HTTPHeaders", {}).get("retry-after"))
        seconds = max(1, round(wait_ms / 1000))
        return ModelUnavailable(f"{label} has too much to do. Try again in {seconds} s.", wait_ms)
    if code in _NOT_ALLOWED or status in (401, 403):
        return ModelUnavailable(f"{label} may not be used by this installation: {words}. Ask an administrator.")
    if code in _NOT_TAKEN or status in (400, 404, 413, 422):
        kind = TooLarge if any(mark in words.lower() for mark in _TOO_LONG) else Rejected
        return kind(f"{label} did not take the question: {words}")
    return ModelUnavailable(f"{label} failed ({told.get('Code') or status}). Try again, or choose another model.")


def _retry_after_ms(told: str | None) -> int:
    is_seconds = told is not None and told.replace(".", "", 1).isdecimal()
    return int(float(told) * 1000) if told and is_seconds else _RETRY_MS
