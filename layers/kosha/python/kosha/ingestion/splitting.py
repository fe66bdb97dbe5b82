"""Cuts sections as their workspace wants it, for the embedding model it has."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from kosha.ingestion.semantic import LIMIT_SENTENCES, Subjects
from kosha.ingestion.split import SplitOptions, split
from kosha.model.section import Chunk, Section
from kosha.model.workspace import Workspace
from kosha.ports import Embedder, Vectors

_WITHOUT_MODEL = {
    "token": ("recursive", "Cut by characters, not by tokens: there is no embedding model to count them."),
    "semantic": ("sentence", "Cut between sentences, not by meaning: there is no embedding model to compare them."),
}
_TOO_LONG = (
    f"Cut by meaning for its first {LIMIT_SENTENCES:,} sentences, after that at paragraphs. "
    "Split the document if all of it matters, or choose another way to cut."
)


class Cutter:
    """Makes chunks of one document; `warnings` are complete once all were taken.

    check: called before each call of the embedder; may raise to stop.
    """

    def __init__(
        self, workspace: Workspace, embedder: Embedder | None, *, check: Callable[[], None] = lambda: None
    ) -> None:
        self._embedder = embedder
        self._check = check
        self._options = _options(workspace, embedder)
        self._subjects = Subjects(self._embedded, percentile=self._options.breakpoint_percentile)
        self._fallback: str | None = None
        if embedder is None and self._options.strategy in _WITHOUT_MODEL:
            strategy, self._fallback = _WITHOUT_MODEL[self._options.strategy]
            self._options = replace(self._options, strategy=strategy)

    def chunks(self, sections: Iterable[Section]) -> Iterator[Chunk]:
        """None longer than the embedder reads at once. Raises Invalid for choices that cannot be kept, Unavailable."""
        return split(sections, self._options, self._embedder.tokens if self._embedder else None, self._subjects)

    @property
    def warnings(self) -> list[str]:
        """Sentences for the person who brought the document, where it was not cut as its workspace wants."""
        return [*([self._fallback] if self._fallback else []), *([_TOO_LONG] if self._subjects.is_over_limit else [])]

    def _embedded(self, texts: Sequence[str]) -> Vectors:
        assert self._embedder is not None, "without a model nothing is cut by meaning"
        self._check()
        return self._embedder.embed(texts, kind="passage")


def _options(workspace: Workspace, embedder: Embedder | None) -> SplitOptions:
    """What the workspace leaves open has the splitter's default."""
    chosen = workspace.chunk_options.model_dump(exclude_none=True) if workspace.chunk_options else {}
    return SplitOptions(
        strategy=workspace.chunking_strategy,
        chunk_size=workspace.chunk_size,
        chunk_overlap=workspace.chunk_overlap,
        window_tokens=embedder.window_tokens if embedder else None,
        **chosen,
    )
