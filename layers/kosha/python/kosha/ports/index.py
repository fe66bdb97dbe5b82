"""Where chunks are kept and ranked."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from kosha.model.chunk import Hit, IndexedChunk
from kosha.model.document import Document
from kosha.model.index_report import IndexReport
from kosha.model.page import Page, PageOf
from kosha.model.search import Filters, Rankings
from kosha.model.workspace import Metric, Workspace
from kosha.ports.models import TokenVectors, Vectors


class ChunkEdit(NamedTuple):
    """What a person wants of a chunk; None stays as it is. The vectors are of `content`, None without a model."""

    content: str | None = None
    vector: Vectors | None = None
    token_vectors: TokenVectors | None = None
    enabled: bool | None = None


class EngineInfo(NamedTuple):
    """A place where chunks can be kept. reason: why it cannot be used here."""

    id: str
    name: str
    enabled: bool
    reason: str | None = None


class Index(Protocol):
    """Where the chunks of workspaces are kept and ranked. Every read repeats the workspace."""

    def create(self, workspace: Workspace) -> None:
        """Make room for a workspace; nothing happens where it is made."""
        ...

    def drop(self, workspace_id: str) -> None:
        """Remove the workspace's chunks and vectors; nothing happens where they are gone."""
        ...

    def stage(
        self,
        document: Document,
        chunks: Sequence[IndexedChunk],
        vectors: Vectors | None,
        token_vectors: Sequence[TokenVectors] | None = None,
    ) -> None:
        """Keep chunks of `document.run` beside what is served. The same chunk index twice is kept once."""
        ...

    def staged(self, document: Document) -> int:
        """How many chunks of this run are kept: where an import that failed half way goes on."""
        ...

    def publish(self, workspace: Workspace, document: Document) -> int:
        """Serve the staged run instead of what was served, in one transaction; returns its chunks.

        Again after it was done: nothing changes.
        """
        ...

    def edit(self, workspace: Workspace, document: Document, chunk_id: str, wanted: ChunkEdit) -> IndexedChunk:
        """Serve a chunk with other content, or switch it; its id and its place stay. Raises NotFound.

        The edit is kept: a new run that has a chunk of the same id is published with it, one that has none forgets it.
        """
        ...

    def describe(self, workspace: Workspace, document: Document) -> None:
        """Let what is served of a document have the title, the metadata and the switch of its record.

        Nothing happens where it has them, or nothing is served.
        """
        ...

    def discard(self, document_id: str) -> None:
        """Forget what is staged of a document."""
        ...

    def remove(self, workspace_id: str, document_id: str) -> None:
        """Remove a document's chunks, served and staged."""
        ...

    def rankings(
        self,
        workspace: Workspace,
        query: str,
        vector: Vectors | None,
        *,
        limit: int,
        filters: Filters,
        document_id: str | None = None,
    ) -> Rankings:
        """The best `limit` chunks by vector and by keyword (BM25). Any text is a query; none is an error.

        vector: (dimensions,), or None for keywords alone. `document_id` restricts to one document.
        """
        ...

    def hits(self, workspace_id: str, chunk_ids: Sequence[str]) -> list[Hit]:
        """The chunks as hits without scores, in the order given; those that are gone are left out."""
        ...

    def token_vectors(self, workspace_id: str, chunk_ids: Sequence[str]) -> dict[str, TokenVectors]:
        """Those kept of these chunks; a chunk that was staged without is left out."""
        ...

    def chunks(self, workspace_id: str, document_id: str, page: PageOf) -> Page[IndexedChunk]:
        """A document's served chunks in their order."""
        ...

    def neighbours(self, workspace_id: str, chunk_ids: Sequence[str], *, reach: int) -> dict[str, list[IndexedChunk]]:
        """Of each chunk, itself among up to `reach` served chunks before and behind it in its document, in order.

        Chunks that are switched off are left out; a chunk that is gone is no key.
        """
        ...

    def nearest_documents(self, workspace: Workspace, vector: Vectors, *, limit: int) -> list[str]:
        """Ids of the served documents whose chunks point, on the average, most nearly where `vector` does, best first.

        Documents without vectors are none of them.
        """
        ...

    def tend(self, workspace: Workspace) -> bool:
        """Make what searches of a large workspace need, or make it anew; whether something was made.

        Takes minutes at most times, while searches and imports go on. Nothing happens where nothing is to be made, or
        somebody is making it.
        """
        ...

    def report(self, workspace: Workspace) -> IndexReport:
        """How well approximate searches find what exact ones find, measured now on a sample of its vectors."""
        ...

    def supports(self, metric: Metric, dimensions: int) -> str | None:
        """Why the index cannot hold such vectors; None where it can."""
        ...
