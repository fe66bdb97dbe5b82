"""The models of a deployment on AWS: the catalogue in models.toml, with the keys and endpoints that the stacks gave."""

import tomllib
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any

from kosha.adapters.models.azure_chat import API_VERSION, AzureAccess
from kosha.adapters.models.cloud_access import CloudAccess, why_no_aws
from kosha.adapters.models.cloud_catalogue import CloudEmbedders, CloudModels, cross_encoders
from kosha.adapters.models.cross_encoders import KnownCrossEncoders
from kosha.adapters.models.cuttable import CALLS_AT_ONCE, SILENT_SECONDS, cuttable
from kosha.adapters.models.extractive import ExtractiveChatModel
from kosha.adapters.models.openai_chat import OPENAI_URL, OpenAiAccess
from kosha.adapters.models.rerank_endpoint import RerankEndpoint
from kosha.sentences import sentences

MakeClient = Callable[..., Any]  # (service, **config) to a client of boto3
Rows = list[dict[str, Any]]


def chat_models(client: MakeClient, keys: Mapping[str, str], choice: Mapping[str, Any]) -> CloudModels:
    """Chat models.

    keys: OPENAI_API_KEY, OPENAI_BASE_URL, AZURE_OPENAI_ENDPOINT, AZURE_OPENAI_API_KEY, AZURE_OPENAI_API_VERSION and
    AZURE_OPENAI_DEPLOYMENTS ("model=deployment,..."). choice: `defaultModel` ("provider/id"), `openaiModels` (ids of a
    compatible server), `sagemakerEndpoints` ([{"model", "endpoint"}]), `guardrail`.
    """
    catalogue = read_catalogue()
    more = [{"provider": "openai", "id": name, "label": name} for name in choice.get("openaiModels", ())]
    return CloudModels(
        [*catalogue["chat"], *more],
        catalogue["model"],
        access(client, keys, choice),
        default=choice.get("defaultModel"),
        built_in=ExtractiveChatModel(lambda: None, sentences),
    )


def embedders(client: MakeClient, keys: Mapping[str, str], choice: Mapping[str, Any]) -> CloudEmbedders:
    """Embedding models: those of `choice["embeddings"]`, ["provider/id"], the default one first; else all at hand."""
    chosen = choice.get("embeddings", ())
    return CloudEmbedders(read_catalogue()["embedding"], access(client, keys, choice), chosen=chosen)


def rerankers(client: MakeClient, keys: Mapping[str, str], choice: Mapping[str, Any]) -> KnownCrossEncoders:
    """Cross-encoders that have an endpoint. keys: RERANK_URL, RERANK_MODEL, RERANK_API_KEY."""
    known = cross_encoders(read_catalogue()["cross_encoder"], access(client, keys, choice))
    if keys.get("RERANK_URL") and keys.get("RERANK_MODEL"):
        known.append(RerankEndpoint(keys["RERANK_MODEL"], keys["RERANK_URL"], keys.get("RERANK_API_KEY")))
    missing = "Deploy one to SageMaker, or put RERANK_URL and RERANK_MODEL into the secret of provider keys."
    return KnownCrossEncoders(known, missing)


def read_catalogue() -> dict[str, Rows]:
    """models.toml."""
    return tomllib.loads((files("kosha.wiring") / "models.toml").read_text(encoding="utf-8"))


def access(client: MakeClient, keys: Mapping[str, str], choice: Mapping[str, Any]) -> CloudAccess:
    """What the deployment may use."""
    region, no_aws = why_no_aws()
    made: dict[str, Any] = {}

    def runtime(service: str) -> Any:
        if service not in made:
            config = {"read_timeout": SILENT_SECONDS, "max_pool_connections": CALLS_AT_ONCE}
            made[service] = cuttable(client(service, **config))
        return made[service]

    return CloudAccess(
        client=runtime,
        region=region,
        no_aws=no_aws,
        openai=_openai(keys),
        azure=_azure(keys),
        endpoints={one["model"]: one["endpoint"] for one in choice.get("sagemakerEndpoints", ())},
        guardrail=choice.get("guardrail"),
    )


def _openai(keys: Mapping[str, str]) -> OpenAiAccess | None:
    """A server of one's own may want no key."""
    key, url = keys.get("OPENAI_API_KEY"), keys.get("OPENAI_BASE_URL")
    return OpenAiAccess(key or "none", url or OPENAI_URL) if key or url else None


def _azure(keys: Mapping[str, str]) -> AzureAccess | None:
    endpoint, key = keys.get("AZURE_OPENAI_ENDPOINT"), keys.get("AZURE_OPENAI_API_KEY")
    if not endpoint or not key:
        return None
    pairs = (pair.partition("=") for pair in keys.get("AZURE_OPENAI_DEPLOYMENTS", "").split(",") if "=" in pair)
    deployments = {model.strip(): name.strip() for model, _, name in pairs}
    return AzureAccess(endpoint, key, deployments, keys.get("AZURE_OPENAI_API_VERSION", API_VERSION))
