"""Records as the contract suites need them: every field that a test does not name has a plain value."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from kosha.model.document import Document
from kosha.model.session import Message
from kosha.model.turn import Ask, Delta, TurnEnd
from kosha.model.user import Account, Role, User
from kosha.model.wire import AnswerMetadata, ErrorData, FinalData
from kosha.model.workspace import Workspace

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def new_id() -> str:
    return str(uuid4())


def a_workspace(**fields: Any) -> Workspace:
    plain = {
        "id": new_id(),
        "name": "Handbook",
        "embeddings_model_provider": "local",
        "embeddings_model_name": "minilm",
        "embeddings_model_dimensions": 384,
        "created_at": NOON,
        "updated_at": NOON,
    }
    return Workspace(**{**plain, **fields})


def a_document(workspace_id: str, **fields: Any) -> Document:
    plain = {
        "id": new_id(),
        "workspace_id": workspace_id,
        "type": "file",
        "title": "Leave",
        "path": "leave.md",
        "content_type": "text/markdown",
        "status": "submitted",
        "created_at": NOON,
        "updated_at": NOON,
    }
    return Document(**{**plain, **fields})


def a_user(name: str = "ada") -> User:
    return User(id=new_id(), name=name)


def an_account(name: str = "ada", roles: tuple[Role, ...] = ("user",)) -> Account:
    return Account(user=User(id=new_id(), name=name, roles=roles), password_hash="hash", created_at=NOON)


def an_ask(**fields: Any) -> Ask:
    message_id = fields.get("message_id", new_id())
    plain = {
        "user_id": "ada",
        "session_id": new_id(),
        "message_id": message_id,
        "question_id": message_id,
        "text": "How much leave do I have?",
        "accepted_at": NOON,
    }
    return Ask(**{**plain, **fields})


def some_deltas(*values: str, start: int = 0) -> list[Delta]:
    return [Delta(sequence, "run-1", value) for sequence, value in enumerate(values, start)]


def an_answer(ask: Ask, content: str = "25 days.", **fields: Any) -> Message:
    plain = {"id": new_id(), "parent_id": ask.question_id, "role": "assistant", "content": content, "created_at": NOON}
    return Message(**{**plain, **fields})


def an_end(ask: Ask, answer: Message, metadata: dict[str, Any] | None = None) -> TurnEnd:
    plain = AnswerMetadata(
        provider="local",
        model_id="extractive",
        model_kwargs=ask.model_kwargs,
        session_id=ask.session_id,
        user_id=ask.user_id,
        trace_id="trace",
        **(metadata or {}),
    )
    return TurnEnd(
        final=FinalData(
            session_id=ask.session_id,
            message_id=ask.message_id,
            answer_id=answer.id,
            content=answer.content,
            stop_reason="end",
            metadata=plain,
        )
    )


def a_failure(ask: Ask) -> TurnEnd:
    words = "The model did not answer."
    return TurnEnd(error=ErrorData(message_id=ask.message_id, code="internal", content=words, retryable=True))


def texts(messages: Sequence[Any]) -> list[str]:
    return [message.content for message in messages]
