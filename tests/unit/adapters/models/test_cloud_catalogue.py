"""The catalogue on AWS: what is listed, what can be used, and why the rest cannot."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from tests.served.bedrock import BedrockRuntime
from tests.served.endpoint import hosted
from tests.unit.adapters.models.providers import all_of, text

from kosha.adapters.models.cloud_catalogue import CloudEmbedders, CloudModels
from kosha.adapters.models.cuttable import runtime_client
from kosha.adapters.postgres.vector_index import DIMENSIONS_LIMIT
from kosha.errors import Rejected
from kosha.wiring.aws_models import chat_models, embedders, read_catalogue, rerankers

NOTHING: dict[str, Any] = {}
NO_KEYS: dict[str, str] = {}
KEYS = {
    "OPENAI_API_KEY": "secret",
    "AZURE_OPENAI_ENDPOINT": "https://mine.openai.azure.com",
    "AZURE_OPENAI_API_KEY": "secret",
    "AZURE_OPENAI_DEPLOYMENTS": "gpt-4o-mini=my-mini",
}


@pytest.fixture
def bedrock(credentials: None) -> Iterator[BedrockRuntime]:
    with hosted(
        BedrockRuntime(answer=lambda _: iter(["25 ", "days."]), embed=lambda texts: [[1.0] for _ in texts])
    ) as it:
        yield it


def client_of(bedrock: BedrockRuntime) -> Any:
    return lambda service, **_: runtime_client(service, endpoint_url=bedrock.origin)


def no_client(service: str, **_: Any) -> Any:
    raise AssertionError(f"{service} was asked for")


def reasons(models: CloudModels) -> dict[str, str | None]:
    return {f"{info.provider}/{info.name}": info.reason for info in models.list()}


def test_listing_models_asks_nobody(credentials: None) -> None:
    assert len(chat_models(no_client, KEYS, NOTHING).list()) > 10


def test_a_model_without_its_credentials_or_endpoint_is_listed_with_the_reason(credentials: None) -> None:
    told = reasons(chat_models(no_client, NO_KEYS, NOTHING))
    assert told["bedrock/amazon.nova-lite-v1:0"] is None
    assert "OPENAI_API_KEY" in str(told["openai/gpt-4o-mini"])
    assert "AZURE_OPENAI_ENDPOINT" in str(told["azure/gpt-4o-mini"])
    assert "No SageMaker endpoint" in str(told["sagemaker/meta-llama/Llama-3.1-8B-Instruct"])


def test_with_keys_and_endpoints_the_reasons_are_gone(credentials: None) -> None:
    choice = {"sagemakerEndpoints": [{"model": "meta-llama/Llama-3.1-8B-Instruct", "endpoint": "llama"}]}
    told = reasons(chat_models(no_client, KEYS, choice))
    assert told["openai/gpt-4o-mini"] is None
    assert told["azure/gpt-4o-mini"] is None
    assert "AZURE_OPENAI_DEPLOYMENTS" in str(told["azure/gpt-4.1"])
    assert told["sagemaker/meta-llama/Llama-3.1-8B-Instruct"] is None


def test_without_aws_credentials_the_built_in_answerer_remains(
    credentials: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    models = chat_models(no_client, NO_KEYS, NOTHING)
    assert "credentials" in str(reasons(models)["bedrock/amazon.nova-lite-v1:0"])
    assert models.list()[0].name == models.get(None, None).info.name == "extractive"
    assert embedders(no_client, NO_KEYS, NOTHING).list() == []
    assert "There are no AWS credentials" in str(embedders(no_client, NO_KEYS, NOTHING).missing())


def test_the_default_model_stands_first_and_answers_those_who_name_none(bedrock: BedrockRuntime) -> None:
    choice = {"defaultModel": "bedrock/anthropic.claude-haiku-4-5-20251001-v1:0"}
    models = chat_models(client_of(bedrock), NO_KEYS, choice)
    assert models.list()[0].label == models.get(None, None).info.label == "Claude Haiku 4.5"
    assert text(asyncio.run(all_of(models.get(None, None)))) == "25 days."
    assert bedrock.requests[0].path.startswith("/model/global.anthropic.claude-haiku-4-5")
    assert "topP" not in bedrock.requests[0].body["inferenceConfig"]


def test_a_regional_profile_is_that_of_the_region(bedrock: BedrockRuntime) -> None:
    model = chat_models(client_of(bedrock), NO_KEYS, NOTHING).get("bedrock", "amazon.nova-lite-v1:0")
    asyncio.run(all_of(model))
    assert bedrock.requests[0].path.startswith("/model/eu.amazon.nova-lite")


def test_facts_and_prices_come_with_a_model(credentials: None) -> None:
    infos = {info.name: info for info in chat_models(no_client, KEYS, NOTHING).list() if info.provider == "openai"}
    assert infos["gpt-4o-mini"].price_input_per_million == 0.15
    assert infos["gpt-4o-mini"].context_tokens == 128_000


def test_models_of_a_compatible_server_are_named_in_the_settings(credentials: None) -> None:
    models = chat_models(no_client, {"OPENAI_BASE_URL": "http://vllm:8000/v1"}, {"openaiModels": ["qwen3-8b"]})
    assert models.get("openai", "qwen3-8b").info.context_tokens == 32_768


@pytest.mark.parametrize(
    ("provider", "name", "words"),
    [
        ("bedrock", "none", "Choose one of: bedrock/"),
        ("openai", "gpt-4o-mini", "cannot be used"),
        ("sagemaker", None, "cannot be used"),
    ],
)
def test_a_model_that_cannot_be_used_is_refused_with_the_reason(
    credentials: None, provider: str, name: str | None, words: str
) -> None:
    with pytest.raises(Rejected, match=words):
        chat_models(no_client, NO_KEYS, NOTHING).get(provider, name)


def test_the_embedding_models_chosen_stand_in_their_order(bedrock: BedrockRuntime) -> None:
    choice = {"embeddings": ["openai/text-embedding-3-small", "bedrock/cohere.embed-multilingual-v3"]}
    chosen = embedders(client_of(bedrock), NO_KEYS, choice)
    assert [one.name for one in chosen.list()] == ["cohere.embed-multilingual-v3"]
    assert chosen.missing() is None
    assert chosen.list()[0].embed(["a"], kind="query").shape == (1, 1024)


def test_a_workspace_keeps_its_embedding_model_after_another_was_chosen(bedrock: BedrockRuntime) -> None:
    known = embedders(client_of(bedrock), NO_KEYS, {"embeddings": ["bedrock/cohere.embed-english-v3"]})
    titan = known.get("bedrock", "amazon.titan-embed-text-v2:0")
    assert titan is not None
    assert titan.embed(["a"], kind="passage").shape == (1, 1024)
    assert known.get("bedrock", "none") is None


def test_an_embedding_model_nobody_knows_is_told(credentials: None) -> None:
    assert "no such model" in str(embedders(no_client, NO_KEYS, {"embeddings": ["bedrock/none"]}).missing())


def test_cross_encoders_are_those_with_an_endpoint(bedrock: BedrockRuntime) -> None:
    name = "cross-encoder/ms-marco-MiniLM-L-12-v2"
    none = rerankers(no_client, NO_KEYS, NOTHING)
    assert none.list() == []
    assert "RERANK_URL" in (none.missing() or "")
    keys = {"RERANK_URL": "http://rerank.example/v2/rerank", "RERANK_MODEL": "rerank-v3.5"}
    known = rerankers(client_of(bedrock), keys, {"sagemakerEndpoints": [{"model": name, "endpoint": "rerank"}]})
    assert [(one.provider, one.name) for one in known.list()] == [("sagemaker", name), ("rerank", "rerank-v3.5")]
    assert known.get("sagemaker", name) is known.list()[0]
    assert (known.get("sagemaker", "none"), known.missing()) == (None, None)


def test_every_row_of_the_catalogue_can_be_made(credentials: None) -> None:
    rows = read_catalogue()
    ids = [row["id"] for row in [*rows["chat"], *rows["embedding"]]]
    keys = KEYS | {"AZURE_OPENAI_DEPLOYMENTS": ",".join(f"{name}=x" for name in ids)}
    choice = {"sagemakerEndpoints": [{"model": name, "endpoint": "x"} for name in ids]}
    models = chat_models(runtime_client_of_nobody, keys, choice)
    assert all(models.get(info.provider, info.name).info == info for info in models.list())
    made: CloudEmbedders = embedders(runtime_client_of_nobody, keys, choice)
    assert len(made.list()) == len(rows["embedding"])


def test_an_index_holds_the_vectors_of_every_embedding_model() -> None:
    assert max(row["dimensions"] for row in read_catalogue()["embedding"]) <= DIMENSIONS_LIMIT


def runtime_client_of_nobody(service: str, **_: Any) -> Any:
    return runtime_client(service, endpoint_url="http://127.0.0.1:9")
