"""Cuts sections as their workspace wants it, for the embedding model it has."""

from collections.abc import Iterable, Iterator

from kosha.ingestion.split import SplitOptions, split
from kosha.model.section import Chunk, Section
from kosha.model.workspace import Workspace
from kosha.ports import Embedder


def cut(sections: Iterable[Section], workspace: Workspace, embedder: Embedder | None) -> Iterator[Chunk]:
    """The chunks, none longer than the embedder reads at once. Raises Invalid for choices that cannot be kept."""
    return split(sections, _options(workspace, embedder), embedder.tokens if embedder else None)


def _options(workspace: Workspace, embedder: Embedder | None) -> SplitOptions:
    """What the workspace leaves open has the splitter's default. Without a model nobody counts tokens."""
    countable = embedder is not None or workspace.chunking_strategy != "token"
    defaults, chosen = SplitOptions(), workspace.chunk_options
    return SplitOptions(
        strategy=workspace.chunking_strategy if countable else defaults.strategy,
        chunk_size=workspace.chunk_size,
        chunk_overlap=workspace.chunk_overlap,
        parent_size=(chosen and chosen.parent_size) or defaults.parent_size,
        child_size=(chosen and chosen.child_size) or defaults.child_size,
        window_tokens=embedder.window_tokens if embedder else None,
    )
