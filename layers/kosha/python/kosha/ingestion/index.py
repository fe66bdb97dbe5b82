"""Embeds the chunks of an import and stages them, a slice at a time, going on where a crash stopped it."""

import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from kosha.errors import Cancelled
from kosha.ingestion import keys, lifecycle, lines
from kosha.model.chunk import IndexedChunk
from kosha.model.document import Document
from kosha.model.workspace import Workspace
from kosha.ports import Embedder, Index, Ports, TokenEmbedder, TokenVectors, Vectors

# Between two slices other documents have their turn, so that a short one does not wait for a book.
SLICE_SECONDS = 5.0
# About half a second of MiniLM on two cores: what a person waits at most before a stop is heard.
BATCH = 32
PROGRESS_SECONDS = 0.5
TOLD_AFTER_SECONDS = 3.0  # what is left of an import is told once so much of it is known
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
            document = lifecycle.advance(
                document,
                "processing",
                ports,
                progress=_progress(staged, total),
                remaining_seconds=_remaining_seconds(document, staged, total, ports.now()),
            )
        if now >= ends:
            break
    return staged >= total


def embedder_of(workspace: Workspace, ports: Ports) -> Embedder | None:
    """The workspace's embedding model; None where keywords alone will find its documents."""
    return ports.embedders.get(workspace.embeddings_model_provider, workspace.embeddings_model_name)


class Made(NamedTuple):
    """What an index keeps of passages besides their words; None where the embedder does not make it."""

    vectors: Vectors | None = None
    token_vectors: list[TokenVectors] | None = None


def embed_passages(texts: Sequence[str], embedder: Embedder | None) -> Made:
    """What this embedder makes of them. Raises Unavailable."""
    if embedder is None:
        return Made()
    if isinstance(embedder, TokenEmbedder):
        made = embedder.embed_tokens(texts, kind="passage")
        return Made(made.vectors, made.token_vectors)
    return Made(embedder.embed(texts, kind="passage"))


def _stage(
    batch: Sequence[IndexedChunk], document: Document, embedder: Embedder | None, where: Index, ports: Ports
) -> None:
    made = embed_passages([chunk.content for chunk in batch], embedder)
    if not lifecycle.is_current(document, ports):
        raise Cancelled(f"The import of {document.title!r} was stopped.")
    where.stage(document, batch, made.vectors, made.token_vectors)


def _batches(document: Document, skip: int, ports: Ports) -> Iterator[list[IndexedChunk]]:
    chunks = (
        IndexedChunk.model_validate_json(line) for line in lines.read(keys.chunks(document), ports.blobs, skip=skip)
    )
    while batch := list(islice(chunks, BATCH)):
        yield batch


def _remaining_seconds(document: Document, staged: int, total: int, now: datetime) -> float | None:
    """By how fast it went since this stage began, turns of other documents included; None in its first seconds."""
    if document.stage_since is None or not staged:
        return None
    spent_seconds = (now - document.stage_since).total_seconds()
    return round(spent_seconds * (total - staged) / staged, 1) if spent_seconds >= TOLD_AFTER_SECONDS else None


def _progress(staged: int, total: int) -> float:
    return round(STARTS_AT + (ENDS_AT - STARTS_AT) * staged / max(total, 1), 3)
