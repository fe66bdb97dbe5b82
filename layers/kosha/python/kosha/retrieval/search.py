"""Search: a question to passages, with what every stage did."""

import time
from typing import NamedTuple

from kosha.errors import Unavailable
from kosha.model.chunk import Hit
from kosha.model.search import Filters, Found, Rankings, SearchTimings
from kosha.model.workspace import Workspace
from kosha.ports import CrossEncoder, Embedder, Index, TokenEmbedder, TokenVectors, Vectors
from kosha.retrieval.explain import EXPLAIN_DEPTH, Course, explain
from kosha.retrieval.fuse import Fused, fuse, tempered
from kosha.retrieval.relevance import relevance, threshold_of
from kosha.retrieval.rerank import Reader, ReadTogether, Reranked, WordByWord, rerank
from kosha.retrieval.route import is_identifier

# Of each ranking; what stands lower hardly ever comes among the first ten of the fused order (docs/quality.md).
DEPTH = 50


class Question(NamedTuple):
    """What is asked of a workspace. `document_id` with `explain` tells where that document's chunks stood."""

    text: str
    limit: int = 10
    filters: Filters = Filters()
    explain: bool = False
    document_id: str | None = None


class _Asked(NamedTuple):
    """What the embedder makes of the question; None where it does not answer, or makes no token vectors."""

    vector: Vectors | None = None
    tokens: TokenVectors | None = None
    fluency: float = 1.0


def search(
    question: Question,
    *,
    workspace: Workspace,
    index: Index,
    embedder: Embedder | None,
    cross_encoder: CrossEncoder | None = None,
) -> Found:
    """The best passages of the workspace, best first; none where nothing in it has to do with the question.

    Blocks: call it from a thread. `embedder` is the workspace's own; without it, or while it does not answer, words
    alone decide and the outcome says so. `cross_encoder` is the workspace's, where it has one that is at hand. The
    caller has made sure that the person may read the workspace.
    """
    started = time.perf_counter()
    asked = _embedded(question.text, embedder)
    embedded = time.perf_counter()
    depth = max(DEPTH, question.limit)
    rankings = _ranked(question, asked.vector, workspace, index, depth=EXPLAIN_DEPTH if question.explain else depth)
    ranked = time.perf_counter()
    shown = _cut(rankings, depth)
    vector_weight = tempered(workspace.retrieval.vector_weight, asked.fluency)
    fused = fuse(shown, vector_weight=vector_weight)
    likely = relevance(shown, by_words=is_identifier(question.text))
    threshold = threshold_of(workspace)
    merged = time.perf_counter()
    is_refused = likely < threshold
    reranked = _reread(fused, is_refused, _readers(question.text, asked, cross_encoder, workspace, index))
    read = time.perf_counter()
    items = [] if is_refused else _hits(reranked.order[: question.limit], workspace, index)
    ended = time.perf_counter()
    course = Course(
        query=question.text,
        vector=asked.vector,
        rankings=rankings,
        depth=depth,
        vector_weight=vector_weight,
        fused=fused,
        reranked=reranked,
        limit=question.limit,
        relevance=likely,
        threshold=threshold,
        filters=question.filters,
    )
    return Found(
        items=tuple(items),
        timings_ms=SearchTimings(
            embed=_ms(embedded - started),
            vector=_ms(rankings.vector_ms / 1e3),
            keyword=_ms(rankings.keyword_ms / 1e3),
            fuse=_ms(merged - ranked + ended - read),
            rerank=_ms(read - merged),
            total=_ms(ended - started),
        ),
        explain=explain(course, question.document_id, workspace, index) if question.explain else None,
        relevance=round(likely, 4),
        degraded=asked.vector is None,
    )


def _embedded(text: str, embedder: Embedder | None) -> _Asked:
    if embedder is None:
        return _Asked()
    try:
        if isinstance(embedder, TokenEmbedder):
            made = embedder.embed_tokens([text], kind="query")
            return _Asked(made.vectors[0], made.token_vectors[0], made.fluency[0])
        return _Asked(embedder.embed([text], kind="query")[0])
    except Unavailable:
        return _Asked()  # told by `degraded`: an answer made of words is better than none


def _readers(
    text: str, asked: _Asked, cross_encoder: CrossEncoder | None, workspace: Workspace, index: Index
) -> list[Reader]:
    """What can and may read the candidates again, the best first."""
    readers: list[Reader] = []
    if workspace.retrieval.rerank and cross_encoder is not None:
        readers.append(ReadTogether(text, cross_encoder, index, workspace.id))
    if workspace.retrieval.rerank and asked.tokens is not None:
        readers.append(WordByWord(asked.tokens, index, workspace.id, fluency=asked.fluency))
    return readers


def _reread(fused: list[Fused], is_refused: bool, readers: list[Reader]) -> Reranked:
    if is_refused:
        return Reranked(fused, 0, "left out: nothing is relevant enough")
    return rerank(fused, readers)


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
