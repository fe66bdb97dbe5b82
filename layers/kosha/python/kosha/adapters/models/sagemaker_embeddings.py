"""Embedding models on SageMaker endpoints: our own inference script, TEI, and JumpStart's containers."""

from collections.abc import Sequence
from typing import Any

from kosha.adapters.models.embedding import EmbeddingFacts, RemoteEmbedder, rows
from kosha.adapters.models.replies import as_object
from kosha.adapters.models.sagemaker_calls import invoke
from kosha.ports import Kind, Vectors


def sagemaker_embedder(facts: EmbeddingFacts, client: Any, *, endpoint: str) -> RemoteEmbedder:
    """The model of an endpoint. `facts.payload`: "kosha" (the default), "tei" or "jumpstart"."""

    def embed(texts: Sequence[str], kind: Kind) -> Vectors:
        told = invoke(client, endpoint, facts.label or facts.name, _body(facts.payload, texts, kind))
        named = as_object(told)
        return rows(named.get("embeddings") or named.get("embedding") or told)

    return RemoteEmbedder(facts, embed)


def _body(payload: str, texts: Sequence[str], kind: Kind) -> dict[str, Any]:
    if payload == "jumpstart":
        return {"text_inputs": list(texts), "mode": "embedding"}
    if payload == "tei":
        return {"inputs": list(texts), "truncate": False}
    return {"inputs": list(texts), "kind": kind}  # the script knows which prefix its model wants
