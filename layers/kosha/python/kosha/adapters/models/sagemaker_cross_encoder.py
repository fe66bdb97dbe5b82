"""Cross-encoders on SageMaker endpoints: models that score a passage against a question."""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from kosha.adapters.models.sagemaker_calls import invoke
from kosha.errors import ModelUnavailable
from kosha.model.record import Record
from kosha.ports import Vectors


class CrossEncoderFacts(Record):
    """A row of models.toml. batch_texts: the most passages of one call."""

    provider: str
    name: str
    label: str = ""
    window_tokens: int = 512
    batch_texts: int = 32


class SagemakerCrossEncoder:
    """Fits the port CrossEncoder. The endpoint takes `query` and `texts`, as TEI's rerank and our own script do."""

    def __init__(self, facts: CrossEncoderFacts, client: Any, *, endpoint: str) -> None:
        self.provider = facts.provider
        self.name = facts.name
        self._facts = facts
        self._client = client
        self._endpoint = endpoint

    def score(self, question: str, passages: Sequence[str]) -> Vectors:
        """float32 (len(passages),): the higher, the better the passage answers. Raises Unavailable."""
        size = self._facts.batch_texts
        batches = [passages[start : start + size] for start in range(0, len(passages), size)]
        scores = [self._scores(question, batch) for batch in batches]
        return np.concatenate(scores) if scores else np.zeros(0, np.float32)

    def _scores(self, question: str, passages: Sequence[str]) -> Vectors:
        label = self._facts.label or self.name
        told = invoke(self._client, self._endpoint, label, {"query": question, "texts": list(passages)})
        try:
            scores = np.asarray(_in_order(told), np.float32)
        except (KeyError, TypeError, ValueError) as error:
            raise ModelUnavailable(f"{label} sent what are no scores. Try again.") from error
        if scores.shape != (len(passages),):
            raise ModelUnavailable(f"{label} scored {scores.shape} of {len(passages)} passages. Try again.")
        return scores


def _in_order(told: Any) -> list[float]:
    """`{"scores": [...]}` in the order of the passages, or TEI's list of index and score, best first."""
    if isinstance(told, dict):
        return cast("dict[str, list[float]]", told)["scores"]
    ranked = cast("list[dict[str, float]]", told)
    return [float(one["score"]) for one in sorted(ranked, key=lambda one: one["index"])]
