"""How well a passage answers each word of a question, by the vectors of their tokens.

Source: Khattab and Zaharia, ColBERT, SIGIR 2020; ours are of a sentence model that was not trained for it.
"""

from collections.abc import Mapping

import numpy as np

from kosha.ports import TokenVectors

_ONE = 127.0  # what stands for 1 in TokenVectors


def scores_of(question: TokenVectors, passages: Mapping[str, TokenVectors]) -> dict[str, float]:
    """The mean over the question's tokens of the best cosine to a token of the passage, -1..1, by the passages' ids.

    The tokens of the question weigh as much as their vectors are long (`Embedded`).

    A passage without tokens, or of other dimensions than the question (another model made it), has no score.
    """
    read = {
        chunk_id: tokens
        for chunk_id, tokens in passages.items()
        if len(tokens) and tokens.shape[1] == question.shape[1]
    }
    if not len(question) or not read:
        return {}
    tokens = np.concatenate(list(read.values())).astype(np.float32)
    asked = question.astype(np.float32)
    whole = np.linalg.norm(asked, axis=1).sum() * _ONE
    starts = np.cumsum([0, *map(len, read.values())])[:-1]
    best = np.maximum.reduceat(tokens @ asked.T, starts, axis=0).sum(axis=1) / max(whole, 1.0)
    return dict(zip(read, best.tolist(), strict=True))
