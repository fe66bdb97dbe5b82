"""Gives chunks their names: the same text of the same document keeps its name when it is imported again."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from uuid import UUID, uuid5

from kosha.model.chunk import IndexedChunk
from kosha.model.section import Chunk


def indexed(document_id: str, chunks: Iterable[Chunk]) -> Iterator[IndexedChunk]:
    """The chunks as an index keeps them, in their order, each with an id of its own."""
    seen: Counter[bytes] = Counter()
    for chunk in chunks:
        digest = hashlib.blake2b(chunk.content.encode(), digest_size=16).digest()
        yield IndexedChunk(
            chunk_id=chunk_id(document_id, chunk.content, seen[digest]),
            document_id=document_id,
            index=chunk.index,
            content=chunk.content,
            content_complement=chunk.complement,
            page=chunk.page,
            heading=chunk.heading,
        )
        seen[digest] += 1


def chunk_id(document_id: str, content: str, ordinal: int) -> str:
    """ordinal: how many chunks with the same content stand before it in the document."""
    return str(uuid5(UUID(document_id), f"{ordinal}\n{content}"))
