"""What a search asks for and how it went."""

import re
from typing import Annotated, Literal, NamedTuple
from uuid import UUID

from pydantic import BeforeValidator, Field, StringConstraints

from kosha.model.chunk import Hit
from kosha.model.record import Record, Request

FilterValue = str | float | bool
Operator = Literal["eq", "ne", "in", "lt", "lte", "gt", "gte", "contains"]
FIELDS = ("type", "title", "path", "language", "createdAt", "documentId", "metadata.<one of your own>")
FIELD_PATTERN = r"^(type|title|path|language|createdAt|documentId|metadata\.[A-Za-z0-9_.-]{1,64})$"


def _known_field(field: object) -> object:
    """Tells of a field that is none, in better words than the pattern would."""
    if isinstance(field, str) and not re.match(FIELD_PATTERN, field):
        raise ValueError(f"{field[:80]!r} is no field to filter by; these are: {', '.join(FIELDS)}")
    return field


class Condition(Request):
    """One condition on a document; `in` takes a list."""

    field: Annotated[str, BeforeValidator(_known_field), StringConstraints(pattern=FIELD_PATTERN)]
    op: Operator
    value: FilterValue | tuple[FilterValue, ...]


class Filters(Request):
    """Conditions that must all hold."""

    all: Annotated[tuple[Condition, ...], Field(max_length=20)] = ()


class SearchRequest(Request):
    """A search of one workspace. `document_id` with `explain` tells where that document's chunks stood."""

    workspace_id: UUID
    query: Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
    limit: int = Field(default=10, ge=1, le=100)
    filters: Filters = Filters()
    explain: bool = False
    document_id: UUID | None = None


class Scored(NamedTuple):
    """A chunk and its score in one ranking (higher is better)."""

    chunk_id: str
    score: float


class Rankings(NamedTuple):
    """The lists that are fused, each best first. Scores by vector are cosines, by keyword whatever the index counts.

    keyword_full: the score of a chunk of usual length that has each word of the query once; 0 where no word counts.
    chunks: how many the workspace serves. vector_ms, keyword_ms: what each took.
    """

    vector: list[Scored]
    keyword: list[Scored]
    keyword_full: float = 0.0
    chunks: int = 0
    vector_ms: float = 0.0
    keyword_ms: float = 0.0


class SearchTimings(Record):
    """Milliseconds a stage took."""

    embed: float = 0
    vector: float = 0
    keyword: float = 0
    fuse: float = 0
    rerank: float = 0
    total: float = 0


class StageReport(Record):
    """What one stage saw, kept, and by which rule."""

    stage: str
    candidates: int
    kept: int
    rule: str


class ChunkTrace(Record):
    """Where one chunk stood at each stage and at which it fell out."""

    chunk_id: str
    ranks: dict[str, int] = {}
    scores: dict[str, float] = {}
    lost_at: str | None = None
    reason: str | None = None


class DocumentTrace(Record):
    """The chunks of the document that was asked about."""

    chunks: tuple[ChunkTrace, ...] = ()


class Explanation(Record):
    """Why the hits are what they are."""

    stages: tuple[StageReport, ...] = ()
    document: DocumentTrace | None = None


class Found(Record):
    """The outcome of a search, best first; without items where nothing has to do with the question.

    relevance: how likely it is, 0..1, that the workspace has something on it. degraded: words alone decided, because
    the embedding model does not answer.
    """

    items: tuple[Hit, ...] = ()
    timings_ms: SearchTimings = SearchTimings()
    explain: Explanation | None = None
    relevance: float = 0.0
    degraded: bool = False
