"""Why the hits are what they are, and why a document is not among them."""

from typing import NamedTuple

from kosha.model.chunk import IndexedChunk
from kosha.model.page import PageOf
from kosha.model.search import ChunkTrace, DocumentTrace, Explanation, Filters, Rankings, Scored, StageReport
from kosha.model.workspace import Workspace
from kosha.ports import Index, Vectors
from kosha.retrieval.fuse import Fused
from kosha.retrieval.rerank import CANDIDATES, Reranked

# How far down the rankings an explanation looks.
EXPLAIN_DEPTH = 1000
_CHUNKS_LIMIT = 1000  # of the document that is asked about
_LATER = {"fused", "rerank"}  # stages that only candidates reach


class Course(NamedTuple):
    """How one search went. rankings: EXPLAIN_DEPTH deep, of which the first `depth` were fused."""

    query: str
    vector: Vectors | None
    rankings: Rankings
    depth: int
    vector_weight: float
    fused: list[Fused]
    reranked: Reranked
    limit: int
    relevance: float
    threshold: float
    filters: Filters

    @property
    def is_refused(self) -> bool:
        """Whether nothing was relevant enough."""
        return self.relevance < self.threshold

    @property
    def going_on(self) -> int:
        """How many of the fused order the next stage saw: those that are read again, or those that are shown."""
        return min(len(self.fused), max(CANDIDATES, self.limit) if self.reranked.read else self.limit)


def explain(course: Course, document_id: str | None, workspace: Workspace, index: Index) -> Explanation:
    """What every stage kept; with a document, where each of its chunks (the first 1,000) stood and was lost."""
    trace = None if document_id is None else DocumentTrace(chunks=_traces(course, document_id, workspace, index))
    return Explanation(stages=_stages(course, workspace), document=trace)


def _stages(course: Course, workspace: Workspace) -> tuple[StageReport, ...]:
    vector, keyword = len(course.rankings.vector), len(course.rankings.keyword)
    weight = course.vector_weight
    shown = min(course.limit, len(course.fused))
    return (
        StageReport(
            stage="vector",
            candidates=vector,
            kept=min(vector, course.depth),
            rule=f"the {course.depth} nearest by {workspace.metric}"
            if course.vector is not None
            else "left out: the embedding model does not answer",
        ),
        StageReport(
            stage="keyword",
            candidates=keyword,
            kept=min(keyword, course.depth),
            rule=f"the {course.depth} best by BM25 on the words of the question"
            if workspace.hybrid_search or course.vector is None
            else "left out: the workspace searches by meaning alone",
        ),
        StageReport(
            stage="fused",
            candidates=len(course.fused),
            kept=course.going_on,
            rule=f"scores scaled to 0..1, {weight:.2g} of the vector's and {1 - weight:.2g} of the keyword's added",
        ),
        StageReport(stage="rerank", candidates=course.reranked.read, kept=shown, rule=course.reranked.rule),
        StageReport(
            stage="threshold",
            candidates=shown,
            kept=0 if course.is_refused else shown,
            rule=f"relevance {course.relevance:.2f} of the best, {course.threshold:g} is needed",
        ),
    )


def _traces(course: Course, document_id: str, workspace: Workspace, index: Index) -> tuple[ChunkTrace, ...]:
    own = index.rankings(
        workspace,
        course.query,
        course.vector,
        limit=_CHUNKS_LIMIT,
        filters=course.filters,
        document_id=document_id,
    )
    scores = {"vector": _by_id(own.vector), "keyword": _by_id(own.keyword)}
    places = {"vector": _places(course.rankings.vector), "keyword": _places(course.rankings.keyword)}
    final = {entry.chunk_id: (place, entry) for place, entry in enumerate(course.reranked.order, start=1)}
    traces: list[ChunkTrace] = []
    for chunk in _chunks(document_id, workspace, index):
        ranks = {stage: found[chunk.chunk_id] for stage, found in places.items() if chunk.chunk_id in found}
        numbers = {stage: found[chunk.chunk_id] for stage, found in scores.items() if chunk.chunk_id in found}
        place, entry = final.get(chunk.chunk_id, (0, None))
        if entry is not None:
            ranks |= entry.ranks.model_dump(include=_LATER, exclude_none=True)
            numbers |= entry.scores.model_dump(include=_LATER, exclude_none=True)
        lost_at, reason = _loss(course, chunk, place, ranks, numbers)
        traces.append(ChunkTrace(chunk_id=chunk.chunk_id, ranks=ranks, scores=numbers, lost_at=lost_at, reason=reason))
    return tuple(traces)


def _loss(
    course: Course, chunk: IndexedChunk, place: int, ranks: dict[str, int], scores: dict[str, float]
) -> tuple[str | None, str | None]:
    """(stage, reason in a sentence) where a chunk fell out; (None, None) for one that was found.

    place: in the final order, from 1; 0 for a chunk that was no candidate.
    """
    if place:
        if place > course.limit:
            return _outrun(course, place, ranks["fused"])
        if course.is_refused:
            return "threshold", (
                f"Among the best, but the best passage of all has a relevance of {course.relevance:.2f} "
                f"and the workspace asks for {course.threshold:g}."
            )
        return None, None
    if not chunk.enabled:
        return "index", "This chunk is switched off."
    if not scores:
        if course.filters.all:
            return "filter", "The filters leave this document out, or it is switched off."
        return "index", "This document is switched off, or has neither a vector nor a word of the question."
    return _unranked(course, ranks, scores)


def _outrun(course: Course, place: int, fused_rank: int) -> tuple[str, str]:
    """A candidate that others stand before."""
    shows = f"the search shows {course.limit}."
    if not course.reranked.read:
        return "fused", f"Number {place} of {len(course.fused)}; {shows}"
    if fused_rank > CANDIDATES:
        return "fused", f"Number {fused_rank} of {len(course.fused)}; the first {CANDIDATES} are read again."
    return "rerank", f"Number {fused_rank} of the fused order and number {place} after reading again; {shows}"


def _unranked(course: Course, ranks: dict[str, int], scores: dict[str, float]) -> tuple[str, str]:
    """Neither ranking had it among its first: says of both how far away it was."""
    parts: list[str] = []
    if course.vector is not None:
        parts.append(_standing("by meaning", ranks.get("vector"), course.depth))
    parts.append(
        _standing("by words", ranks.get("keyword"), course.depth)
        if "keyword" in scores
        else "it shares no word with the question that is rare enough to find it"
    )
    return ("vector" if course.vector is not None else "keyword"), f"Not a candidate: {', and '.join(parts)}."


def _standing(what: str, rank: int | None, depth: int) -> str:
    place = f"number {rank}" if rank else f"below number {EXPLAIN_DEPTH}"
    return f"{what} it is {place}, where the first {depth} go on"


def _chunks(document_id: str, workspace: Workspace, index: Index) -> list[IndexedChunk]:
    found: list[IndexedChunk] = []
    cursor: str | None = None
    while len(found) < _CHUNKS_LIMIT:
        page = index.chunks(workspace.id, document_id, PageOf(limit=100, cursor=cursor))
        found.extend(page.items)
        cursor = page.next_cursor
        if cursor is None:
            break
    return found


def _by_id(ranking: list[Scored]) -> dict[str, float]:
    return {scored.chunk_id: scored.score for scored in ranking}


def _places(ranking: list[Scored]) -> dict[str, int]:
    return {scored.chunk_id: place for place, scored in enumerate(ranking, start=1)}
