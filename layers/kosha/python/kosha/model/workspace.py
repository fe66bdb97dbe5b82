"""A workspace: documents that are searched together, and how."""

from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import ConfigDict, Field, StringConstraints

from kosha.model.record import Moment, Record, Request
from kosha.model.user import Grant

WorkspaceStatus = Literal["submitted", "creating", "ready", "deleting", "error"]
Metric = Literal["cosine", "l2", "inner"]
ChunkingStrategy = Literal["recursive", "token", "heading", "sentence", "semantic", "parent-child"]
EmptyRetrieval = Literal["refuse", "converse"]
Rewrite = Literal["off", "rules", "auto"]
ContextKind = Literal["passage", "parent", "neighbours"]
PassageOrder = Literal["best-first", "edges"]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


PARENT_SIZE, CHILD_SIZE, BREAKPOINT_PERCENTILE = 2000, 400, 90  # where a workspace leaves them out


class ChunkOptions(Request):
    """What some chunking strategies need besides size and overlap (characters; percentile 50..99)."""

    parent_size: int | None = Field(default=None, ge=200, le=20_000)
    child_size: int | None = Field(default=None, ge=100, le=5_000)
    breakpoint_percentile: int | None = Field(default=None, ge=50, le=99)


class RetrievalOptions(Request):
    """How a question is searched, and which passages reach the answer (docs/guide/14-retrieval.md has every one).

    The first four are PROTOCOL.md's. rewrite: how a follow-up becomes a question of its own; "auto" asks the language
    model where there is one and goes by rules elsewhere. query_variants, decompose: more wordings, and the parts of a
    question of several, both by a language model. route: small talk is not searched, a code is looked up by its
    letters, a known question gets its answer. documents_first: so many documents first, then the chunks in them.
    context: what is given of a hit; neighbours: how many chunks before and behind it. order: "edges" puts the best
    first and the second best last. diversity: 0 for the best alone, 1 for the most different. adaptive_depth: fewer
    passages where some are much better than the rest. compress: only the sentences that bear on the question.

    What the chat model is asked besides, each a call of its own before the answer: route_by_model, whether what is not
    found was small talk; rerank_by_model, in which order the best passages stand; compress_by_model, what in them bears
    on the question. Without a model that writes, or while it fails, what would be done without it is done.
    """

    top_k: int = Field(default=8, ge=1, le=50)
    threshold: float | None = Field(default=None, ge=0, le=1)
    vector_weight: float = Field(default=0.5, ge=0, le=1)
    rerank: bool = True
    rewrite: Rewrite = "auto"
    query_variants: int = Field(default=0, ge=0, le=4)
    decompose: bool = False
    route: bool = True
    documents_first: int | None = Field(default=None, ge=5, le=20)
    context: ContextKind = "parent"
    neighbours: int = Field(default=1, ge=1, le=3)
    order: PassageOrder = "best-first"
    diversity: float = Field(default=0, ge=0, le=1)
    adaptive_depth: bool = False
    compress: bool = False
    route_by_model: bool = False
    rerank_by_model: bool = False
    compress_by_model: bool = False

    def by_rules(self) -> "RetrievalOptions":
        """The same where no model writes."""
        rewrite: Rewrite = "rules" if self.rewrite == "auto" else self.rewrite
        nobody = {"query_variants": 0, "route_by_model": False, "rerank_by_model": False, "compress_by_model": False}
        return self.model_copy(update={"rewrite": rewrite, **nobody})


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


class KeptSettings(WorkspaceSettings):
    """What a workspace was set to once; what newer versions of this program added has its default."""

    model_config = ConfigDict(extra="ignore")


class KeptVersion(NamedTuple):
    """A version of a workspace's settings. changed_by: a user's id; previous: None for the first one."""

    version: int
    changed_at: datetime
    changed_by: str | None
    settings: KeptSettings
    previous: KeptSettings | None


class SettingChange(Record):
    """A field by its path (`retrieval.topK`), what it was and what it became."""

    field: str
    old: Any
    new: Any


class WorkspaceVersion(Record):
    """A version as it is shown. changed_by: a name, absent for the first one and for people who are gone."""

    version: int
    changed_at: Moment
    changed_by: str | None = None
    changes: tuple[SettingChange, ...]
    settings: dict[str, Any]

    def wire(self) -> dict[str, Any]:
        """As a reply: what was unset before, or is now, is null."""
        told = {"changes": [change.model_dump() for change in self.changes], "settings": self.settings}
        return {**super().wire(), **told}


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
