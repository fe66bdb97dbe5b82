"""Chat models of Azure OpenAI, through LangChain: a deployment is asked, not a model."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from kosha.adapters.models.langchain_stream import Sampling
from kosha.adapters.models.openai_chat import LangChainChatModel, common
from kosha.model.prompt import ModelInfo

API_VERSION = "2024-10-21"  # the newest that is no preview and counts the tokens of a stream


class AzureAccess(NamedTuple):
    """A resource of Azure OpenAI, its key, and under which names its models are deployed: {model: deployment}."""

    endpoint: str
    api_key: str
    deployments: Mapping[str, str]
    api_version: str = API_VERSION


def azure_chat_model(
    info: ModelInfo, access: AzureAccess, *, model_id: str, sampling: Sampling = "both"
) -> LangChainChatModel:
    """The deployment of a model."""

    def make(client: Any) -> Any:
        from langchain_openai import AzureChatOpenAI

        kind: Any = AzureChatOpenAI
        return kind(
            azure_endpoint=access.endpoint,
            azure_deployment=access.deployments[model_id],
            api_version=access.api_version,
            api_key=access.api_key,
            model=model_id,
            **common(client),
        )

    return LangChainChatModel(info, make, key_name="AZURE_OPENAI_API_KEY", sampling=sampling)
