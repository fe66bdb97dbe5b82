"""REST on one machine: an HTTP request becomes the proxy event that API Gateway would make of it."""

import asyncio
import base64
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response

from kosha.api import problems
from kosha.api.call import claims_of
from kosha.api.resolver import Api
from kosha.errors import KoshaError, TooLarge, Unauthorized
from kosha.model.user import Caller
from kosha.ports import Tokens

BODY_LIMIT_BYTES = 6 * 2**20  # API Gateway's is 10 MB and Lambda's 6: what works here works there


class RestDoor:
    """Hands every call under /api to the one resolver, off the event loop."""

    def __init__(self, api: Api, tokens: Tokens) -> None:
        self._api = api
        self._tokens = tokens

    async def answer(self, request: Request) -> Response:
        """Authenticate, resolve, reply."""
        try:
            body = await bounded_body(request)
        except TooLarge as error:
            return problem(error)
        reply = await asyncio.to_thread(self._resolve, request, body)
        headers = dict(reply.get("headers") or {})
        for name, values in (reply.get("multiValueHeaders") or {}).items():
            headers[name] = ", ".join(values)
        content = reply.get("body") or ""
        if reply.get("isBase64Encoded"):
            content = base64.b64decode(content)
        return Response(content, status_code=reply["statusCode"], headers=headers)

    def _resolve(self, request: Request, body: bytes) -> dict[str, Any]:
        caller = None
        if token := bearer(request):
            try:
                caller = self._tokens.verify(token)
            except Unauthorized:
                caller = None
        return self._api.resolve(proxy_event(request, body, caller))


def problem(error: KoshaError) -> Response:
    """An error of ours as RFC 9457 has it, for the routes that are the server's own."""
    reply = problems.of_error(error, uuid4().hex)
    return Response(reply.body, status_code=reply.status, headers=reply.headers, media_type=problems.CONTENT_TYPE)


async def bounded_body(request: Request, limit_bytes: int = BODY_LIMIT_BYTES) -> bytes:
    """The body. Raises TooLarge as soon as the limit is passed."""
    told = request.headers.get("content-length", "")
    pieces, size = [], 0
    if told.isdigit() and int(told) > limit_bytes:
        raise TooLarge(f"The body has {int(told):,} bytes; the limit is {limit_bytes:,}. Upload large texts as a file.")
    async for piece in request.stream():
        size += len(piece)
        if size > limit_bytes:
            raise TooLarge(f"The body has more than {limit_bytes:,} bytes. Upload large texts as a file.")
        pieces.append(piece)
    return b"".join(pieces)


def bearer(request: Request) -> str | None:
    """The token of the Authorization header."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def proxy_event(request: Request, body: bytes, caller: Caller | None) -> dict[str, Any]:
    """The event of API Gateway's Lambda proxy integration, payload 1.0; without claims for a caller who is nobody."""
    headers = dict(request.headers.items())
    parameters: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        parameters.setdefault(name, []).append(value)
    claims = {} if caller is None else {"claims": claims_of(caller)}
    try:
        text, is_base64 = body.decode(), False
    except UnicodeDecodeError:
        text, is_base64 = base64.b64encode(body).decode(), True
    return {
        "resource": "/{proxy+}",
        "path": request.scope["path"],
        "httpMethod": request.method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": {name: values[-1] for name, values in parameters.items()} or None,
        "multiValueQueryStringParameters": parameters or None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "stage": "",
            "httpMethod": request.method,
            "path": request.scope["path"],
            "authorizer": claims,
        },
        "body": text or None,
        "isBase64Encoded": is_base64,
    }
