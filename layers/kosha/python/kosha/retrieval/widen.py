"""Hits with the chunks beside them in their documents, as one text that says nothing twice."""

from collections.abc import Sequence

from kosha.model.chunk import Hit, IndexedChunk
from kosha.ports import Index

_LONGEST_OVERLAP_CHARACTERS = 2_000
_GAP = "\n…\n"


def widened(
    hits: Sequence[Hit], index: Index, workspace_id: str, *, reach: int
) -> tuple[list[Hit], dict[str, tuple[Hit, ...]]]:
    """The hits with the text around them, and the neighbours of each by its chunk id.

    hits: best first. A chunk that is read with a better hit is not read again, and one that is a hit too is none any
    more. What has a text of its own for the answer (a parent, an answer) stays as it is.
    """
    plain = [hit.chunk_id for hit in hits if hit.content_complement is None]
    found = index.neighbours(workspace_id, plain, reach=reach)
    read: list[Hit] = []
    around: dict[str, tuple[Hit, ...]] = {}
    taken: set[str] = set()
    for hit in hits:
        if hit.chunk_id in taken:
            continue
        own = found.get(hit.chunk_id, [])
        chunks = [chunk for chunk in own if chunk.chunk_id == hit.chunk_id or _is_free(chunk, taken)]
        taken.update([hit.chunk_id, *(chunk.chunk_id for chunk in chunks)])
        if len(chunks) < 2:
            read.append(hit)
            continue
        read.append(hit.model_copy(update={"content": merged(chunks)}))
        around[hit.chunk_id] = tuple(_as_hit(chunk, hit) for chunk in chunks if chunk.chunk_id != hit.chunk_id)
    return read, around


def merged(chunks: Sequence[IndexedChunk]) -> str:
    """The text of chunks in their order; what the end of one and the beginning of the next share is there once."""
    text, last = chunks[0].content, chunks[0].index
    for chunk in chunks[1:]:
        if chunk.index == last + 1:
            shared = _shared(text, chunk.content)
            text += chunk.content[shared:] if shared else f"\n{chunk.content}"
        else:
            text += _GAP + chunk.content
        last = chunk.index
    return text


def _shared(before: str, after: str) -> int:
    """How many characters the one ends and the other begins with."""
    longest = min(len(before), len(after), _LONGEST_OVERLAP_CHARACTERS)
    return next((size for size in range(longest, 0, -1) if before.endswith(after[:size])), 0)


def _is_free(chunk: IndexedChunk, taken: set[str]) -> bool:
    return chunk.chunk_id not in taken and chunk.content_complement is None


def _as_hit(chunk: IndexedChunk, beside: Hit) -> Hit:
    """A neighbour as a passage of the same document, without scores: nobody looked for it."""
    return Hit(
        chunk_id=chunk.chunk_id,
        document_id=chunk.document_id,
        document_type=beside.document_type,
        title=beside.title,
        path=beside.path,
        page=chunk.page,
        heading=chunk.heading,
        content=chunk.content,
    )
