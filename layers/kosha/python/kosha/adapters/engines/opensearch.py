"""OpenSearch as an engine: its k-NN index names the nearest, its BM25 those with the words. One index a workspace."""

import json
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from kosha.adapters.engines.opensearch_http import OpenSearchHttp
from kosha.adapters.engines.ranker import Entry
from kosha.errors import Unavailable
from kosha.model.workspace import Metric, Workspace
from kosha.ports import Vectors

DIMENSIONS_LIMIT = 16_000
_SPACES: dict[Metric, str] = {"cosine": "cosinesimil", "l2": "l2", "inner": "innerproduct"}
# Of the same shape as our own HNSW. Lucene keeps the graph with the index, so that a snapshot has it.
_METHOD = {"name": "hnsw", "engine": "lucene", "parameters": {"m": 16, "ef_construction": 128}}


class OpenSearchRanker:
    """`Ranker` over one cluster. Words come as stems, so that no analysis of its own is asked of the cluster."""

    ranks_words = True

    def __init__(self, http: OpenSearchHttp, *, prefix: str = "kosha") -> None:
        self._http, self._prefix = http, prefix

    def create(self, workspace: Workspace) -> None:
        """Make the workspace's index."""
        properties: dict[str, Any] = {"words": {"type": "text", "analyzer": "whitespace", "index_options": "freqs"}}
        dimensions = workspace.embeddings_model_dimensions
        if dimensions:
            method = {**_METHOD, "space_type": _SPACES[workspace.metric]}
            properties["vector"] = {"type": "knn_vector", "dimension": dimensions, "method": method}
        body = {"settings": {"index": {"knn": True}}, "mappings": {"dynamic": False, "properties": properties}}
        reply = self._http.call("PUT", f"/{self._name(workspace.id)}", body, accepts=(400,))
        reason = reply.get("error", {})
        if reason and reason.get("type") != "resource_already_exists_exception":
            raise Unavailable(f"OpenSearch did not make the index: {str(reason)[:300]}")

    def drop(self, workspace_id: str, keys: Iterable[str]) -> None:  # noqa: ARG002 # the index goes whole
        """Remove the workspace's index."""
        self._http.call("DELETE", f"/{self._name(workspace_id)}", accepts=(404,))

    def put(self, workspace_id: str, entries: Sequence[Entry]) -> None:
        """Index entries, seen by the next search."""
        lines: list[dict[str, Any]] = []
        for entry in entries:
            held: dict[str, Any] = {"words": entry.words}
            if entry.vector is not None:
                held["vector"] = entry.vector.tolist()
            lines += [{"index": {"_id": entry.key}}, held]
        self._bulk(workspace_id, lines)

    def take(self, workspace_id: str, keys: Sequence[str]) -> None:
        """Delete by key."""
        self._bulk(workspace_id, [{"delete": {"_id": key}} for key in keys])

    def nearest(self, workspace_id: str, vector: Vectors, limit: int) -> list[str]:
        """By its k-NN index."""
        return self._search(workspace_id, {"knn": {"vector": {"vector": vector.tolist(), "k": limit}}}, limit)

    def by_words(self, workspace_id: str, words: Sequence[str], limit: int) -> list[str]:
        """By its BM25."""
        if not words:
            return []
        return self._search(workspace_id, {"bool": {"should": [{"term": {"words": word}} for word in words]}}, limit)

    def supports(self, metric: Metric, dimensions: int) -> str | None:  # noqa: ARG002 # every metric has the same limit
        """Vectors up to 16,000 dimensions, by any metric."""
        if dimensions <= DIMENSIONS_LIMIT:
            return None
        return f"OpenSearch holds vectors of up to {DIMENSIONS_LIMIT} dimensions, this model makes {dimensions}."

    def _search(self, workspace_id: str, query: dict[str, Any], limit: int) -> list[str]:
        # The same idf on every shard, or a chunk's place would depend on where it happens to be.
        path = f"/{self._name(workspace_id)}/_search?search_type=dfs_query_then_fetch"
        reply = self._http.call("POST", path, {"size": limit, "_source": False, "query": query}, accepts=(404,))
        return [hit["_id"] for hit in reply.get("hits", {}).get("hits", [])]

    def _bulk(self, workspace_id: str, lines: Sequence[dict[str, Any]]) -> None:
        """Raises Unavailable where an entry was not taken: an import is tried again."""
        if not lines:
            return
        body = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
        reply = self._http.call("POST", f"/{self._name(workspace_id)}/_bulk?refresh=true", body, accepts=(404,))
        for item in reply.get("items", []):
            [outcome] = item.values()
            if outcome["status"] >= 300 and outcome["status"] != 404:
                raise Unavailable(f"OpenSearch did not take an entry: {str(outcome.get('error'))[:300]}")

    def _name(self, workspace_id: str) -> str:
        return f"{self._prefix}-{UUID(workspace_id).hex}"
