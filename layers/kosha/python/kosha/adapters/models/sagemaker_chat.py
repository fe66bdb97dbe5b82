"""Chat models on SageMaker endpoints, through LangChain's ChatSagemakerEndpoint."""

from collections.abc import AsyncGenerator, Iterable
from concurrent.futures import Executor
from functools import partial
from typing import Any

from kosha.adapters.models import sagemaker_wire as wire
from kosha.adapters.models.aws_refusals import AWS_ERRORS, as_ours
from kosha.adapters.models.langchain_stream import Errors, Sampling, asked, from_thread, pieces
from kosha.adapters.models.messages import messages
from kosha.model.prompt import ModelInfo, Piece, Prompt


class SagemakerChatModel:
    """Fits the port ChatModel.

    client: of `sagemaker-runtime`, made cuttable. threads: where calls block, one thread each.
    payload: what the endpoint's container speaks; a JumpStart one gets one text, marked by `template`.
    """

    def __init__(
        self,
        info: ModelInfo,
        client: Any,
        threads: Executor,
        *,
        endpoint: str,
        payload: wire.Payload = "messages",
        template: str = "plain",
        sampling: Sampling = "both",
    ) -> None:
        self.info = info
        self._client = client
        self._threads = threads
        self._endpoint = endpoint
        self._payload: wire.Payload = payload
        self._template = template
        self._sampling: Sampling = sampling

    def stream(self, prompt: Prompt) -> AsyncGenerator[Piece]:
        """The answer as it is made; closing the generator cuts the connection. Raises ModelUnavailable, Rejected."""
        chunks = from_thread(lambda: self._read(prompt), self._threads)
        return pieces(self.info, chunks, Errors(AWS_ERRORS, as_ours))

    def _read(self, prompt: Prompt) -> Iterable[Any]:
        """Blocks. LangChain is imported here, in the thread, so that others are served meanwhile."""
        streams = prompt.kwargs.streaming and self.info.streaming
        told = asked(self.info, prompt.kwargs, self._sampling)
        model = self._model(streams=streams)
        return model.stream(messages(prompt), **told) if streams else [model.invoke(messages(prompt), **told)]

    def _model(self, *, streams: bool) -> Any:
        from langchain_aws.chat_models.sagemaker_endpoint import ChatSagemakerEndpoint

        kind: Any = ChatSagemakerEndpoint
        return kind(
            client=self._client,
            endpoint_name=self._endpoint,
            content_handler=_handler(self.info, self._payload, self._template, streams=streams),
        )


def _handler(info: ModelInfo, payload: wire.Payload, template: str, *, streams: bool) -> Any:
    """Between LangChain's messages and the container's bytes."""
    from langchain_aws.chat_models.sagemaker_endpoint import ChatModelContentHandler
    from langchain_core.messages import AIMessageChunk

    read = partial(wire.line if streams else wire.whole, payload, info)
    base: Any = ChatModelContentHandler

    class Handler(base):
        content_type = "application/json"
        accepts = "application/json"

        def transform_input(self, prompt: list[dict[str, Any]], model_kwargs: dict[str, Any]) -> bytes:
            return wire.body(payload, template, prompt, model_kwargs, streams=streams)

        def transform_output(self, output: Any) -> Any:
            piece = read(output if streams else output.read())
            usage = piece.usage
            # LangChain drops chunks whose content is empty, and with them the reason of the end: so a list.
            is_something = piece.text or piece.stop_reason or usage
            content: list[str | dict[Any, Any]] = [{"type": "text", "text": piece.text}] if is_something else []
            return AIMessageChunk(
                content=content,
                response_metadata={"finish_reason": piece.stop_reason} if piece.stop_reason else {},
                usage_metadata={
                    "input_tokens": usage.input_tokens,
                    "output_tokens": usage.output_tokens,
                    "total_tokens": usage.input_tokens + usage.output_tokens,
                }
                if usage
                else None,
            )

    return Handler()
