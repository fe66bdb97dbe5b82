"""Embeds the chunks of an import and stages them, a slice at a time, going on where a crash stopped it."""

import time
from collections.abc import Iterator, Sequence
from itertools import islice

from kosha.errors import Cancelled
from kosha.ingestion import keys, lifecycle, lines
from kosha.model.chunk import IndexedChunk
from kosha.model.document import Document
from kosha.model.workspace import Workspace
from kosha.ports import Embedder, Index, Ports

# Between two slices other documents have their turn, so that a short one does not wait for a book.
SLICE_SECONDS = 5.0
# About half a second of MiniLM on two cores: what a person waits at most before a stop is heard.
BATCH = 32
PROGRESS_SECONDS = 0.5
STARTS_AT, ENDS_AT = 0.1, 0.98  # of the progress of the whole import


def index(document: Document, workspace: Workspace, total: int, ports: Ports) -> bool:
    """Work for about SLICE_SECONDS; True when all `total` chunks are staged. Raises Cancelled, Unavailable."""
    where = ports.index(workspace.engine)
    embedder = embedder_of(workspace, ports)
    staged = where.staged(document)
    document = lifecycle.advance(document, "processing", ports, stage="embed", progress=_progress(staged, total))
    ends = time.monotonic() + SLICE_SECONDS
    told = time.monotonic()
    for batch in _batches(document, staged, ports):
        _stage(batch, document, embedder, where, ports)
        staged += len(batch)
        now = time.monotonic()
        if now - told >= PROGRESS_SECONDS:
            told = now
            document = lifecycle.advance(document, "processing", ports, progress=_progress(staged, total))
        if now >= ends:
            break
    return staged >= total


def embedder_of(workspace: Workspace, ports: Ports) -> Embedder | None:
    """The workspace's embedding model; None where keywords alone will find its documents."""
    return ports.embedders.get(workspace.embeddings_model_provider, workspace.embeddings_model_name)


def _stage(
    batch: Sequence[IndexedChunk], document: Document, embedder: Embedder | None, where: Index, ports: Ports
) -> None:
    vectors = embedder.embed([chunk.content for chunk in batch], kind="passage") if embedder else None
    if not lifecycle.is_current(document, ports):
        raise Cancelled(f"The import of {document.title!r} was stopped.")
    where.stage(document, batch, vectors)


def _batches(document: Document, skip: int, ports: Ports) -> Iterator[list[IndexedChunk]]:
    chunks = (
        IndexedChunk.model_validate_json(line) for line in lines.read(keys.chunks(document), ports.blobs, skip=skip)
    )
    while batch := list(islice(chunks, BATCH)):
        yield batch


def _progress(staged: int, total: int) -> float:
    return round(STARTS_AT + (ENDS_AT - STARTS_AT) * staged / max(total, 1), 3)
