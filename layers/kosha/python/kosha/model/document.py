"""A document: what a person brought in, and where it stands in its life."""

from typing import Any, Literal

from pydantic.json_schema import SkipJsonSchema

from kosha.model.record import Moment, Record

DocumentType = Literal["file", "text", "qna", "website", "rssfeed"]
DocumentStatus = Literal["awaiting", "submitted", "processing", "processed", "error", "cancelled"]
Stage = Literal["queued", "crawl", "parse", "split", "embed", "finish"]


class DocumentError(Record):
    """Why an import ended, in words for the person who brought the document."""

    code: str
    message: str
    retryable: bool


class Document(Record):
    """`run` counts the imports begun (a fence: an older import may write nothing any more).

    remaining_seconds: till it is searchable, by how fast this stage went so far; None where that cannot be told yet.
    language: of its text, ISO 639-1; None where it cannot be told.
    change_pending: title, metadata or enabled were changed, and what is served does not follow yet.
    original, incoming: the names of the bytes it was brought as, and of those of a new version that is not served yet.
    made_of: tells these bytes, cut and embedded as the workspace asked for, from any others; None where nobody asks.
    """

    id: str
    workspace_id: str
    parent_id: str | None = None
    type: DocumentType
    title: str
    path: str
    content_type: str
    language: str | None = None
    status: DocumentStatus
    stage: Stage | None = None
    stage_since: Moment | None = None
    progress: float = 0.0
    remaining_seconds: float | None = None
    error: DocumentError | None = None
    warnings: tuple[str, ...] = ()
    vectors: int = 0
    sub_documents: int = 0
    size_in_bytes: int = 0
    metadata: dict[str, str | float | bool] = {}
    enabled: bool = True
    change_pending: bool = False
    every_minutes: int | None = None  # how often a site or feed is looked at again
    run: int = 0
    original: SkipJsonSchema[str] = "original"
    incoming: SkipJsonSchema[str | None] = None
    made_of: SkipJsonSchema[str | None] = None
    created_at: Moment
    updated_at: Moment

    def wire(self) -> dict[str, Any]:
        """As a reply: the names of its bytes are ours."""
        return {name: value for name, value in super().wire().items() if name not in ("original", "incoming", "madeOf")}


class Ticket(Record):
    """Leave to bring the bytes of one document: of one size, within 15 minutes. `url` may be relative."""

    method: Literal["POST", "PUT"]
    url: str
    headers: dict[str, str] = {}
    fields: dict[str, str] = {}
