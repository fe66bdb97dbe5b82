"""Search: a question to passages, with what every stage did."""

import time
from typing import NamedTuple

from kosha.errors import Unavailable
from kosha.model.chunk import Hit
from kosha.model.search import Filters, Found, Rankings, SearchTimings
from kosha.model.workspace import Workspace
from kosha.ports import Embedder, Index, Vectors
from kosha.retrieval.explain import EXPLAIN_DEPTH, Course, explain
from kosha.retrieval.fuse import Fused, fuse
from kosha.retrieval.relevance import relevance, threshold_of

# Of each ranking; what stands lower hardly ever comes among the first ten of the fused order (docs/quality.md).
DEPTH = 50


class Question(NamedTuple):
    """What is asked of a workspace. `document_id` with `explain` tells where that document's chunks stood."""

    text: str
    limit: int = 10
    filters: Filters = Filters()
    explain: bool = False
    document_id: str | None = None


def search(question: Question, *, workspace: Workspace, index: Index, embedder: Embedder | None) -> Found:
    """The best passages of the workspace, best first; none where nothing in it has to do with the question.

    Blocks: call it from a thread. `embedder` is the workspace's own; without it, or while it does not answer, words
    alone decide and the outcome says so. The caller has made sure that the person may read the workspace.
    """
    started = time.perf_counter()
    vector = _embedded(question.text, embedder)
    embedded = time.perf_counter()
    depth = max(DEPTH, question.limit)
    rankings = _ranked(question, vector, workspace, index, depth=EXPLAIN_DEPTH if question.explain else depth)
    ranked = time.perf_counter()
    shown = _cut(rankings, depth)
    fused = fuse(shown, vector_weight=workspace.retrieval.vector_weight)
    likely, threshold = relevance(shown), threshold_of(workspace)
    items = _hits(fused[: question.limit], workspace, index) if likely >= threshold else []
    ended = time.perf_counter()
    course = Course(question.text, vector, rankings, depth, fused, question.limit, likely, threshold, question.filters)
    return Found(
        items=tuple(items),
        timings_ms=SearchTimings(
            embed=_ms(embedded - started),
            vector=_ms(rankings.vector_ms / 1e3),
            keyword=_ms(rankings.keyword_ms / 1e3),
            fuse=_ms(ended - ranked),
            total=_ms(ended - started),
        ),
        explain=explain(course, question.document_id, workspace, index) if question.explain else None,
        relevance=round(likely, 4),
        degraded=vector is None,
    )


def _embedded(text: str, embedder: Embedder | None) -> Vectors | None:
    if embedder is None:
        return None
    try:
        return embedder.embed([text], kind="query")[0]
    except Unavailable:
        return None  # told by `degraded`: an answer made of words is better than none


def _ranked(question: Question, vector: Vectors | None, workspace: Workspace, index: Index, *, depth: int) -> Rankings:
    by_words = workspace.hybrid_search or vector is None
    return index.rankings(workspace, question.text if by_words else "", vector, limit=depth, filters=question.filters)


def _cut(rankings: Rankings, depth: int) -> Rankings:
    return rankings._replace(vector=rankings.vector[:depth], keyword=rankings.keyword[:depth])


def _hits(fused: list[Fused], workspace: Workspace, index: Index) -> list[Hit]:
    """The passages themselves; one that was taken away since it was ranked is left out."""
    numbers = {entry.chunk_id: entry for entry in fused}
    found = index.hits(workspace.id, list(numbers))
    return [
        hit.model_copy(update={"score": entry.score, "scores": entry.scores, "ranks": entry.ranks})
        for hit in found
        if (entry := numbers[hit.chunk_id])
    ]


def _ms(seconds: float) -> float:
    return round(seconds * 1e3, 2)
