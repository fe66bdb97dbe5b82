"""Embedding models of OpenAI and of servers compatible with it, over plain HTTP: no SDK, no LangChain."""

import time
from collections.abc import Sequence
from typing import Any

from kosha.adapters.models.embedding import EmbeddingFacts, RemoteEmbedder, rows
from kosha.adapters.models.openai_chat import OpenAiAccess
from kosha.adapters.models.posting import Posting, Sleep
from kosha.adapters.models.replies import as_object
from kosha.model.prompt import ModelInfo
from kosha.ports import Kind, Vectors


def openai_embedder(facts: EmbeddingFacts, access: OpenAiAccess, *, sleep: Sleep = time.sleep) -> RemoteEmbedder:
    """A model that takes arrays of texts. Its vectors are cut to `facts.dimensions` by the provider."""
    posting = Posting(
        f"{access.base_url.rstrip('/')}/embeddings",
        ModelInfo(provider=facts.provider, name=facts.name, label=facts.label or facts.name),
        api_key=access.api_key,
        calls_at_once=facts.calls_at_once,
        sleep=sleep,
    )

    def embed(texts: Sequence[str], _: Kind) -> Vectors:
        body: dict[str, Any] = {"model": facts.name, "input": list(texts), "encoding_format": "float"}
        if facts.name.startswith("text-embedding-3"):  # older ones, and other servers, refuse the field
            body["dimensions"] = facts.dimensions
        listed: list[dict[str, Any]] = as_object(posting.post(body)).get("data") or []
        return rows([row.get("embedding") for row in sorted(listed, key=lambda row: row.get("index", 0))])

    return RemoteEmbedder(facts, embed)
