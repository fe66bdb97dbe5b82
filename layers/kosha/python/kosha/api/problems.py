"""Errors as RFC 9457 problem details: the same shape for whatever went wrong."""

import json
import re
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

from kosha.errors import Invalid, KoshaError, Rejected, TooManyRequests, Unauthorized, Unavailable
from kosha.model.record import Record
from kosha.observe import log

CONTENT_TYPE = "application/problem+json"
_SECRETS = ("password", "old", "new", "oneTimeToken", "refreshToken")


class FieldError(Record):
    """What is wrong with one field of a request."""

    path: str
    message: str


class Problem(Record):
    """RFC 9457, with the fields that were wrong."""

    type: str
    title: str
    status: int
    detail: str
    instance: str | None = None
    errors: tuple[FieldError, ...] | None = None


class ProblemReply:
    """A problem with its headers, ready for whichever door sends it."""

    def __init__(self, problem: Problem, headers: dict[str, str]) -> None:
        self.status = problem.status
        self.headers = headers
        self.body = json.dumps(problem.wire(), ensure_ascii=False)


def of_error(error: KoshaError, trace_id: str) -> ProblemReply:
    """Either family of our errors; what the world did to us is also logged."""
    status = error.status if isinstance(error, (Rejected, Unavailable)) else HTTPStatus.INTERNAL_SERVER_ERROR
    headers: dict[str, str] = {}
    if isinstance(error, Unavailable):
        log.warning("unavailable", exc_info=error, extra={"fields": {"traceId": trace_id}})
        headers["Retry-After"] = "2"
    if isinstance(error, TooManyRequests):
        headers["Retry-After"] = str(error.retry_after_seconds)
    if isinstance(error, Unauthorized):
        headers["WWW-Authenticate"] = "Bearer"
    errors = error.errors if isinstance(error, Invalid) else ()
    return ProblemReply(problem(status, _kebab(type(error).__name__), str(error), trace_id, errors), headers)


def other(status: int, kind: str, detail: str, trace_id: str, headers: dict[str, str] | None = None) -> ProblemReply:
    """What HTTP itself knows and our errors do not: no such route, a wrong method."""
    return ProblemReply(problem(status, kind, detail, trace_id), headers or {})


def of_bug(error: Exception, trace_id: str) -> ProblemReply:
    """What we did not foresee: told by its trace id alone, and logged in full under it."""
    log.error("bug", exc_info=error, extra={"fields": {"traceId": trace_id}})
    detail = f"Something went wrong on our side. Try again; if it stays, report the trace id {trace_id}."
    return ProblemReply(problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", detail, trace_id), {})


def problem(status: int, kind: str, detail: str, trace_id: str, errors: Iterable[tuple[str, str]] = ()) -> Problem:
    """A problem of a kind; `errors` are (path, message)."""
    fields = tuple(FieldError(path=path, message=message) for path, message in errors)
    return Problem(
        type=f"urn:kosha:problem:{kind}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        instance=f"urn:kosha:trace:{trace_id}",
        errors=fields or None,
    )


def invalid_fields(errors: Sequence[Any]) -> Invalid:
    """Pydantic's errors in our words: where, what is wrong, and the offending value."""
    told = tuple((_path(error["loc"]), _message(error)) for error in errors)
    first_path, first_message = told[0]
    where = f"{first_path}: " if first_path else ""
    more = f" ({len(told) - 1} more)" if len(told) > 1 else ""
    return Invalid(f"{where}{first_message}.{more}", told)


def _path(location: Sequence[str | int]) -> str:
    """`("body", "retrieval", "topK")` is `retrieval.topK`."""
    parts = [str(part) for part in location]
    return ".".join(parts[1:] if parts and parts[0] in ("body", "query", "path", "header") else parts)


def _message(error: Any) -> str:
    message = {
        "extra_forbidden": "no such field",
        "missing": "is needed",
    }.get(error["type"], str(error["msg"]))
    value = error.get("input")
    if isinstance(value, (str, int, float, bool)) and error["loc"][-1] not in _SECRETS:
        shown = repr(value)
        message += f"; got {shown if len(shown) <= 80 else shown[:77] + '...'}"
    return message


def _kebab(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
