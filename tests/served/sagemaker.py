"""A served SageMaker runtime: endpoints with chat containers, embedding models and cross-encoders behind them.

Sources: SageMaker API reference (InvokeEndpoint, InvokeEndpointWithResponseStream); the containers' payloads are those
of TGI (messages API), JumpStart (text generation, embeddings), TEI, and Kosha's own inference scripts.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Any

from tests.served.answers import Answer, Embed, Refusal, echo, embed_nothing, in_thread, tokens
from tests.served.endpoint import DONE, LAST_CHUNK, Endpoint, Piece, Request, chunk, delta, event, usage, whole
from tests.served.event_stream import CONTENT_TYPE, blob

Score = Callable[[str, Sequence[str]], Sequence[float]]
STREAM_HEAD = (
    f"HTTP/1.1 200 OK\r\nContent-Type: {CONTENT_TYPE}\r\nTransfer-Encoding: chunked\r\n"
    "x-Amzn-Invoked-Production-Variant: AllTraffic\r\nX-Amzn-SageMaker-Content-Type: text/event-stream\r\n\r\n"
).encode()


def score_nothing(_: str, passages: Sequence[str]) -> list[float]:
    """All alike."""
    return [0.0] * len(passages)


class SagemakerRuntime(Endpoint):
    """Answers as SageMaker does, whatever the endpoint's name, by what it is sent."""

    def __init__(self, answer: Answer = echo, embed: Embed = embed_nothing, score: Score = score_nothing) -> None:
        super().__init__()
        self._answer = answer
        self._embed = embed
        self._score = score

    async def answer(self, request: Request) -> AsyncGenerator[Piece]:
        """The reply to one call."""
        if not request.headers.get("authorization", "").startswith("AWS4-HMAC-SHA256 Credential="):
            yield error(Refusal("MissingAuthenticationTokenException", "Missing Authentication Token", 403))
        elif request.path.endswith("/invocations-response-stream"):
            async with aclosing(self._stream(request.body)) as pieces:
                async for piece in pieces:
                    yield piece
        else:
            yield await asyncio.to_thread(self._whole, request.body)

    async def _stream(self, body: Any) -> AsyncGenerator[Piece]:
        speaks = _messages_api if "messages" in body else _jumpstart
        prompt, limit = _prompt(body), _limit(body)
        yield STREAM_HEAD
        said: list[str] = []
        async for word in in_thread(self._answer(prompt)):
            if len(said) == limit:
                break
            said.append(word)
            yield part(speaks(word))
        yield part(speaks(None, len(said) == limit, tokens(prompt), tokens("".join(said)), "".join(said)))
        yield LAST_CHUNK

    def _whole(self, body: Any) -> bytes:
        if "text_inputs" in body:
            return whole("200 OK", {"embedding": self._embed(body["text_inputs"])})
        if "query" in body:
            scores = self._score(body["query"], body["texts"])
            ranked = sorted(enumerate(scores), key=lambda one: -one[1])
            return whole("200 OK", [{"index": index, "score": score} for index, score in ranked])
        if "kind" in body:
            return whole("200 OK", {"embeddings": self._embed(body["inputs"])})
        if isinstance(body.get("inputs"), list):
            return whole("200 OK", json.dumps(self._embed(body["inputs"])).encode())
        text = "".join(self._answer(_prompt(body)))
        if "messages" not in body:
            return whole("200 OK", [{"generated_text": text, "details": {"finish_reason": "eos_token"}}])
        message = {"role": "assistant", "content": text}
        told = {"prompt_tokens": tokens(_prompt(body)), "completion_tokens": tokens(text)}
        return whole("200 OK", {"choices": [{"message": message, "finish_reason": "stop"}], "usage": told})


def part(payload: bytes) -> bytes:
    """A part of what the container sends, in the frame that SageMaker puts around it."""
    return chunk(blob("PayloadPart", payload))


def error(refusal: Refusal) -> bytes:
    """An error of SageMaker itself."""
    headers = [f"x-amzn-ErrorType: {refusal.code}"]
    if refusal.retry_after is not None:
        headers.append(f"Retry-After: {refusal.retry_after}")
    return whole(f"{refusal.status} Error", {"message": str(refusal)}, *headers)


def model_error(status: int, message: str) -> bytes:
    """An error of the container, which SageMaker hands on."""
    body = {
        "ErrorCode": "CLIENT_ERROR_FROM_MODEL" if status < 500 else "INTERNAL_SERVER_EXCEPTION_FROM_MODEL",
        "LogStreamArn": "",
        "Message": f'Received client error ({status}) from primary with message "{message}".',
        "OriginalMessage": message,
        "OriginalStatusCode": status,
    }
    return whole("424 Failed Dependency", body, "x-amzn-ErrorType: ModelError")


def _messages_api(word: str | None, is_cut: bool = False, given: int = 0, made: int = 0, _: str = "") -> bytes:
    if word is not None:
        return delta(word)
    return delta(finish_reason="length" if is_cut else "stop") + usage(given, made) + DONE


def _jumpstart(word: str | None, is_cut: bool = False, _: int = 0, made: int = 0, text: str = "") -> bytes:
    if word is not None:
        token = {"id": 1, "text": word, "logprob": -0.1, "special": False}
        return event({"index": 1, "token": token, "generated_text": None, "details": None})
    details = {"finish_reason": "length" if is_cut else "eos_token", "generated_tokens": made, "seed": None}
    token = {"id": 2, "text": "</s>", "logprob": -0.1, "special": True}
    return event({"index": 2, "token": token, "generated_text": text, "details": details})


def _prompt(body: Any) -> str:
    said = body.get("messages")
    return "\n\n".join(message["content"] for message in said) if said else body["inputs"]


def _limit(body: Any) -> int:
    return int(body.get("max_tokens") or body.get("parameters", {}).get("max_new_tokens") or 4096)
