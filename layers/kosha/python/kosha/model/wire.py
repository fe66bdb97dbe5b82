"""The frames of the socket and of the event stream (PROTOCOL.md); the UI's types are made of these."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from kosha.model.chunk import Hit
from kosha.model.prompt import ModelKwargs, Usage
from kosha.model.record import Record, Request

StopReason = Literal["end", "length", "stopped", "refused", "error"]
ErrorCode = Literal[
    "bad_request",
    "unauthorized",
    "not_found",
    "quota_exceeded",
    "rate_limited",
    "model_unavailable",
    "too_long",
    "internal",
]
QUESTION_LIMIT_CHARACTERS = 20_000
Question = Annotated[str, StringConstraints(max_length=QUESTION_LIMIT_CHARACTERS)]


class RunData(Request):
    """A question. `regenerate_of` asks for another answer to that question and ignores `text`."""

    session_id: UUID
    message_id: UUID | None = None
    text: Question
    mode: Literal["chain"] = "chain"
    workspace_id: UUID | None = None
    provider: str | None = None
    model_name: str | None = None
    model_kwargs: ModelKwargs = ModelKwargs()
    files: tuple[Any, ...] = Field(default=(), max_length=0)
    regenerate_of: UUID | None = None
    branch_from: UUID | None = None
    model_interface: str | None = Field(default=None, exclude=True)


class StopData(Request):
    """Which answer is to stop."""

    session_id: UUID
    message_id: UUID


class ResumeData(StopData):
    """Which answer to replay, and from where: -1 for all of it."""

    after_sequence: int = Field(-1, ge=-1)


class AuthorizeData(Request):
    """A fresh access token for a socket that stays open."""

    token: str


class AcceptedData(Record):
    """The question is stored and will be answered even if this socket goes away."""

    session_id: str
    message_id: str


class ThinkingData(Record):
    """What is being done before the answer's text: search, tool, hand-over."""

    session_id: str
    message_id: str
    name: str
    detail: str | None = None


class Token(Record):
    """A piece of the answer; numbers run from 0 without a gap through a message."""

    run_id: str
    sequence_number: int
    value: str


class TokenData(Record):
    """A piece of the answer and whose it is."""

    session_id: str
    message_id: str
    token: Token


class Citation(Record):
    """What `[marker]` in the text stands for: the passage and the words in it that bear the sentence."""

    marker: int
    chunk_id: str
    document_id: str
    title: str
    page: int | None = None
    quote: str
    deleted: Literal[True] | None = None


class Timings(Record):
    """Milliseconds a stage of the turn took; of `route`, `rewrite` and `compress` only where a model was asked."""

    queue: float = 0
    history: float = 0
    route: float | None = None
    rewrite: float | None = None
    embed: float = 0
    search: float = 0
    rerank: float = 0
    compress: float | None = None
    first_token: float = 0
    total: float = 0


class RetrievalTrace(Record):
    """How the passages were looked for.

    route: small talk, identifier or question. question: as it can be understood without the conversation, absent where
    it is the one that was asked. queries: the texts that were searched, each up to 200 characters. by_model: what the
    chat model helped with before it answered (route, rewrite, rerank, compress), absent where with nothing.
    """

    route: str
    question: str | None = None
    queries: tuple[str, ...] = ()
    by_model: tuple[str, ...] | None = None


class AnswerMetadata(Record):
    """How an answer came about."""

    provider: str
    model_id: str
    model_kwargs: ModelKwargs
    mode: str = "chain"
    session_id: str
    user_id: str
    workspace_id: str | None = None
    degraded: bool = False
    cached: bool = False
    documents: tuple[Hit, ...] = ()
    citations: tuple[Citation, ...] = ()
    usage: Usage = Usage()
    retrieval: RetrievalTrace | None = None
    timings_ms: Timings = Timings()
    trace_id: str


class FinalData(Record):
    """The whole answer; `content` equals the values of the last run's tokens, joined."""

    session_id: str
    message_id: str
    answer_id: str
    content: str
    stop_reason: StopReason
    metadata: AnswerMetadata


class ErrorData(Record):
    """Why there is no answer, in words for the person who asked."""

    session_id: str | None = None
    message_id: str | None = None
    code: ErrorCode
    content: str
    retryable: bool
    retry_after_ms: int | None = None


FrameAction = Literal["accepted", "thinking_step", "llm_new_token", "final_response", "error", "heartbeat"]
