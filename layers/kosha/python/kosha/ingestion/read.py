"""What a reader of a workspace may see of its documents: records, chunks, bytes, and how a text would be cut."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from kosha import access
from kosha.errors import Conflict, Invalid, NotFound
from kosha.ingestion import importing, keys
from kosha.ingestion.index import embedder_of
from kosha.ingestion.splitting import Cutter
from kosha.model.chunk import IndexedChunk
from kosha.model.document import Document, DocumentStatus, DocumentType
from kosha.model.page import Page, PageOf
from kosha.model.record import Request
from kosha.model.section import Chunk, Section
from kosha.model.user import Caller
from kosha.model.workspace import ChunkingStrategy, ChunkOptions, Workspace
from kosha.ports import Ports

LINK_SECONDS = 300
PREVIEW_LIMIT_CHARACTERS = 1_000_000  # of a text, or of a document's beginning
PREVIEW_LIMIT_CHUNKS = 1_000
PREVIEW_MEANING_LIMIT_CHARACTERS = 50_000  # their sentences take MiniLM about five seconds, and a call has 29


class ChunkPreview(Request):
    """A text or a document, and what to change of the workspace's way to cut."""

    text: Annotated[str, StringConstraints(max_length=PREVIEW_LIMIT_CHARACTERS)] | None = None
    document_id: UUID | None = None
    chunking_strategy: ChunkingStrategy | None = None
    chunk_size: int | None = Field(None, ge=100, le=10_000)
    chunk_overlap: int | None = Field(None, ge=0)
    chunk_options: ChunkOptions | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """The first PREVIEW_LIMIT_CHUNKS chunks, how many there are of what was looked at, and where that was not all."""

    chunks: list[Chunk]
    count: int
    warnings: list[str]


def of(
    caller: Caller,
    workspace_id: str,
    page: PageOf,
    *,
    ports: Ports,
    type: DocumentType | None = None,
    status: DocumentStatus | None = None,
    parent_id: str | None = None,
) -> Page[Document]:
    """Newest first; without `parent_id` no sub-documents."""
    access.allow(caller, "read", workspace_id, ports.workspaces)
    return ports.documents.of(workspace_id, page, type=type, status=status, parent_id=parent_id)


def get(caller: Caller, workspace_id: str, document_id: str, ports: Ports) -> Document:
    """Raises NotFound."""
    access.allow(caller, "read", workspace_id, ports.workspaces)
    return ports.documents.get(workspace_id, document_id)


def chunks(caller: Caller, workspace_id: str, document_id: str, page: PageOf, ports: Ports) -> Page[IndexedChunk]:
    """What is served of a document, in its order. Raises NotFound."""
    workspace = access.allow(caller, "read", workspace_id, ports.workspaces)
    ports.documents.get(workspace_id, document_id)
    return ports.index(workspace.engine).chunks(workspace_id, document_id, page)


def content(caller: Caller, workspace_id: str, document_id: str, ports: Ports) -> str:
    """A link to the bytes as they were brought, for a while without a sign-in; may be relative to the server.

    Raises NotFound where they never came.
    """
    access.allow(caller, "read", workspace_id, ports.workspaces)
    document = ports.documents.get(workspace_id, document_id)
    key = keys.original(document)
    with ports.blobs.open(key):
        name = importing.file_name(document) if document.type != "text" else f"{document.title}.txt"
        return ports.blobs.link(key, file_name=name, content_type=document.content_type, seconds=LINK_SECONDS)


def preview(caller: Caller, workspace_id: str, wanted: ChunkPreview, ports: Ports) -> Preview:
    """How a text or a document would be cut; nothing is stored.

    Raises Invalid without exactly one of both, Conflict for a document that was not read yet.
    """
    workspace = access.allow(caller, "read", workspace_id, ports.workspaces)
    if (wanted.text is None) == (wanted.document_id is None):
        raise Invalid("Give either a text or a documentId.", (("text", "either this or documentId"),))
    changed = _changed(workspace, wanted)
    cutter = Cutter(changed, embedder_of(workspace, ports))
    is_by_meaning = changed.chunking_strategy == "semantic"
    limit = PREVIEW_MEANING_LIMIT_CHARACTERS if is_by_meaning else PREVIEW_LIMIT_CHARACTERS
    looked_at, is_all = _first(_sections(workspace_id, wanted, ports), limit)
    made = cutter.chunks(looked_at)
    shown = list(islice(made, PREVIEW_LIMIT_CHUNKS))
    count = len(shown) + sum(1 for _ in made)
    how = " by meaning" if is_by_meaning else ""
    cut_short = [] if is_all else [f"Only the first {limit:,} characters are previewed{how}."]
    return Preview(shown, count, [*cut_short, *cutter.warnings])


def _changed(workspace: Workspace, wanted: ChunkPreview) -> Workspace:
    told = wanted.model_dump(include={"chunking_strategy", "chunk_size", "chunk_overlap"}, exclude_none=True)
    if wanted.chunk_options is not None:
        told["chunk_options"] = wanted.chunk_options
    return workspace.model_copy(update=told)


def _first(sections: Iterable[Section], characters: int) -> tuple[list[Section], bool]:
    """(so much of a text, the last section cut where it is reached; whether that is all of it)."""
    kept: list[Section] = []
    for section in sections:
        if characters <= 0:
            return kept, False
        kept.append(section if len(section.text) <= characters else replace(section, text=section.text[:characters]))
        characters -= len(section.text)
    return kept, characters >= 0


def _sections(workspace_id: str, wanted: ChunkPreview, ports: Ports) -> Iterator[Section]:
    """Of the text, or as they were found in the document. Raises Conflict for one that was not read yet."""
    if wanted.text is not None:
        yield Section(wanted.text)
        return
    document = ports.documents.get(workspace_id, str(wanted.document_id))
    try:
        yield from importing.sections(document, ports)
    except NotFound as error:
        reason = "a question and its answer are one passage" if document.type == "qna" else "its file was not read yet"
        raise Conflict(f"{document.title!r} cannot be shown in passages: {reason}.") from error
