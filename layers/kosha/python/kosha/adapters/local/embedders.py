"""The embedding models of one machine: MiniLM where its weights are found, else the reason why there is none."""

from kosha.ports import Embedder


class LocalEmbedders:
    """Fits the port Embedders."""

    def __init__(self, minilm: Embedder | None, missing: str | None) -> None:
        self._minilm = minilm
        self._missing = missing

    def list(self) -> list[Embedder]:
        """Those that can be used now."""
        return [self._minilm] if self._minilm is not None else []

    def get(self, provider: str, name: str) -> Embedder | None:
        """None where it is another model, or its weights are missing."""
        return next((one for one in self.list() if (one.provider, one.name) == (provider, name)), None)

    def missing(self) -> str | None:
        """Why there is none, and what would bring one."""
        return self._missing
