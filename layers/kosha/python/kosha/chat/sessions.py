"""Conversations as their owner sees them: listed, read, renamed, deleted, and answers judged."""

from typing import Annotated, Literal
from uuid import UUID, uuid4

from pydantic import Field, StringConstraints

from kosha.model.page import Page, PageOf
from kosha.model.record import Request
from kosha.model.session import Feedback, Session, SessionView
from kosha.model.user import Caller
from kosha.ports import Ports

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Category = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50)]


class SessionChange(Request):
    """What a person may change of a conversation."""

    title: Title


class Judgement(Request):
    """A person's word on an answer. Without `answer_id` it is about the question's first answer."""

    session_id: UUID
    message_id: UUID
    answer_id: UUID | None = None
    score: Literal[1, -1]
    categories: tuple[Category, ...] = Field((), max_length=10)
    comment: Annotated[str, StringConstraints(max_length=5_000)] | None = None


def of(caller: Caller, page: PageOf, ports: Ports, *, query: str | None = None) -> Page[Session]:
    """The caller's conversations, latest first; `query` looks for words in titles and messages."""
    return ports.sessions.of(caller.user.id, page, query=query)


def get(caller: Caller, session_id: str, ports: Ports) -> SessionView:
    """A conversation with its messages. Raises NotFound, also for somebody else's."""
    session = ports.sessions.get(caller.user.id, session_id)
    messages = ports.sessions.messages(caller.user.id, session_id)
    return SessionView(**session.model_dump(by_alias=False), messages=tuple(messages))


def rename(caller: Caller, session_id: str, wish: SessionChange, ports: Ports) -> Session:
    """Give a conversation another title."""
    return ports.sessions.rename(caller.user.id, session_id, wish.title)


def remove(caller: Caller, session_id: str, ports: Ports) -> None:
    """Forget a conversation."""
    ports.sessions.remove(caller.user.id, session_id)


def remove_all(caller: Caller, ports: Ports) -> None:
    """Forget every conversation of the caller."""
    ports.sessions.remove_all(caller.user.id)


def judge(caller: Caller, judgement: Judgement, ports: Ports) -> Feedback:
    """Keep a word on an answer; a second one replaces the first. Raises NotFound where there is no such message."""
    feedback = Feedback(
        id=str(uuid4()),
        user_id=caller.user.id,
        session_id=str(judgement.session_id),
        message_id=str(judgement.message_id),
        answer_id=str(judgement.answer_id) if judgement.answer_id else None,
        score=judgement.score,
        categories=judgement.categories,
        comment=judgement.comment,
        created_at=ports.now(),
    )
    ports.sessions.add_feedback(feedback)
    return feedback
