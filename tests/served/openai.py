"""A served OpenAI: chat completions as server-sent events, and embeddings; as Azure has it, under deployments.

Source: OpenAI API reference, "Create chat completion" and "Create embeddings"; Azure OpenAI reference, 2024-10-21.
"""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from tests.served.answers import Answer, Embed, Refusal, echo, embed_nothing, in_thread, padded, tokens
from tests.served.endpoint import DONE, LAST_CHUNK, STREAM_HEAD, Endpoint, Piece, Request, chunk, delta, usage, whole

DIMENSIONS = 1536


class OpenAi(Endpoint):
    """Answers as OpenAI does, with the words of `answer` and the vectors of `embed` behind it."""

    def __init__(self, answer: Answer = echo, embed: Embed = embed_nothing) -> None:
        super().__init__()
        self._answer = answer
        self._embed = embed

    async def answer(self, request: Request) -> AsyncGenerator[Piece]:
        """The reply to one call."""
        if not (request.headers.get("authorization", "").startswith("Bearer ") or request.headers.get("api-key")):
            yield error(Refusal("invalid_api_key", "Incorrect API key provided", 401))
        elif "/embeddings" in request.path:
            yield await asyncio.to_thread(self._embeddings, request.body)
        elif request.body.get("stream"):
            async for piece in self._stream(request.body):
                yield piece
        else:
            yield await asyncio.to_thread(self._whole, request.body)

    async def _stream(self, body: Any) -> AsyncGenerator[Piece]:
        prompt, limit = _prompt(body), _limit(body)
        yield STREAM_HEAD
        said: list[str] = []
        async for word in in_thread(self._answer(prompt)):
            if len(said) == limit:
                break
            said.append(word)
            yield chunk(delta(word))
        yield chunk(delta(finish_reason="length" if len(said) == limit else "stop"))
        if body.get("stream_options", {}).get("include_usage"):
            yield chunk(usage(tokens(prompt), tokens("".join(said))))
        yield chunk(DONE) + LAST_CHUNK

    def _whole(self, body: Any) -> bytes:
        prompt = _prompt(body)
        text = "".join(self._answer(prompt))
        message = {"role": "assistant", "content": text}
        told = {"prompt_tokens": tokens(prompt), "completion_tokens": tokens(text), "total_tokens": 0}
        choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
        return whole("200 OK", {"id": "1", "object": "chat.completion", "choices": choices, "usage": told})

    def _embeddings(self, body: Any) -> bytes:
        vectors = self._embed(body["input"])
        rows = [
            {"object": "embedding", "index": index, "embedding": padded(vector, body.get("dimensions", DIMENSIONS))}
            for index, vector in enumerate(vectors)
        ]
        return whole("200 OK", {"object": "list", "data": rows[::-1], "model": body["model"], "usage": {}})


def error(refusal: Refusal) -> bytes:
    """An error in OpenAI's words."""
    headers = [] if refusal.retry_after is None else [f"Retry-After: {refusal.retry_after}"]
    body = {"error": {"message": str(refusal), "type": "invalid_request_error", "param": None, "code": refusal.code}}
    return whole(f"{refusal.status} Error", body, *headers)


def _prompt(body: Any) -> str:
    return "\n\n".join(message["content"] for message in body["messages"])


def _limit(body: Any) -> int:
    return int(body.get("max_completion_tokens") or body.get("max_tokens") or 4096)
