"""One vector of several: how a text that is longer than a model's window keeps all its parts."""

from collections.abc import Sequence

import numpy as np

from kosha.ports import Vectors


def pooled(parts: Vectors, rows: Sequence[int], weights: Sequence[float], texts: int) -> Vectors:
    """float32 (texts, dimensions): of each text the mean of its parts by weight, of unit length.

    parts: (windows, dimensions). rows: of each part, which text it belongs to; every text has one at least.
    weights: of each part, how long it is.
    """
    vectors = np.zeros((texts, parts.shape[1]), np.float32)
    np.add.at(vectors, np.asarray(rows, np.intp), parts * np.asarray(weights, np.float32)[:, None])
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.finfo(np.float32).tiny)
