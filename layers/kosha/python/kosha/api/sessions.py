"""Routes of conversations and of what people say about answers."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from kosha.api.call import Call
from kosha.api.replies import Items, page_of
from kosha.api.resource import Cursor, Id, Limit, Resource
from kosha.chat import sessions
from kosha.chat.sessions import Judgement, SessionChange
from kosha.model.page import PageOf
from kosha.model.session import Feedback, Session, SessionView

ROUTES = Resource("sessions")
Words = Annotated[str | None, Query(max_length=500, description="Words to look for in titles and messages.")]


class SessionList(Items[Session]):
    """Conversations, latest first, without their messages."""


@ROUTES.on("GET", "/sessions")
def of(call: Call, query: Words = None, limit: Limit = 50, cursor: Cursor = None) -> SessionList:
    """The caller's conversations, latest first."""
    return page_of(SessionList, sessions.of(call.caller, PageOf(limit, cursor), call.ports, query=query))


@ROUTES.on("DELETE", "/sessions", status=204)
def remove_all(call: Call) -> None:
    """Delete every conversation of the caller."""
    sessions.remove_all(call.caller, call.ports)


@ROUTES.on("GET", "/sessions/<session_id>")
def get(call: Call, session_id: Id) -> SessionView:
    """One conversation with its messages, oldest first."""
    return sessions.get(call.caller, session_id, call.ports)


@ROUTES.on("PATCH", "/sessions/<session_id>")
def rename(call: Call, session_id: Id, wish: SessionChange) -> Session:
    """Give a conversation another title."""
    return sessions.rename(call.caller, session_id, wish, call.ports)


@ROUTES.on("DELETE", "/sessions/<session_id>", status=204)
def remove(call: Call, session_id: Id) -> None:
    """Delete a conversation."""
    sessions.remove(call.caller, session_id, call.ports)


@ROUTES.on("POST", "/feedback", status=201, is_creating=True)
def judge(call: Call, judgement: Judgement) -> Feedback:
    """Say whether an answer was good; a second word on it replaces the first."""
    return sessions.judge(call.caller, judgement, call.ports)
