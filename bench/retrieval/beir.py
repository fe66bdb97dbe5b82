"""Collections in BEIR's layout: texts, questions, and which texts answer which question."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

# What the folder's name ends in, else English.
_LANGUAGES = {"de": "de", "es": "es", "zh": "zh", "fr": "fr", "it": "it"}


@dataclass(frozen=True)
class Collection:
    """texts: (title, text) by chunk id. kinds: of a question, where its collection tells kinds apart."""

    name: str
    language: str
    texts: Mapping[str, tuple[str, str]]
    questions: Mapping[str, str]
    kinds: Mapping[str, str]
    relevant: Mapping[str, frozenset[str]]


def read(folder: Path, *, split: str, limit: int | None) -> Collection:
    """limit: questions at most, spread evenly over those that the split judges."""
    texts = {
        _chunk_id(folder.name, entry["_id"]): (entry["title"] or "", entry["text"])
        for entry in _lines(folder / "corpus.jsonl")
    }
    relevant: dict[str, set[str]] = {}
    for line in (folder / "qrels" / f"{split}.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        question, text, grade = line.split("\t")
        if int(grade) > 0:
            relevant.setdefault(question, set()).add(_chunk_id(folder.name, text))
    asked = [entry for entry in _lines(folder / "queries.jsonl") if entry["_id"] in relevant]
    if limit and len(asked) > limit:
        asked = [asked[place * len(asked) // limit] for place in range(limit)]
    return Collection(
        folder.name,
        _LANGUAGES.get(folder.name.rsplit("-", 1)[-1], "en"),
        texts,
        {entry["_id"]: entry["text"] for entry in asked},
        {entry["_id"]: kind for entry in asked if (kind := (entry.get("metadata") or {}).get("type"))},
        {question: frozenset(ids) for question, ids in relevant.items()},
    )


def embedded_text(title: str, text: str) -> str:
    """What the vector of a text is made of."""
    return f"{title}\n{text}".strip()


def _chunk_id(collection: str, text_id: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"{collection}/{text_id}"))


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
