"""The models of an installation on AWS: what models.toml knows, with what the installation has access to.

A model without its credentials or its endpoint stays listed, with the reason. Nothing is asked of any provider to list
models, and nothing of LangChain is imported before a question.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from fnmatch import fnmatch
from functools import cached_property
from typing import Any

from kosha.adapters.models.azure_chat import azure_chat_model
from kosha.adapters.models.bedrock_chat import BedrockChatModel
from kosha.adapters.models.bedrock_embeddings import cohere_embedder, titan_embedder
from kosha.adapters.models.cloud_access import CloudAccess
from kosha.adapters.models.cuttable import CALLS_AT_ONCE
from kosha.adapters.models.embedding import EmbeddingFacts
from kosha.adapters.models.langchain_stream import Sampling
from kosha.adapters.models.openai_chat import openai_chat_model
from kosha.adapters.models.openai_embeddings import openai_embedder
from kosha.adapters.models.sagemaker_chat import SagemakerChatModel
from kosha.adapters.models.sagemaker_cross_encoder import CrossEncoderFacts, SagemakerCrossEncoder
from kosha.adapters.models.sagemaker_embeddings import sagemaker_embedder
from kosha.adapters.models.sagemaker_wire import Payload
from kosha.errors import Rejected
from kosha.model.prompt import ModelInfo
from kosha.model.record import Record
from kosha.ports import ChatModel, CrossEncoder, Embedder

Row = dict[str, Any]


class ChatRow(Record):
    """What a row of [[chat]] says besides the fields of ModelInfo."""

    provider: str
    id: str
    sampling: Sampling = "both"
    profile: str | None = None
    payload: Payload = "messages"
    template: str = "plain"


class CloudModels:
    """Fits the port ChatModels.

    rows: [[chat]]; facts: [[model]]. default: "provider/id" of the model for those who name none; else the first that
    can be used. built_in: one that needs nothing, for installations that have no other.
    """

    def __init__(
        self,
        rows: Sequence[Row],
        facts: Sequence[Row],
        access: CloudAccess,
        *,
        default: str | None = None,
        built_in: ChatModel | None = None,
    ) -> None:
        self._access = access
        self._built_in = built_in
        self._rows = {(row["provider"], row["id"]): row for row in rows}
        self._infos = {key: _info(row, facts, access) for key, row in self._rows.items()}
        self._default = default
        self._models: dict[tuple[str, str], ChatModel] = {}

    def list(self) -> list[ModelInfo]:
        """Every model known, the default one first, those that cannot be used last, with the reason."""
        infos = [*self._infos.values(), *([self._built_in.info] if self._built_in else [])]
        default = self._default_key()
        return sorted(infos, key=lambda info: (not info.available, (info.provider, info.name) != default))

    def get(self, provider: str | None, name: str | None) -> ChatModel:
        """The model named, or the default one. Raises Rejected for one that is unknown or cannot be used."""
        key = self._default_key() if provider is None and name is None else self._find(provider, name)
        if self._built_in and key == (self._built_in.info.provider, self._built_in.info.name):
            return self._built_in
        if key not in self._infos:
            known = ", ".join(f"{info.provider}/{info.name}" for info in self.list() if info.available)
            words = f"Choose one of: {known}." if known else "No model can be used yet; ask an administrator."
            raise Rejected(f"No model {name!r} of provider {provider!r} is known here. {words}")
        info = self._infos[key]
        if not info.available:
            raise Rejected(f"{info.label} cannot be used: {info.reason}")
        if key not in self._models:  # two threads may both make it; either will do
            self._models[key] = self._make(info, ChatRow.model_validate(_of(ChatRow, self._rows[key])))
        return self._models[key]

    def _default_key(self) -> tuple[str, str] | None:
        if self._default:
            provider, _, name = self._default.partition("/")
            return (provider, name)
        usable = (key for key, info in self._infos.items() if info.available)
        return next(usable, (self._built_in.info.provider, self._built_in.info.name) if self._built_in else None)

    def _find(self, provider: str | None, name: str | None) -> tuple[str, str] | None:
        return next(
            (
                (info.provider, info.name)
                for info in self.list()
                if provider in (None, info.provider) and name in (None, info.name)
            ),
            None,
        )

    def _make(self, info: ModelInfo, row: ChatRow) -> ChatModel:
        return _CHAT[row.provider](info, row, self._access, self._threads)

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(CALLS_AT_ONCE, thread_name_prefix="chat-models")


class CloudEmbedders:
    """Fits the port Embedders.

    rows: [[embedding]]. chosen: "provider/id" of those to use, the default one first; none means every one at hand.
    """

    def __init__(self, rows: Sequence[Row], access: CloudAccess, *, chosen: Sequence[str] = ()) -> None:
        self._access = access
        self._rows = {f"{row['provider']}/{row['id']}": row for row in rows}
        self._names = list(chosen or self._rows)
        self._embedders: dict[str, Embedder] = {}

    def list(self) -> list[Embedder]:
        """Those that can be used now, the default one first."""
        return [self._embedder(name) for name in self._names if self._why_not(name) is None]

    def get(self, provider: str, name: str) -> Embedder | None:
        """None where it is not in the catalogue, or its credentials or its endpoint are missing."""
        key = f"{provider}/{name}"
        return self._embedder(key) if self._why_not(key) is None else None

    def missing(self) -> str | None:
        """Why there is none, and what would bring one; None where there is."""
        reasons = [self._why_not(name) for name in self._names]
        if None in reasons:
            return None
        told = " ".join(dict.fromkeys(f"{name}: {reason}" for name, reason in zip(self._names, reasons, strict=True)))
        return told or "The catalogue has no embedding model."

    def _why_not(self, name: str) -> str | None:
        row = self._rows.get(name)
        if row is None:
            return f"The catalogue has no such model. Choose of: {', '.join(self._rows)}."
        return self._access.why_not(row["provider"], row["id"])

    def _embedder(self, name: str) -> Embedder:
        if name not in self._embedders:
            row = self._rows[name]
            facts = EmbeddingFacts.model_validate({**_of(EmbeddingFacts, row), "name": row["id"]})
            self._embedders[name] = _EMBEDDERS[row["provider"]](facts, row, self._access)
        return self._embedders[name]


def cross_encoders(rows: Sequence[Row], access: CloudAccess) -> list[CrossEncoder]:
    """The cross-encoders of [[cross_encoder]] that have an endpoint."""
    return [
        SagemakerCrossEncoder(
            CrossEncoderFacts.model_validate({**_of(CrossEncoderFacts, row), "name": row["id"]}),
            access.client("sagemaker-runtime"),
            endpoint=access.endpoints[row["id"]],
        )
        for row in rows
        if access.why_not(row["provider"], row["id"]) is None
    ]


def _info(row: Row, facts: Sequence[Row], access: CloudAccess) -> ModelInfo:
    nothing: Row = {}
    known = next((fact for fact in facts if fnmatch(row["id"], fact["match"])), nothing)
    reason = access.why_not(row["provider"], row["id"])
    told = {"name": row["id"], "available": reason is None, "reason": reason}
    return ModelInfo.model_validate({**_of(ModelInfo, known), **_of(ModelInfo, row), **told})


def _of(kind: type[Record], row: Row) -> Row:
    """The fields of a row that this kind has."""
    return {name: value for name, value in row.items() if name in kind.model_fields}


def _bedrock_chat(info: ModelInfo, row: ChatRow, access: CloudAccess, threads: Executor) -> ChatModel:
    return BedrockChatModel(
        info,
        access.client("bedrock-runtime"),
        threads,
        model_id=access.bedrock_id(row.id, row.profile),
        sampling=row.sampling,
        guardrail=access.guardrail,
    )


def _sagemaker_chat(info: ModelInfo, row: ChatRow, access: CloudAccess, threads: Executor) -> ChatModel:
    return SagemakerChatModel(
        info,
        access.client("sagemaker-runtime"),
        threads,
        endpoint=access.endpoints[row.id],
        payload=row.payload,
        template=row.template,
        sampling=row.sampling,
    )


def _openai_chat(info: ModelInfo, row: ChatRow, access: CloudAccess, _: Executor) -> ChatModel:
    assert access.openai is not None  # else it is not available
    return openai_chat_model(info, access.openai, model_id=row.id, sampling=row.sampling)


def _azure_chat(info: ModelInfo, row: ChatRow, access: CloudAccess, _: Executor) -> ChatModel:
    assert access.azure is not None  # else it is not available
    return azure_chat_model(info, access.azure, model_id=row.id, sampling=row.sampling)


def _bedrock_embedder(facts: EmbeddingFacts, row: Row, access: CloudAccess) -> Embedder:
    make = cohere_embedder if facts.name.startswith("cohere.") else titan_embedder
    model_id = access.bedrock_id(facts.name, row.get("profile"))
    return make(facts, access.client("bedrock-runtime"), model_id=model_id)


def _openai_embedder(facts: EmbeddingFacts, _: Row, access: CloudAccess) -> Embedder:
    assert access.openai is not None  # else it is not available
    return openai_embedder(facts, access.openai)


def _sagemaker_embedder(facts: EmbeddingFacts, _: Row, access: CloudAccess) -> Embedder:
    return sagemaker_embedder(facts, access.client("sagemaker-runtime"), endpoint=access.endpoints[facts.name])


_CHAT: dict[str, Callable[[ModelInfo, ChatRow, CloudAccess, Executor], ChatModel]] = {
    "bedrock": _bedrock_chat,
    "openai": _openai_chat,
    "azure": _azure_chat,
    "sagemaker": _sagemaker_chat,
}
_EMBEDDERS: dict[str, Callable[[EmbeddingFacts, Row, CloudAccess], Embedder]] = {
    "bedrock": _bedrock_embedder,
    "openai": _openai_embedder,
    "sagemaker": _sagemaker_embedder,
}
