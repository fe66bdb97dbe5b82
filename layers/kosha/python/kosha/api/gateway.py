"""What API Gateway puts into events, and what it wants from an authorizer, in the words of the API."""

import base64
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, get_args

from kosha.api import problems
from kosha.api.call import headers_of, trace_id_of
from kosha.errors import Forbidden, Rejected, Unauthorized
from kosha.model.connection import Authorisation
from kosha.model.user import Caller, Role, User

Event = Mapping[str, Any]
_EXPIRY = "%a %b %d %H:%M:%S UTC %Y"  # how API Gateway writes the claim `exp` of a token that its own authorizer read


def with_claims(event: Event) -> dict[str, Any]:
    """The proxy event as the API takes it: claims named as ours are, whichever authorizer read the token."""
    context: dict[str, Any] = dict(event.get("requestContext") or {})
    authorizer: dict[str, Any] = context.get("authorizer") or {}
    told: dict[str, Any] = authorizer.get("claims") or authorizer
    claims = _claims(told) if "sub" in told else {}
    return {**event, "requestContext": {**context, "authorizer": {"claims": claims} if claims else {}}}


def traced(event: Event) -> dict[str, Any]:
    """The event with header names in lower case, among them a trace id: the browser's, or a new one."""
    headers = headers_of(event)
    return {**event, "headers": {**headers, "x-trace-id": trace_id_of(headers)}}


def frame_in(event: Event) -> str:
    """The text of a socket's frame."""
    body = str(event.get("body") or "")
    return base64.b64decode(body).decode(errors="replace") if event.get("isBase64Encoded") else body


def refused(event: Event, error: Rejected) -> dict[str, Any]:
    """The proxy reply that tells an error which came before the API was asked. The event is traced."""
    told = problems.of_error(error, event["headers"]["x-trace-id"])
    headers = {**told.headers, "Content-Type": problems.CONTENT_TYPE, "Cache-Control": "no-store"}
    return {"statusCode": told.status, "headers": headers, "body": told.body, "isBase64Encoded": False}


def token_of(event: Event) -> str:
    """The token of a request: of its header, or in its address (a browser's socket or event source has no headers).

    Raises Unauthorized where there is none.
    """
    scheme, _, rest = str(event.get("authorizationToken") or headers_of(event).get("authorization", "")).partition(" ")
    query: dict[str, str] = event.get("queryStringParameters") or {}
    token = rest.strip() if scheme.lower() == "bearer" else query.get("token", "")
    if not token:
        raise Unauthorized("Nobody is signed in. Send an access token by header, or as ?token=.")
    return token


def refuse_other_origins(event: Event, secret: str | None) -> None:
    """Raises Forbidden for a request that did not come through our own edge. Without a secret there is none."""
    if secret and not hmac.compare_digest(headers_of(event).get("x-origin-verify", "").encode(), secret.encode()):
        raise Forbidden("This address takes no calls. Use the address of the web page.")


def context_of(caller: Caller) -> dict[str, str]:
    """Who calls, as an authorizer hands it on with its verdict; API Gateway carries texts only."""
    user = caller.user
    return {"sub": user.id, "name": user.name, "roles": ",".join(user.roles), "exp": str(caller.expires_at)}


def lasting_context_of(authorisation: Authorisation) -> dict[str, str]:
    """As `context_of`, with what is needed to ask again whether the sign-in still holds."""
    lasting = {"jti": authorisation.token_id, "iat": str(authorisation.issued_at)}
    return context_of(authorisation.caller) | lasting


def authorisation_in(event: Event) -> Authorisation:
    """What our authorizer handed on when a socket was opened."""
    told: dict[str, str] = event["requestContext"]["authorizer"]
    roles: tuple[Role, ...] = tuple(role for role in get_args(Role) if role in told["roles"].split(","))
    user = User(id=told["sub"], name=told["name"], roles=roles or ("user",))
    return Authorisation(user=user, token_id=told["jti"], issued_at=int(told["iat"]), expires_at=int(told["exp"]))


def let_in(method_arn: str, context: dict[str, str]) -> dict[str, Any]:
    """The verdict of an authorizer: this person may call every method of the stage. Ours is to say what they may do.

    method_arn: `arn:aws:execute-api:<region>:<account>:<api>/<stage>/...`; a verdict is kept for all of them.
    """
    stage = "/".join(method_arn.split("/")[:2])
    statement = {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": f"{stage}/*"}
    return {
        "principalId": context["sub"],
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": context,
    }


def _claims(told: Mapping[str, Any]) -> dict[str, Any]:
    """Ours, or those of Cognito, which has groups for roles, and whose `name` is what people say they are called."""
    of_the_pool = told.get("cognito:username") or told.get("username")
    return {
        "sub": told["sub"],
        "name": of_the_pool or told.get("name") or told["sub"],
        "roles": (told.get("cognito:groups") if of_the_pool else told.get("roles")) or "",
        "exp": _seconds(str(told["exp"])),
    }


def _seconds(expiry: str) -> int:
    """Seconds since 1970."""
    if re.fullmatch(r"\d+", expiry):
        return int(expiry)
    return int(datetime.strptime(expiry, _EXPIRY).replace(tzinfo=UTC).timestamp())
