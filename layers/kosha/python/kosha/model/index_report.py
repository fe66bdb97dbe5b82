"""How well the index of a workspace finds what an exact search finds."""

from typing import Literal

from kosha.model.record import Record


class IndexReport(Record):
    """Recall@10 of the index against the exact order, measured now; 1 where searches are exact.

    index_ms, exact_ms: the median of a search either way. parameters: of the index. outdated: so much came or went
    since it was built that it will be built anew. reason: why searches are exact.
    """

    kind: Literal["exact", "hnsw", "other"]
    chunks: int
    questions: int = 0
    recall_at_10: float = 1.0
    index_ms: float = 0.0
    exact_ms: float = 0.0
    size_in_bytes: int = 0
    parameters: dict[str, str | int | float] = {}
    outdated: bool = False
    reason: str | None = None
