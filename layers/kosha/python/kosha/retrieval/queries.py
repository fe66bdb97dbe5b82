"""One question, several searches: their hits are one list, each wording with its weight."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kosha.model.chunk import Hit
from kosha.model.search import Filters, Found, SearchTimings
from kosha.model.workspace import Workspace
from kosha.ports import CrossEncoder, Embedder, Index, Ports
from kosha.retrieval.follow_up import Query
from kosha.retrieval.relevance import threshold_of
from kosha.retrieval.search import DEPTH, Question, search
from kosha.retrieval.two_stage import within_documents

_ANYTHING = Filters()


@dataclass(frozen=True)
class Place:
    """Where is searched: a workspace, its index, and its models where they are at hand."""

    workspace: Workspace
    index: Index
    embedder: Embedder | None
    cross_encoder: CrossEncoder | None = None

    def weighing_vectors(self, weight: float) -> "Place":
        """The same place, searched with another weight of the vectors."""
        return replace(self, workspace=_with(self.workspace, vector_weight=weight))


def place_of(workspace: Workspace, ports: Ports) -> Place:
    """Raises Rejected for an engine that is not here."""
    embedder = ports.embedders.get(workspace.embeddings_model_provider, workspace.embeddings_model_name)
    provider, name = workspace.cross_encoder_model_provider, workspace.cross_encoder_model_name
    cross_encoder = ports.cross_encoders.get(provider, name) if provider and name else None
    return Place(workspace, ports.index(workspace.engine), embedder, cross_encoder)


def find(queries: Sequence[Query], place: Place, *, limit: int, filters: Filters = _ANYTHING) -> Found:
    """The best passages for all the queries together, best first; none where the workspace has nothing on any of them.

    queries: at least one of them judged. A passage scores the mean of its scores for the queries by their weights, 0
    where a query did not find it. Blocks: call it from a thread.
    """
    if len(queries) == 1:
        return ask(Question(queries[0].text, limit=limit, filters=filters), place)
    depth = max(DEPTH, limit)
    open_place = replace(place, workspace=_with(place.workspace, threshold=0.0))
    founds = [ask(Question(query.text, limit=depth, filters=filters), open_place) for query in queries]
    relevance = max(found.relevance for query, found in zip(queries, founds, strict=True) if query.judged)
    hits = _fused(queries, founds)[:limit] if relevance >= threshold_of(place.workspace) else ()
    return Found(
        items=hits,
        timings_ms=_summed([found.timings_ms for found in founds]),
        relevance=relevance,
        degraded=any(found.degraded for found in founds),
    )


def ask(question: Question, place: Place) -> Found:
    """One search, within the documents that a workspace of many chooses first."""
    narrowed = within_documents(question, place.workspace, place.index, place.embedder)
    return search(
        narrowed,
        workspace=place.workspace,
        index=place.index,
        embedder=place.embedder,
        cross_encoder=place.cross_encoder,
    )


def _fused(queries: Sequence[Query], founds: Sequence[Found]) -> tuple[Hit, ...]:
    whole = sum(query.weight for query in queries)
    totals: dict[str, float] = {}
    hits: dict[str, Hit] = {}
    for query, found in zip(queries, founds, strict=True):
        for hit in found.items:
            totals[hit.chunk_id] = totals.get(hit.chunk_id, 0.0) + query.weight * hit.score / whole
            hits.setdefault(hit.chunk_id, hit)
    ordered = sorted(totals, key=lambda chunk_id: (-totals[chunk_id], chunk_id))
    return tuple(hits[chunk_id].model_copy(update={"score": totals[chunk_id]}) for chunk_id in ordered)


def _summed(timings: Sequence[SearchTimings]) -> SearchTimings:
    names = SearchTimings.model_fields
    return SearchTimings(**{name: round(sum(getattr(one, name) for one in timings), 2) for name in names})


def _with(workspace: Workspace, **options: float) -> Workspace:
    return workspace.model_copy(update={"retrieval": workspace.retrieval.model_copy(update=options)})
