"""Chat models of Amazon Bedrock, through LangChain's ChatBedrockConverse (Converse and ConverseStream)."""

from collections.abc import AsyncGenerator, Iterable
from concurrent.futures import Executor
from functools import cached_property
from typing import Any

from kosha.adapters.models.aws_refusals import AWS_ERRORS, as_ours
from kosha.adapters.models.langchain_stream import Errors, Sampling, asked, from_thread, pieces
from kosha.adapters.models.messages import messages
from kosha.model.prompt import ModelInfo, Piece, Prompt

HOTTEST = 1.0  # Converse: the temperature is 0 to 1


class BedrockChatModel:
    """Fits the port ChatModel.

    client: of `bedrock-runtime`, made cuttable. threads: where calls block, one thread each.
    model_id: a model's id, or an inference profile's. guardrail: `guardrailIdentifier` and `guardrailVersion`.
    """

    def __init__(
        self,
        info: ModelInfo,
        client: Any,
        threads: Executor,
        *,
        model_id: str,
        sampling: Sampling = "both",
        guardrail: dict[str, str] | None = None,
    ) -> None:
        self.info = info
        self._client = client
        self._threads = threads
        self._model_id = model_id
        self._sampling: Sampling = sampling
        self._guardrail = guardrail

    def stream(self, prompt: Prompt) -> AsyncGenerator[Piece]:
        """The answer as it is made; closing the generator cuts the connection. Raises ModelUnavailable, Rejected."""
        chunks = from_thread(lambda: self._read(prompt), self._threads)
        return pieces(self.info, chunks, Errors(AWS_ERRORS, as_ours))

    def _read(self, prompt: Prompt) -> Iterable[Any]:
        """Blocks. LangChain is imported here, in the thread, so that others are served meanwhile."""
        told = asked(self.info, prompt.kwargs, self._sampling, hottest=HOTTEST)
        if prompt.kwargs.streaming and self.info.streaming:
            return self._model.stream(_conversation(prompt), **told)
        return [self._model.invoke(_conversation(prompt), **told)]

    @cached_property
    def _model(self) -> Any:
        from langchain_aws import ChatBedrockConverse

        return ChatBedrockConverse(
            client=self._client,
            bedrock_client=self._client,  # else it makes one of the control plane, which we never ask
            model=self._model_id,
            region_name=self._client.meta.region_name,
            guardrails=self._guardrail,
            disable_streaming=False,
        )


def _conversation(prompt: Prompt) -> list[dict[str, str]]:
    """As Converse wants it: it begins with the user, and nothing said is empty."""
    system, *said = [message for message in messages(prompt) if message["content"].strip()]
    while said[0]["role"] == "assistant":
        del said[0]
    return [system, *said]
