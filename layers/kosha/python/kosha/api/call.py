"""One call of the API: who makes it, with what at hand, under which trace."""

import re
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, get_args
from uuid import uuid4

from kosha.errors import Unauthorized
from kosha.model.user import Caller, Role, User
from kosha.ports import Ports

_TRACE_ID = re.compile(r"[A-Za-z0-9_.:-]{8,100}")


@dataclass(frozen=True, slots=True)
class Call:
    """What a route's handler gets beside its own arguments. Header names are in lower case."""

    ports: Ports
    method: str
    path: str
    event: Mapping[str, Any]
    headers: dict[str, str]
    trace_id: str
    signed_in: Caller | None

    @property
    def caller(self) -> Caller:
        """Raises Unauthorized where nobody is signed in."""
        if self.signed_in is None:
            raise Unauthorized("Nobody is signed in. Send an access token in the header Authorization: Bearer <token>.")
        return self.signed_in


CURRENT: ContextVar[Call] = ContextVar("call")


def current_call() -> Call:
    """The call that this thread answers."""
    return CURRENT.get()


def claims_of(caller: Caller) -> dict[str, Any]:
    """The claims that a door puts at requestContext.authorizer.claims of the event it hands to the API."""
    return {
        "sub": caller.user.id,
        "name": caller.user.name,
        "roles": list(caller.user.roles),
        "exp": caller.expires_at,
    }


def call_of(event: Mapping[str, Any], ports: Ports) -> Call:
    """The call that a proxy event (REST, payload 1.0) stands for."""
    headers = headers_of(event)
    return Call(
        ports=ports,
        method=str(event["httpMethod"]).upper(),
        path=str(event["path"]),
        event=event,
        headers=headers,
        trace_id=trace_id_of(headers),
        signed_in=_caller(event),
    )


def headers_of(event: Mapping[str, Any]) -> dict[str, str]:
    """The headers of a proxy event, names in lower case."""
    given: dict[str, str] = event.get("headers") or {}
    return {name.lower(): value for name, value in given.items()}


def trace_id_of(headers: Mapping[str, str]) -> str:
    """The trace id that the browser sent, or a new one."""
    told = headers.get("x-trace-id", "")
    return told if _TRACE_ID.fullmatch(told) else uuid4().hex


def _caller(event: Mapping[str, Any]) -> Caller | None:
    context: dict[str, Any] = event.get("requestContext") or {}
    authorizer: dict[str, Any] = context.get("authorizer") or {}
    claims: dict[str, Any] = authorizer.get("claims") or {}
    if not claims:
        return None
    told: str | list[str] = claims.get("roles") or []
    names = re.findall(r"\w+", told) if isinstance(told, str) else told  # API Gateway hands lists on as text
    roles = tuple(role for role in get_args(Role) if role in names)
    user = User(id=claims["sub"], name=claims["name"], roles=roles or ("user",))
    return Caller(user=user, expires_at=int(claims["exp"]))
