"""The one API: proxy event in, proxy reply out, the same behind API Gateway and on one machine."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# Powertools' own types are bare dicts and callables.

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.event_handler import CORSConfig, Response
from aws_lambda_powertools.event_handler.api_gateway import ResponseBuilder, Route
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.utilities.data_classes.common import BaseProxyEvent

from kosha.api import bodies, problems
from kosha.api.call import CURRENT, call_of, current_call
from kosha.api.chat import ROUTES as CHAT
from kosha.api.chunks import ROUTES as CHUNKS
from kosha.api.cross_encoders import ROUTES as CROSS_ENCODERS
from kosha.api.documents import ROUTES as DOCUMENTS
from kosha.api.embeddings import ROUTES as EMBEDDINGS
from kosha.api.members import ROUTES as MEMBERS
from kosha.api.replies import problem_reply
from kosha.api.resource import Endpoint, Resource, endpoint_of
from kosha.api.search import ROUTES as SEARCH
from kosha.api.sessions import ROUTES as SESSIONS
from kosha.api.sources import ROUTES as SOURCES
from kosha.api.system import ROUTES as SYSTEM
from kosha.api.threads import ThreadedResolver
from kosha.api.users import ROUTES as USERS
from kosha.api.workspaces import ROUTES as WORKSPACES
from kosha.errors import Invalid, Rejected, Unavailable
from kosha.ports import Ports

RESOURCES: tuple[Resource, ...] = (
    SYSTEM,
    EMBEDDINGS,
    CROSS_ENCODERS,
    WORKSPACES,
    MEMBERS,
    USERS,
    DOCUMENTS,
    CHUNKS,
    SEARCH,
    SESSIONS,
    CHAT,
    SOURCES,
)
# Any origin: a call is authorised by a token that the page itself must send, never by what a browser sends unasked.
CORS = CORSConfig(
    allow_headers=["Idempotency-Key", "Last-Event-ID", "X-Trace-Id"],
    expose_headers=["Retry-After", "X-Trace-Id"],
    max_age=600,
)


def build(ports: Ports) -> "Api":
    """The API over these ports; its `resolve` may run in many threads at once."""
    return Api(ports)


class Api(ThreadedResolver):
    """Every route of PROTOCOL.md under `/api`, strict about what it takes in, with one shape for what went wrong."""

    def __init__(self, ports: Ports) -> None:
        super().__init__(
            cors=CORS, strip_prefixes=["/api"], enable_validation=True, json_body_deserializer=bodies.parse
        )
        self._ports = ports
        for resource in RESOURCES:
            self.include_router(resource)
        self.exception_handler([Rejected, Unavailable])(_tell)
        self.exception_handler(RequestValidationError)(_tell_invalid)
        self.exception_handler(NotFoundError)(self._tell_no_route)
        self.exception_handler(Exception)(_tell_bug)
        self.prepare()

    def endpoints(self) -> list[tuple[Route, Endpoint]]:
        """Every route with what is known of it beside."""
        return [(route, endpoint) for route in self.routes if (endpoint := endpoint_of(route.func))]

    def resolve(self, event: Mapping[str, Any], context: object = None) -> dict[str, Any]:
        """The proxy reply to a proxy event; the caller stands in its requestContext.authorizer.claims."""
        call = call_of(event, self._ports)
        before = CURRENT.set(call)
        try:
            return super().resolve(event, context)
        finally:
            CURRENT.reset(before)

    def _call_route(self, route: Route, route_arguments: dict[str, str]) -> ResponseBuilder[BaseProxyEvent]:
        """Refuse what no handler should see, then go on as Powertools does."""
        try:
            self._check(route)
        except Rejected as error:
            return ResponseBuilder(response=_tell(error), serializer=self._serializer, route=route)
        return super()._call_route(route, route_arguments)

    def _check(self, route: Route) -> None:
        endpoint, call = endpoint_of(route.func), current_call()
        if endpoint is None:  # no route was found, or a browser asks before it calls
            return
        if not endpoint.is_public:
            _ = call.caller
        _refuse_unknown_query(route, self.current_event.resolved_query_string_parameters)
        if route.dependant.body_params:
            bodies.refuse_other_types(call.headers.get("content-type"))
            bodies.text_of(call.event)

    def _build_response(self, response_builder: ResponseBuilder[BaseProxyEvent]) -> dict[str, Any]:
        response_builder.response.headers["X-Trace-Id"] = current_call().trace_id
        return super()._build_response(response_builder)

    def _tell_no_route(self, _: NotFoundError) -> Response[Any]:
        call = current_call()
        path = self._remove_prefix(call.path)
        methods = sorted({route.method for route in self.routes if route.rule.match(path)})
        if not methods:
            detail = f"There is no route {call.path!r}. The routes are listed in openapi.json."
            return problem_reply(problems.other(404, "no-route", detail, call.trace_id))
        detail = f"{call.path!r} does not know {call.method}; it knows {', '.join(methods)}."
        return problem_reply(problems.other(405, "wrong-method", detail, call.trace_id, {"Allow": ", ".join(methods)}))


def _refuse_unknown_query(route: Route, given: Mapping[str, Any]) -> None:
    """Raises Invalid: a misspelt parameter that is passed over lists the wrong things."""
    known = [parameter.alias for parameter in route.dependant.query_params]
    unknown = tuple((name, "no such parameter") for name in given if name not in known)
    if unknown:
        raise Invalid(f"{unknown[0][0]!r} is no parameter here; known are: {', '.join(known) or 'none'}.", unknown)
    bodies.refuse_unstorable(dict(given))


def _tell(error: Rejected | Unavailable) -> Response[Any]:
    return problem_reply(problems.of_error(error, current_call().trace_id))


def _tell_invalid(error: RequestValidationError) -> Response[Any]:
    """An id in a path that is none names nothing; everything else is a field that can be mended."""
    call = current_call()
    if any(one["loc"][0] == "path" for one in error.errors()):
        detail = f"There is nothing at {call.path!r}: it holds an id that is none. Reload the list."
        return problem_reply(problems.other(404, "not-found", detail, call.trace_id))
    return _tell(problems.invalid_fields(error.errors()))


def _tell_bug(error: Exception) -> Response[Any]:
    return problem_reply(problems.of_bug(error, current_call().trace_id))
