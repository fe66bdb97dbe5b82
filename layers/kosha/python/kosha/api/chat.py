"""The routes that take a question, and give its answer to those who cannot hold a socket open."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from kosha.api.call import Call
from kosha.api.gateway import token_of
from kosha.api.resource import Id, Resource
from kosha.chat.accept import accept
from kosha.chat.events import events, place_after
from kosha.model.turn import TurnKey
from kosha.model.wire import AcceptedData, RunData

ROUTES = Resource("chat")


@ROUTES.on("POST", "/chat", status=202, is_creating=True)
def ask(call: Call, run: RunData) -> AcceptedData:
    """Ask a question: it is stored and will be answered. The same messageId again asks nothing anew."""
    turn, _ = accept(call.caller, run, call.ports, trace_id=call.trace_id)
    return AcceptedData(session_id=turn.ask.session_id, message_id=turn.ask.message_id)


@ROUTES.on("GET", "/stream/<message_id>", is_public=True)
def stream(
    call: Call,
    message_id: Id,
    after: Annotated[str | None, Query(description="The last number seen; Last-Event-ID goes before it.")] = None,
    token: Annotated[str | None, Query(description="The access token of those who can send no header.")] = None,  # noqa: ARG001
) -> None:
    """The frames of an answer as server-sent events.

    On one machine the server itself answers this, and stays open to the end. Elsewhere a reply tells what is there,
    waits a while for more, and ends; the browser comes back by itself. 204: all of it has been seen.
    """
    caller = call.signed_in or call.ports.tokens.verify(token_of(call.event))
    key = TurnKey(caller.user.id, message_id)
    told = events(key, after=place_after(call.headers.get("last-event-id"), after), ports=call.ports)
    reply: Any = _event_stream(told)
    return reply


def _event_stream(text: str | None) -> Response[Any]:
    if text is None:
        return Response(status_code=204, body="")
    return Response(status_code=200, content_type="text/event-stream", headers={"Cache-Control": "no-store"}, body=text)
