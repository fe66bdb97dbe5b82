"""A piece of a document that is embedded, found and cited."""

from typing import Literal

from kosha.model.document import DocumentType
from kosha.model.record import Record

RankedStage = Literal["vector", "keyword", "fused", "rerank"]


class IndexedChunk(Record):
    """A chunk as an index keeps it. `embedded_text` is what the vector and the keywords were made of."""

    chunk_id: str
    document_id: str
    index: int
    content: str
    content_complement: str | None = None
    page: int | None = None
    heading: str | None = None
    enabled: bool = True


class StageNumbers(Record):
    """A number a stage, absent where the stage did not see the chunk."""

    vector: float | None = None
    keyword: float | None = None
    fused: float | None = None
    rerank: float | None = None


class StageRanks(Record):
    """A rank a stage, from 1."""

    vector: int | None = None
    keyword: int | None = None
    fused: int | None = None
    rerank: int | None = None


class Hit(Record):
    """A chunk that was found. `score` is in 0..1, comparable within one search only.

    deleted: the document is gone, and with it what the hit said of it but the title.
    """

    chunk_id: str
    document_id: str
    document_type: DocumentType
    title: str
    path: str
    page: int | None = None
    heading: str | None = None
    content: str
    content_complement: str | None = None
    score: float = 0.0
    scores: StageNumbers = StageNumbers()
    ranks: StageRanks = StageRanks()
    deleted: Literal[True] | None = None

    @property
    def answerable(self) -> str:
        """What an answer may be made of: of a question and answer pair the answer."""
        return self.content_complement or self.content
