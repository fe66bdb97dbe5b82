"""A conversation and what was said in it."""

from typing import Any, Literal

from kosha.model.record import Moment, Record


class Message(Record):
    """A question's id is its `messageId`, an answer's its `answerId` with the question as parent."""

    id: str
    parent_id: str | None = None
    role: Literal["user", "assistant"]
    version: int = 1
    content: str
    created_at: Moment
    metadata: dict[str, Any] = {}


class Session(Record):
    """The head of a conversation, without its messages."""

    id: str
    title: str
    workspace_id: str | None = None
    created_at: Moment
    updated_at: Moment


class SessionView(Session):
    """A conversation with its messages, oldest first."""

    messages: tuple[Message, ...] = ()


class Feedback(Record):
    """A person's word on an answer."""

    id: str
    user_id: str
    session_id: str
    message_id: str
    answer_id: str | None = None
    score: Literal[1, -1]
    categories: tuple[str, ...] = ()
    comment: str | None = None
    created_at: Moment
