"""A cross-encoder in a SageMaker container: `{"query", "texts"}` to a score a text, the higher the better it answers.

The container of Hugging Face (and the toolkit of PyTorch's) calls the four functions below by their names. The folder
of the model is a snapshot of its repository: config, weights in safetensors, tokenizer.
"""

import json
import os
from typing import Any, NamedTuple

import torch
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

BATCH_TEXTS = int(os.environ.get("KOSHA_BATCH_TEXTS", "32"))
LIMIT_TEXTS = 512
JSON = "application/json"


class Model(NamedTuple):
    """What `model_fn` loads and `predict_fn` uses."""

    classifier: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    window_tokens: int


def model_fn(model_dir: str, *_: Any) -> Model:
    """The model of a folder, on the GPU where there is one. Raises ValueError for one that gives no single score."""
    tokenizer = AutoTokenizer.from_pretrained(model_dir, local_files_only=True)
    classifier = AutoModelForSequenceClassification.from_pretrained(model_dir, local_files_only=True).float()
    if classifier.config.num_labels != 1:
        raise ValueError(f"The model has {classifier.config.num_labels} labels: a cross-encoder has one, its score.")
    device = "cuda" if torch.cuda.is_available() else "cpu"
    window = min(tokenizer.model_max_length, classifier.config.max_position_embeddings)
    return Model(classifier.eval().to(device), tokenizer, window)


def input_fn(body: bytes | str, content_type: str = JSON, *_: Any) -> dict[str, Any]:
    """`{"query": text, "texts": [text, ...]}`. Raises ValueError, which the container tells as a 400."""
    if content_type.split(";")[0].strip() != JSON:
        raise ValueError(f"Content-Type {content_type!r}: allowed is {JSON}.")
    told = json.loads(body)
    query, texts = told.get("query"), told.get("texts")
    if not isinstance(query, str):
        raise ValueError("query must be a text.")
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise ValueError("texts must be a list of one text or more.")
    if len(texts) > LIMIT_TEXTS:
        raise ValueError(f"texts has {len(texts)} texts: allowed are {LIMIT_TEXTS}.")
    return {"query": query, "texts": texts}


def predict_fn(asked: dict[str, Any], model: Model, *_: Any) -> list[float]:
    """The model's own scores (logits) in the order of the texts; where both are too long, the text is cut."""
    query, texts = asked["query"], asked["texts"]
    order = sorted(range(len(texts)), key=lambda row: len(texts[row]))  # alike in length: little padding
    scores = [0.0] * len(texts)
    for start in range(0, len(order), BATCH_TEXTS):
        rows = order[start : start + BATCH_TEXTS]
        for row, score in zip(rows, _score(query, [texts[row] for row in rows], model), strict=True):
            scores[row] = score
    return scores


def output_fn(scores: list[float], accept: str = JSON, *_: Any) -> tuple[str, str]:
    """`{"scores": [float, ...]}`."""
    del accept  # there is one shape
    return json.dumps({"scores": scores}), JSON


@torch.inference_mode()
def _score(query: str, texts: list[str], model: Model) -> list[float]:
    encoded = model.tokenizer(
        [query] * len(texts),
        texts,
        padding=True,
        truncation="longest_first",
        max_length=model.window_tokens,
        return_tensors="pt",
    ).to(model.classifier.device)
    return model.classifier(**encoded).logits[:, 0].float().cpu().tolist()
