"""The few dimensions in which a word of one text is told from a word of another.

token_projection.npy holds the first principal components of MiniLM's last-layer vectors of single tokens, about the
origin because cosines are; `python -m bench.retrieval.fit_projection` made it (docs/quality.md says of which texts).
"""

from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

TOKEN_DIMENSIONS = 32


def read_projection() -> NDArray[np.float32]:
    """(384, TOKEN_DIMENSIONS), columns of unit length."""
    with (files("kosha.adapters.local") / "token_projection.npy").open("rb") as file:
        return np.load(file).astype(np.float32)
