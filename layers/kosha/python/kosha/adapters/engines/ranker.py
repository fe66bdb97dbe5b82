"""What an engine beside PostgreSQL has to do: hold entries by key, and name the ones most like a question."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from kosha.model.workspace import Metric, Workspace
from kosha.ports import Vectors


class Entry(NamedTuple):
    """A chunk as an engine holds it. words: its stems, each as often as it occurs, with a space between."""

    key: str
    content: str
    words: str
    vector: Vectors | None


class Ranker(Protocol):
    """An engine. What it names is looked up in PostgreSQL, so what it holds too much of is found by nobody."""

    ranks_words: bool

    def create(self, workspace: Workspace) -> None:
        """Make room for a workspace; nothing happens where it is made. Raises Unavailable, Rejected."""
        ...

    def drop(self, workspace_id: str, keys: Iterable[str]) -> None:
        """Remove a workspace, which holds these; nothing happens where it is gone."""
        ...

    def put(self, workspace_id: str, entries: Sequence[Entry]) -> None:
        """Hold entries; one of a key that is there takes its place. Searches after it find them."""
        ...

    def take(self, workspace_id: str, keys: Sequence[str]) -> None:
        """Hold them no more; keys that are not there change nothing."""
        ...

    def nearest(self, workspace_id: str, vector: Vectors, limit: int) -> list[str]:
        """Keys of the entries nearest to a vector, best first; fewer than `limit` only where there are no more."""
        ...

    def by_words(self, workspace_id: str, words: Sequence[str], limit: int) -> list[str]:
        """Keys of the entries with most of the words, the rare ones weighing more, as `nearest`."""
        ...

    def supports(self, metric: Metric, dimensions: int) -> str | None:
        """Why it cannot hold such vectors; None where it can."""
        ...
