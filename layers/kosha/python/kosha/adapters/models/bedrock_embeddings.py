"""Embedding models of Amazon Bedrock: Titan Text Embeddings V2, Cohere Embed 3 and 4.

Plain boto3, for the functions that embed a question carry no LangChain.
"""

import json
from collections.abc import Sequence
from typing import Any

from kosha.adapters.models.aws_refusals import AWS_ERRORS, as_ours
from kosha.adapters.models.embedding import EmbeddingFacts, RemoteEmbedder, rows
from kosha.adapters.models.replies import as_object
from kosha.ports import Kind, Vectors

_INPUT_TYPES: dict[Kind, str] = {"query": "search_query", "passage": "search_document"}


def titan_embedder(facts: EmbeddingFacts, client: Any, *, model_id: str | None = None) -> RemoteEmbedder:
    """Titan V2, which takes one text a call and treats questions and passages alike."""

    def embed(texts: Sequence[str], _: Kind) -> Vectors:
        asked = [{"inputText": text, "dimensions": facts.dimensions, "normalize": True} for text in texts]
        return rows([_invoke(client, facts, body, model_id).get("embedding") for body in asked])

    return RemoteEmbedder(facts, embed)


def cohere_embedder(facts: EmbeddingFacts, client: Any, *, model_id: str | None = None) -> RemoteEmbedder:
    """Cohere Embed, which is told what a text is for; without `truncate` it would cut long texts in silence."""
    is_v3 = "-v3" in facts.name

    def embed(texts: Sequence[str], kind: Kind) -> Vectors:
        body: dict[str, Any] = {"texts": list(texts), "input_type": _INPUT_TYPES[kind], "truncate": "NONE"}
        body |= {"embedding_types": ["float"]}
        if not is_v3:
            body["output_dimension"] = facts.dimensions
        told = _invoke(client, facts, body, model_id).get("embeddings")
        return rows(as_object(told).get("float", told))

    return RemoteEmbedder(facts, embed)


def _invoke(client: Any, facts: EmbeddingFacts, body: dict[str, Any], model_id: str | None) -> dict[str, Any]:
    try:
        reply = client.invoke_model(
            modelId=model_id or facts.name,
            body=json.dumps(body),
            contentType="application/json",
            accept="application/json",
        )
        return as_object(json.loads(reply["body"].read()))
    except AWS_ERRORS as error:
        raise as_ours(facts.label or facts.name, error) from error
