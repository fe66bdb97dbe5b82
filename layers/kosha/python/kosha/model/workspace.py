"""A workspace: documents that are searched together, and how."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from kosha.model.record import Moment, Record, Request
from kosha.model.user import Grant

WorkspaceStatus = Literal["submitted", "creating", "ready", "deleting", "error"]
Metric = Literal["cosine", "l2", "inner"]
ChunkingStrategy = Literal["recursive", "token", "heading", "sentence", "semantic", "parent-child"]
EmptyRetrieval = Literal["refuse", "converse"]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class ChunkOptions(Request):
    """What some chunking strategies need besides size and overlap (characters; percentile 50..99)."""

    parent_size: int | None = Field(default=None, ge=200, le=20_000)
    child_size: int | None = Field(default=None, ge=100, le=5_000)
    breakpoint_percentile: int | None = Field(default=None, ge=50, le=99)


class RetrievalOptions(Request):
    """How many passages reach the answer, how good they must be, and what weighs in their order."""

    top_k: int = Field(default=8, ge=1, le=50)
    threshold: float | None = Field(default=None, ge=0, le=1)
    vector_weight: float = Field(default=0.5, ge=0, le=1)
    rerank: bool = False


class WorkspaceSettings(Request):
    """What a person may choose for a workspace; every field but the name has a good default."""

    name: Name
    engine: str = "aurora"
    languages: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")], ...] = Field(
        default=("en",), min_length=1, max_length=3
    )
    embeddings_model_provider: str | None = None
    embeddings_model_name: str | None = None
    cross_encoder_model_provider: str | None = None
    cross_encoder_model_name: str | None = None
    metric: Metric = "cosine"
    index: bool = True
    hybrid_search: bool = True
    chunking_strategy: ChunkingStrategy = "recursive"
    chunk_size: int = Field(default=1000, ge=100, le=10_000)
    chunk_overlap: int = Field(default=150, ge=0)
    chunk_options: ChunkOptions | None = None
    empty_retrieval: EmptyRetrieval = "refuse"
    retrieval: RetrievalOptions = RetrievalOptions()


class Workspace(Record):
    """A workspace as it is kept. `embeddings_model_dimensions` is fixed at birth with its vector table."""

    id: str
    name: str
    engine: str = "aurora"
    status: WorkspaceStatus = "ready"
    status_reason: str | None = None
    languages: tuple[str, ...] = ("en",)
    embeddings_model_provider: str
    embeddings_model_name: str
    embeddings_model_dimensions: int
    cross_encoder_model_provider: str | None = None
    cross_encoder_model_name: str | None = None
    metric: Metric = "cosine"
    index: bool = True
    hybrid_search: bool = True
    chunking_strategy: ChunkingStrategy = "recursive"
    chunk_size: int = 1000
    chunk_overlap: int = 150
    chunk_options: ChunkOptions | None = None
    empty_retrieval: EmptyRetrieval = "refuse"
    retrieval: RetrievalOptions = RetrievalOptions()
    created_at: Moment
    updated_at: Moment


class WorkspaceView(Workspace):
    """A workspace as one caller sees it: with its counts and their grant."""

    documents: int = 0
    vectors: int = 0
    size_in_bytes: int = 0
    grant: Grant | None = None

    def wire(self) -> dict[str, Any]:
        """As a reply; a workspace without a cross-encoder says so."""
        absent = {"crossEncoderModelProvider": None, "crossEncoderModelName": None}
        return {**absent, **super().wire()}
