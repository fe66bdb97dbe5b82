"""Cross-encoders behind a rerank endpoint as Cohere's: Cohere, Jina, Voyage, vLLM, llama.cpp, Infinity, LiteLLM.

Source: Cohere API reference v2, "Rerank"; the others take the same fields, and differ in the names of two in the reply.
"""

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from kosha.adapters.models.posting import Posting, Sleep
from kosha.adapters.models.replies import as_object
from kosha.errors import ModelUnavailable
from kosha.model.prompt import ModelInfo
from kosha.ports import Vectors

PROVIDER = "rerank"
KEY_NAME = "KOSHA_RERANK_API_KEY"
_BATCH_TEXTS = 64


class RerankEndpoint:
    """Fits the port CrossEncoder. url: the whole address, such as https://api.cohere.com/v2/rerank."""

    provider = PROVIDER

    def __init__(self, name: str, url: str, api_key: str | None, *, sleep: Sleep = time.sleep) -> None:
        self.name = name
        self._posting = Posting(
            url,
            ModelInfo(provider=PROVIDER, name=name, label=name),
            api_key=api_key,
            key_name=KEY_NAME,
            sleep=sleep,
        )

    def score(self, question: str, passages: Sequence[str]) -> Vectors:
        """float32 (len(passages),): the higher, the better the passage answers. Raises Unavailable, Rejected."""
        batches = [passages[start : start + _BATCH_TEXTS] for start in range(0, len(passages), _BATCH_TEXTS)]
        scores = [self._scores(question, batch) for batch in batches]
        return np.concatenate(scores) if scores else np.zeros(0, np.float32)

    def _scores(self, question: str, passages: Sequence[str]) -> Vectors:
        told = self._posting.post({"model": self.name, "query": question, "documents": list(passages)})
        scores = np.full(len(passages), np.nan, np.float32)
        try:
            for row in map(as_object, _rows(told)):
                scores[_place(row["index"], len(passages))] = row.get("relevance_score", row.get("score"))
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise ModelUnavailable(f"{self.name} sent what are no scores. Try again.") from error
        if not np.isfinite(scores).all():
            scored = int(np.isfinite(scores).sum())
            raise ModelUnavailable(f"{self.name} scored {scored} of {len(passages)} passages. Try again.")
        return scores


def _rows(told: object) -> list[Any]:
    """`results` of most, `data` of Voyage."""
    reply = as_object(told)
    return reply.get("results") or reply.get("data") or []


def _place(index: Any, length: int) -> int:
    place = int(index)
    if not 0 <= place < length:
        raise IndexError(index)
    return place
