"""An embedding model in a SageMaker container: `{"inputs", "kind"}` to vectors of unit length.

The container of Hugging Face (and the toolkit of PyTorch's) calls the four functions below by their names. The folder
of the model is a snapshot of its repository: config, weights in safetensors, tokenizer.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from transformers import AutoModel, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

BATCH_TEXTS = int(os.environ.get("KOSHA_BATCH_TEXTS", "32"))
LIMIT_TEXTS = 512
JSON = "application/json"
KINDS = ("query", "passage")


class Family(NamedTuple):
    """How a family of models was trained: what stands before a text, and where its vector is read."""

    query: str = ""
    passage: str = ""
    pooling: str = "mean"


# The first whose mark is in the model's name counts. Sources: the models' cards on the Hub, 2026-11.
FAMILIES = {
    "e5-mistral": None,  # its prefix is a task's instruction, its pooling the last token's: refused below
    "multilingual-e5-large-instruct": None,
    "e5": Family("query: ", "passage: "),
    "bge-m3": Family(pooling="first"),
    "bge-small-en": Family("Represent this sentence for searching relevant passages: ", pooling="first"),
    "bge-base-en": Family("Represent this sentence for searching relevant passages: ", pooling="first"),
    "bge-large-en": Family("Represent this sentence for searching relevant passages: ", pooling="first"),
    "nomic-embed-text": Family("search_query: ", "search_document: "),
    "minilm": Family(),
    "mpnet": Family(),
    "gte": Family(),
}


class Model(NamedTuple):
    """What `model_fn` loads and `predict_fn` uses."""

    encoder: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    family: Family
    window_tokens: int


def model_fn(model_dir: str, *_: Any) -> Model:
    """The model of a folder, on the GPU where there is one. Raises ValueError for a family that is not known."""
    folder = Path(model_dir)
    name = os.environ.get("KOSHA_MODEL") or _told(folder / "config.json", "_name_or_path") or folder.name
    family = family_of(name)
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    encoder = AutoModel.from_pretrained(folder, local_files_only=True).float()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return Model(encoder.eval().to(device), tokenizer, family, _window(folder, tokenizer, encoder))


def input_fn(body: bytes | str, content_type: str = JSON, *_: Any) -> dict[str, Any]:
    """`{"inputs": [text, ...], "kind": "query" | "passage"}`. Raises ValueError, which the container tells as a 400."""
    if content_type.split(";")[0].strip() != JSON:
        raise ValueError(f"Content-Type {content_type!r}: allowed is {JSON}.")
    told = json.loads(body)
    texts, kind = told.get("inputs"), told.get("kind", "passage")
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise ValueError("inputs must be a list of one text or more.")
    if len(texts) > LIMIT_TEXTS:
        raise ValueError(f"inputs has {len(texts)} texts: allowed are {LIMIT_TEXTS}.")
    if kind not in KINDS:
        raise ValueError(f"kind = {kind!r}: allowed are {' and '.join(KINDS)}.")
    return {"inputs": texts, "kind": kind}


def predict_fn(asked: dict[str, Any], model: Model, *_: Any) -> list[list[float]]:
    """A row of unit length a text, in the order given; a text longer than the window is cut by the tokenizer."""
    prefix = model.family.query if asked["kind"] == "query" else model.family.passage
    texts = [prefix + text for text in asked["inputs"]]
    order = sorted(range(len(texts)), key=lambda row: len(texts[row]))  # alike in length: little padding
    vectors: list[list[float]] = [[]] * len(texts)
    for start in range(0, len(order), BATCH_TEXTS):
        rows = order[start : start + BATCH_TEXTS]
        for row, vector in zip(rows, _embed([texts[row] for row in rows], model), strict=True):
            vectors[row] = vector
    return vectors


def output_fn(vectors: list[list[float]], accept: str = JSON, *_: Any) -> tuple[str, str]:
    """`{"embeddings": [[float, ...], ...]}`."""
    del accept  # there is one shape
    return json.dumps({"embeddings": vectors}), JSON


def family_of(name: str) -> Family:
    """How a model is used, by its name. Raises ValueError for one whose prefixes and pooling are not known."""
    mark = next((mark for mark in FAMILIES if mark in name.lower()), None)
    family = FAMILIES.get(mark or "")
    if family is None:
        known = ", ".join(mark for mark, family in FAMILIES.items() if family)
        raise ValueError(f"model {name!r}: no prefixes and pooling are known for it; known families are {known}.")
    return family


@torch.inference_mode()
def _embed(texts: Sequence[str], model: Model) -> list[list[float]]:
    encoded = model.tokenizer(
        list(texts), padding=True, truncation=True, max_length=model.window_tokens, return_tensors="pt"
    ).to(model.encoder.device)
    states = model.encoder(**encoded).last_hidden_state
    pooled = states[:, 0] if model.family.pooling == "first" else _mean(states, encoded["attention_mask"])
    return torch.nn.functional.normalize(pooled.float(), dim=1).cpu().tolist()


def _mean(states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Over the tokens of each text; padding does not count."""
    weights = mask.unsqueeze(-1).to(states.dtype)
    return (states * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1)


def _window(folder: Path, tokenizer: PreTrainedTokenizerBase, encoder: PreTrainedModel) -> int:
    """What the model was tuned on where the snapshot says so (sentence-transformers), else what it can take."""
    tuned = _told(folder / "sentence_bert_config.json", "max_seq_length")
    limits = (tuned, tokenizer.model_max_length, getattr(encoder.config, "max_position_embeddings", None))
    return min(int(limit) for limit in limits if limit)


def _told(file: Path, key: str) -> Any:
    return json.loads(file.read_text(encoding="utf-8")).get(key) if file.is_file() else None
