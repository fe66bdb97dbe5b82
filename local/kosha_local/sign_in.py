"""The routes under /auth: sign-in of one machine, over HTTP."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from kosha.api import bodies, problems
from kosha.errors import KoshaError, Unauthorized
from kosha.model.record import Record
from kosha.model.record import Request as Form
from kosha.ports import Tokens
from kosha.sign_in.desk import Desk, Exchange, Login, NewPassword, Refresh
from kosha_local.rest import bearer, bounded_body, problem

BODY_LIMIT_BYTES = 8 * 1024
# A password costs 46 MiB and a core while it is checked.
LOGINS_AT_ONCE = 4

F = TypeVar("F", bound=Form)
Answer = Callable[[Request], Awaitable[Response]]


class SignInDoor:
    """Parses, asks the desk, replies; nothing of it may be kept by a cache."""

    def __init__(self, desk: Desk, tokens: Tokens, jwks: dict[str, Any]) -> None:
        self._desk = desk
        self._tokens = tokens
        self._jwks = jwks
        self._logins = asyncio.Semaphore(LOGINS_AT_ONCE)

    def routes(self) -> Sequence[Route]:
        """What the server mounts."""
        return [
            Route("/auth/login", _told(self._login), methods=["POST"]),
            Route("/auth/exchange", _told(self._exchange), methods=["POST"]),
            Route("/auth/refresh", _told(self._refresh), methods=["POST"]),
            Route("/auth/logout", _told(self._logout), methods=["POST"]),
            Route("/auth/password", _told(self._password), methods=["POST"]),
            Route("/auth/jwks.json", self._keys, methods=["GET"]),
        ]

    async def _login(self, request: Request) -> Response:
        form = await _form(request, Login)
        async with self._logins:
            return _reply(await asyncio.to_thread(self._desk.login, form, _address(request)))

    async def _exchange(self, request: Request) -> Response:
        return _reply(await asyncio.to_thread(self._desk.exchange, await _form(request, Exchange)))

    async def _refresh(self, request: Request) -> Response:
        return _reply(await asyncio.to_thread(self._desk.refresh, await _form(request, Refresh)))

    async def _logout(self, request: Request) -> Response:
        await asyncio.to_thread(self._desk.logout, await _form(request, Refresh))
        return Response(status_code=204)

    async def _password(self, request: Request) -> Response:
        token = bearer(request)
        if token is None:
            raise Unauthorized("Nobody is signed in. Send an access token in the header Authorization: Bearer <token>.")
        caller = await asyncio.to_thread(self._tokens.verify, token)
        form = await _form(request, NewPassword)
        async with self._logins:
            return _reply(await asyncio.to_thread(self._desk.change_password, caller, form, _address(request)))

    async def _keys(self, _: Request) -> Response:
        return JSONResponse(self._jwks, headers={"Cache-Control": "public, max-age=300"})


def _told(answer: Answer) -> Answer:
    """The route with our errors as problem details."""

    async def route(request: Request) -> Response:
        try:
            return await answer(request)
        except KoshaError as error:
            return problem(error)

    return route


async def _form(request: Request, kind: type[F]) -> F:
    """The body as one of ours. Raises Rejected for what is none, Invalid for fields that are missing or unknown."""
    bodies.refuse_other_types(request.headers.get("content-type"))
    raw = await bounded_body(request, BODY_LIMIT_BYTES)
    value = bodies.parse(bodies.decoded(raw))
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        raise problems.invalid_fields(error.errors(include_url=False)) from None


def _reply(noun: Record) -> Response:
    return JSONResponse(noun.wire(), headers={"Cache-Control": "no-store"})


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"
