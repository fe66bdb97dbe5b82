"""Routes of one kind of thing: a handler is `(call, its arguments) -> a noun`, and its docstring documents it."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar, cast

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from pydantic import StringConstraints

from kosha.api.call import current_call
from kosha.api.idempotency import once
from kosha.api.replies import reply

UUID_PATTERN = "^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$"
# Powertools keeps what stands beside its own marker, or what stands in it, but not both.
Id = Annotated[str, StringConstraints(pattern=UUID_PATTERN, to_lower=True), Path()]
Limit = Annotated[int, Query(ge=1, le=100, description="At most so many items.")]
Cursor = Annotated[str | None, Query(max_length=1000, description="The nextCursor of the slice before.")]
Handler = TypeVar("Handler", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What is known of a route beside what the resolver keeps. `reply` is the noun it answers with."""

    reply: Any
    status: int = 200
    is_public: bool = False
    is_creating: bool = False


class Resource(Router):
    """Collects routes under a tag; `resolver.build` takes them in."""

    def __init__(self, tag: str) -> None:
        super().__init__()
        self._tag = tag

    def on(
        self, method: str, rule: str, *, status: int = 200, is_public: bool = False, is_creating: bool = False
    ) -> Callable[[Handler], Handler]:
        """Answer `method rule` with the handler. A creating call heeds the header Idempotency-Key."""

        def register(handler: Handler) -> Handler:
            noun = inspect.signature(handler).return_annotation
            self._add(method, rule, handler, Endpoint(noun, status, is_public, is_creating))
            return handler

        return register

    def _add(self, method: str, rule: str, handler: Callable[..., Any], endpoint: Endpoint) -> None:
        text = inspect.cleandoc(handler.__doc__ or "")
        summary, _, description = text.partition("\n")
        register = self.route(
            rule,
            method,
            summary=summary.rstrip("."),
            description=description.strip() or None,
            tags=[self._tag],
            operation_id=_operation_id(method, rule),
        )
        register(_adapted(handler, endpoint))


def endpoint_of(function: Callable[..., Any]) -> Endpoint | None:
    """What is known of a route's function; None for one that is not ours (no route matched)."""
    return getattr(function, "endpoint", None)


def _adapted(handler: Callable[..., Any], endpoint: Endpoint) -> Callable[..., Response[Any]]:
    """The handler as the resolver calls it: without its `call`, which it gets from here."""

    def answer(**arguments: Any) -> Response[Any]:
        call = current_call()

        def work() -> Response[Any]:
            return reply(handler(call, **arguments), endpoint.status)

        return once(call, work) if endpoint.is_creating else work()

    parameters = list(inspect.signature(handler).parameters.values())[1:]
    adapted = cast("Any", answer)
    adapted.__name__ = handler.__name__
    adapted.__signature__ = inspect.Signature(parameters)
    adapted.endpoint = endpoint
    return adapted


def _operation_id(method: str, rule: str) -> str:
    """`GET /workspaces/<workspace_id>/documents` is `get_workspaces_workspace_id_documents`."""
    words = rule.replace("<", "").replace(">", "").replace("-", "_").strip("/").split("/")
    return "_".join([method.lower(), *words])
