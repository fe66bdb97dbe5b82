"""A document: what a person brought in, and where it stands in its life."""

from typing import Literal

from kosha.model.record import Moment, Record

DocumentType = Literal["file", "text", "qna", "website", "rssfeed"]
DocumentStatus = Literal["awaiting", "submitted", "processing", "processed", "error", "cancelled"]
Stage = Literal["queued", "parse", "split", "embed", "finish"]


class DocumentError(Record):
    """Why an import ended, in words for the person who brought the document."""

    code: str
    message: str
    retryable: bool


class Document(Record):
    """`run` counts the imports begun (a fence: an older import may write nothing any more)."""

    id: str
    workspace_id: str
    parent_id: str | None = None
    type: DocumentType
    title: str
    path: str
    content_type: str
    status: DocumentStatus
    stage: Stage | None = None
    progress: float = 0.0
    error: DocumentError | None = None
    warnings: tuple[str, ...] = ()
    vectors: int = 0
    sub_documents: int = 0
    size_in_bytes: int = 0
    metadata: dict[str, str | float | bool] = {}
    enabled: bool = True
    run: int = 0
    created_at: Moment
    updated_at: Moment


class Ticket(Record):
    """Leave to bring the bytes of one document: of one size, within 15 minutes. `url` may be relative."""

    method: Literal["POST", "PUT"]
    url: str
    headers: dict[str, str] = {}
    fields: dict[str, str] = {}
