"""Powertools' REST resolver, made to answer many calls at once."""

# pyright: reportUnknownMemberType=false, reportIncompatibleVariableOverride=false
# Powertools' own types are bare dicts and callables, and what it keeps in attributes is a property here.

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, cast

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.api_gateway import Route
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

_EVENT: ContextVar[APIGatewayProxyEvent] = ContextVar("event")
_STATE: ContextVar[dict[str, Any]] = ContextVar("state")


class ThreadedResolver(APIGatewayRestResolver):
    """One resolver for every thread of a server.

    Powertools (3.37) keeps the event at hand in an attribute of a class and the matched route in one of the resolver.
    That suits Lambda, where an instance answers one call at a time; between threads it gives one caller the answer of
    another. Here both are context variables. tests/unit/api/test_threads.py fails without this class.
    """

    @property
    def routes(self) -> list[Route]:
        """Every route in the order in which they are tried."""
        return self._static_routes + self._dynamic_routes

    @property
    def current_event(self) -> APIGatewayProxyEvent:
        """The event this thread answers."""
        return _EVENT.get()

    @property
    def context(self) -> dict[str, Any]:
        """What Powertools keeps about the call this thread answers; nothing between calls."""
        return _STATE.get({})

    @context.setter
    def context(self, value: dict[str, Any]) -> None:
        """Powertools starts with an empty one; so does every call."""

    def resolve(self, event: Mapping[str, Any], context: object = None) -> dict[str, Any]:  # noqa: ARG002 # Lambda gives it
        """The proxy reply to a proxy event (REST, payload 1.0)."""
        event_before = _EVENT.set(cast("APIGatewayProxyEvent", self._to_proxy_event(dict(event))))
        state_before = _STATE.set({})
        try:
            return self._build_response(self._resolve())
        finally:
            _STATE.reset(state_before)
            _EVENT.reset(event_before)

    def prepare(self) -> None:
        """Build what Powertools would build at a route's first call: two threads there would build it twice over."""
        for route in self.routes:
            route._build_middleware_stack([], self)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
            _ = route.dependant, route.has_dependencies
