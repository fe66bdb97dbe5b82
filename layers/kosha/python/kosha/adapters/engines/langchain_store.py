"""Any `VectorStore` of LangChain's as an engine: it holds the vectors, words are ranked by PostgreSQL.

The store is made by a function of the user's own, named in the setting `vector_store` as `module:function`. It is
called as `make_store(workspace_id, embedding)` and returns a store of that workspace alone, the same contents for the
same id, in every process: a store in memory serves one process only. `embedding` is to be given to the store; it knows
the vectors of what is put there, so that nothing is embedded twice.
"""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any, Protocol, cast

from kosha.adapters.engines.ranker import Entry
from kosha.errors import Rejected, Unavailable
from kosha.model.workspace import Metric, Workspace
from kosha.ports import Vectors

DIMENSIONS_LIMIT = 16_000  # of pgvector's type
_AT_ONCE = 500


class VectorStore(Protocol):
    """What of LangChain's class is needed here."""

    def add_texts(self, texts: list[str], metadatas: list[dict[str, Any]], *, ids: list[str]) -> list[str]: ...
    def delete(self, ids: list[str]) -> bool | None: ...
    def similarity_search_by_vector(self, embedding: list[float], k: int) -> list[Any]: ...


MakeStore = Callable[[str, "KnownVectors"], VectorStore]


class KnownVectors:
    """Has the methods of LangChain's `Embeddings`; gives the vectors that were made before."""

    def __init__(self) -> None:
        self._vectors = threading.local()

    def know(self, vectors: Mapping[str, Vectors]) -> None:
        """What this thread puts into the store next, by text."""
        self._vectors.by_text = vectors

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """The vectors of texts that are known."""
        return [self._vectors.by_text[text].tolist() for text in texts]

    def embed_query(self, text: str) -> list[float]:
        """The same of one."""
        return self._vectors.by_text[text].tolist()


class LangChainRanker:
    """`Ranker` over stores, one a workspace."""

    ranks_words = False

    def __init__(self, make_store: MakeStore) -> None:
        self._make_store = make_store
        self._stores: dict[str, tuple[VectorStore, KnownVectors]] = {}
        self._making = threading.Lock()

    def create(self, workspace: Workspace) -> None:
        """Make the workspace's store."""
        self._store(workspace.id)

    def drop(self, workspace_id: str, keys: Iterable[str]) -> None:
        """Empty the store; its collection too, where it has such a thing."""
        store, _ = self._store(workspace_id)
        held = list(keys)
        for start in range(0, len(held), _AT_ONCE):
            store.delete(held[start : start + _AT_ONCE])
        remove = cast("Callable[[], None] | None", getattr(store, "delete_collection", None))
        if remove:
            remove()
        self._stores.pop(workspace_id, None)

    def put(self, workspace_id: str, entries: Sequence[Entry]) -> None:
        """Add what has a vector."""
        store, embedding = self._store(workspace_id)
        held = [entry for entry in entries if entry.vector is not None]
        if held:
            # By text, as the store asks: equal texts have equal vectors, for one model made them all.
            embedding.know({entry.content: entry.vector for entry in held if entry.vector is not None})
            store.delete([entry.key for entry in held])
            texts, metadatas = [entry.content for entry in held], [{"key": entry.key} for entry in held]
            store.add_texts(texts, metadatas, ids=[entry.key for entry in held])

    def take(self, workspace_id: str, keys: Sequence[str]) -> None:
        """Delete by key."""
        self._store(workspace_id)[0].delete(list(keys))

    def nearest(self, workspace_id: str, vector: Vectors, limit: int) -> list[str]:
        """By the store's own measure of nearness."""
        found = self._store(workspace_id)[0].similarity_search_by_vector(vector.tolist(), k=limit)
        return [str(document.metadata.get("key", "")) for document in found]

    def by_words(self, workspace_id: str, words: Sequence[str], limit: int) -> list[str]:  # noqa: ARG002
        """Never: stores of vectors rank no words."""
        return []

    def supports(self, metric: Metric, dimensions: int) -> str | None:  # noqa: ARG002 # stores do not tell
        """What PostgreSQL can keep; what its store cannot do, the user's function says."""
        if dimensions <= DIMENSIONS_LIMIT:
            return None
        return f"Vectors of up to {DIMENSIONS_LIMIT} dimensions are kept, this model makes {dimensions}."

    def _store(self, workspace_id: str) -> tuple[VectorStore, KnownVectors]:
        with self._making:
            if workspace_id not in self._stores:
                embedding = KnownVectors()
                self._stores[workspace_id] = self._make_store(workspace_id, embedding), embedding
            return self._stores[workspace_id]


def maker(path: str) -> MakeStore:
    """The function that a setting names as `module:function`. Raises Rejected."""
    module, _, name = path.partition(":")
    try:
        found: Any = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise Rejected(
            f"The vector store {path!r} cannot be loaded ({error}). Name a function as module:function, where Python "
            "finds the module."
        ) from error
    return guarded(found)


def guarded(make_store: MakeStore) -> MakeStore:
    """The same; what goes wrong while a store is made is told as such."""

    def make(workspace_id: str, embedding: KnownVectors) -> VectorStore:
        try:
            return make_store(workspace_id, embedding)
        except (OSError, ImportError, ValueError, TypeError) as error:
            raise Unavailable(f"The vector store could not be made: {error}") from error

    return make
