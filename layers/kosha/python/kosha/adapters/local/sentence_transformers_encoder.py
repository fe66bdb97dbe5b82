"""A cross-encoder of a folder on this machine, read by sentence-transformers (the extra `rerank`)."""

import threading
from collections.abc import Sequence
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from kosha.errors import Unavailable
from kosha.ports import Vectors

PROVIDER = "sentence-transformers"


class SentenceTransformersEncoder:
    """Fits the port CrossEncoder. The model is loaded by the first question, which waits for it."""

    provider = PROVIDER

    def __init__(self, folder: Path) -> None:
        self.name = folder.name
        self._folder = folder
        self._lock = threading.Lock()

    def score(self, question: str, passages: Sequence[str]) -> Vectors:
        """float32 (len(passages),): the higher, the better the passage answers. Raises Unavailable."""
        if not passages:
            return np.zeros(0, np.float32)
        pairs = [(question, passage) for passage in passages]
        with self._lock:  # torch has threads of its own
            scores: Any = self._model.predict(pairs, show_progress_bar=False)
        return np.asarray(scores, np.float32).reshape(len(passages))

    @cached_property
    def _model(self) -> Any:
        sentence_transformers: Any = import_module("sentence_transformers")  # an extra, and seconds of work
        try:
            return sentence_transformers.CrossEncoder(str(self._folder), local_files_only=True)
        except (OSError, ValueError) as error:
            raise Unavailable(f"The cross-encoder in {self._folder} cannot be loaded: {error}") from error


def why_not(folder: Path) -> str | None:
    """Why the model of a folder cannot be used; None where it can."""
    if not (folder / "config.json").is_file():
        return f"{folder} holds no model (there is no config.json); set KOSHA_CROSS_ENCODER_FOLDER to one that does."
    if find_spec("sentence_transformers") is None:
        return "sentence-transformers is not installed: pip install 'kosha[rerank]'."
    return None
