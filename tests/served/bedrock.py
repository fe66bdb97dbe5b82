"""A served Bedrock runtime: Converse, ConverseStream, InvokeModel (Titan and Cohere embeddings) in their wire format.

Sources: Amazon Bedrock API reference (Converse, ConverseStream, InvokeModel), user guide (Titan Text Embeddings V2,
Cohere Embed v3 and v4); 2026-11. Behind it stand two functions, `answer` and `embed`.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from itertools import pairwise
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

from tests.served.answers import Answer, Embed, Refusal, echo, embed_nothing, in_thread, padded, tokens
from tests.served.endpoint import LAST_CHUNK, Endpoint, Piece, Request, chunk, whole
from tests.served.event_stream import CONTENT_TYPE, event

STREAM_HEAD = (
    f"HTTP/1.1 200 OK\r\nContent-Type: {CONTENT_TYPE}\r\nTransfer-Encoding: chunked\r\n"
    "x-amzn-RequestId: 00000000-0000-4000-8000-000000000000\r\n\r\n"
).encode()
REASONS = {400: "Bad Request", 403: "Forbidden", 404: "Not Found", 429: "Too Many Requests", 500: "Internal"}
TITAN_DIMENSIONS = (256, 512, 1024)
TITAN_LIMIT_CHARACTERS = 50_000
COHERE_LIMIT_TEXTS = 96
COHERE_LIMIT_CHARACTERS = 2048  # a text of version 3


class BedrockRuntime(Endpoint):
    """Answers as Bedrock does, with the words of `answer` and the vectors of `embed` behind it."""

    def __init__(self, answer: Answer = echo, embed: Embed = embed_nothing) -> None:
        super().__init__()
        self._answer = answer
        self._embed = embed

    async def answer(self, request: Request) -> AsyncGenerator[Piece]:
        """The reply to one call."""
        try:
            model, operation = _called(request)
            if operation == "converse-stream":
                async with aclosing(self._converse_stream(model, request.body)) as pieces:
                    async for piece in pieces:
                        yield piece
            elif operation == "converse":
                yield await self._converse(model, request.body)
            else:
                yield await asyncio.to_thread(self._invoke, model, request.body)
        except Refusal as refusal:
            yield error(refusal)

    async def _converse_stream(self, model: str, body: Any) -> AsyncGenerator[Piece]:
        prompt, limit = _prompt(model, body), _limit(body)
        yield STREAM_HEAD + chunk(event("messageStart", {"p": "abcdefg", "role": "assistant"}))
        said: list[str] = []
        async for word in in_thread(self._answer(prompt)):
            if len(said) == limit:
                break
            said.append(word)
            yield chunk(event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": word}, "p": "ab"}))
        reason = "max_tokens" if len(said) == limit else "end_turn"
        yield chunk(event("contentBlockStop", {"contentBlockIndex": 0}) + event("messageStop", {"stopReason": reason}))
        told = {"metrics": {"latencyMs": 1}, "usage": _usage(prompt, "".join(said))}
        yield chunk(event("metadata", told)) + LAST_CHUNK

    async def _converse(self, model: str, body: Any) -> bytes:
        prompt, limit = _prompt(model, body), _limit(body)
        words = await asyncio.to_thread(lambda: list(self._answer(prompt)))
        text = "".join(words[:limit])
        told = {
            "metrics": {"latencyMs": 1},
            "output": {"message": {"role": "assistant", "content": [{"text": text}]}},
            "stopReason": "max_tokens" if len(words) > limit else "end_turn",
            "usage": _usage(prompt, text),
        }
        return whole("200 OK", told)

    def _invoke(self, model: str, body: Any) -> bytes:
        if "amazon.titan-embed-text-v2" in model:
            return whole("200 OK", self._titan(body), f"X-Amzn-Bedrock-Input-Token-Count: {tokens(body['inputText'])}")
        if "cohere.embed-" in model:
            return whole("200 OK", self._cohere(body, is_v3="-v3" in model))
        raise Refusal("ResourceNotFoundException", f"Could not resolve the foundation model {model}", 404)

    def _titan(self, body: Any) -> Any:
        text, dimensions = body.get("inputText", ""), body.get("dimensions", 1024)
        if not text:
            raise _invalid("Malformed input request: expected minLength: 1, actual: 0, please reformat your input")
        if len(text) > TITAN_LIMIT_CHARACTERS:
            raise _invalid(f"Too many input tokens. Max input tokens: 8192, request input token count: {len(text)}")
        if dimensions not in TITAN_DIMENSIONS:
            raise _invalid(f"Malformed input request: #/dimensions: {dimensions} is not a valid enum value")
        vector = padded(self._embed([text])[0], dimensions)
        return {"embedding": vector, "embeddingsByType": {"float": vector}, "inputTextTokenCount": tokens(text)}

    def _cohere(self, body: Any, *, is_v3: bool) -> Any:
        texts = body["texts"]
        if len(texts) > COHERE_LIMIT_TEXTS:
            raise _invalid(f"Malformed input request: #/texts: expected maximum item count: 96, found: {len(texts)}")
        if body.get("input_type") not in {"search_document", "search_query", "classification", "clustering"}:
            raise _invalid("Malformed input request: #: required key [input_type] not found")
        if is_v3 and any(len(text) > COHERE_LIMIT_CHARACTERS for text in texts):
            raise _invalid("Malformed input request: #/texts/0: expected maxLength: 2048, please reformat your input")
        dimensions = 1024 if is_v3 else body.get("output_dimension", 1536)
        vectors = [padded(vector, dimensions) for vector in self._embed(texts)]
        told = {"id": str(uuid4()), "texts": texts}
        if "embedding_types" in body:
            return {**told, "embeddings": {"float": vectors}, "response_type": "embeddings_by_type"}
        return {**told, "embeddings": vectors, "response_type": "embeddings_floats"}


def error(refusal: Refusal) -> bytes:
    """An error as the REST protocol of AWS has it: the code in a header, the words in the body."""
    headers = [f"x-amzn-ErrorType: {refusal.code}:http://internal.amazon.com/coral/com.amazon.bedrock/"]
    if refusal.retry_after is not None:
        headers.append(f"Retry-After: {refusal.retry_after}")
    status = f"{refusal.status} {REASONS.get(refusal.status, 'Error')}"
    return whole(status, {"message": str(refusal)}, *headers)


def _called(request: Request) -> tuple[str, str]:
    """(model id, operation). Raises Refusal for a request that is not signed, or of another service."""
    if not request.headers.get("authorization", "").startswith("AWS4-HMAC-SHA256 Credential="):
        raise Refusal("MissingAuthenticationTokenException", "Missing Authentication Token", 403)
    _, _, rest = request.path.partition("/model/")
    model, _, operation = rest.rpartition("/")
    if operation not in {"converse", "converse-stream", "invoke"}:
        raise Refusal("UnknownOperationException", f"Unknown operation {request.path}", 404)
    return unquote(model), operation


def _prompt(model: str, body: Any) -> str:
    """The text of a conversation. Raises Refusal for what Converse does not take."""
    messages, inference = body["messages"], body.get("inferenceConfig", {})
    if not messages or messages[0]["role"] != "user":
        raise _invalid("A conversation must start with a user message. Try again with a conversation that starts so.")
    if any(one["role"] == other["role"] for one, other in pairwise(messages)):
        raise _invalid("A conversation must alternate between user and assistant roles.")
    if any(not block.get("text", "x").strip() for message in messages for block in message["content"]):
        raise _invalid("The text field in the ContentBlock object is blank. Add text to the text field, and try again.")
    if "claude" in model and {"temperature", "topP"} <= inference.keys():
        raise _invalid("`temperature` and `top_p` cannot both be specified for this model. Please use only one.")
    blocks = [*body.get("system", []), *(block for message in messages for block in message["content"])]
    return "\n\n".join(block["text"] for block in blocks if "text" in block)


def _limit(body: Any) -> int:
    return int(body.get("inferenceConfig", {}).get("maxTokens", 4096))


def _usage(prompt: str, said: str) -> dict[str, int]:
    given, made = tokens(prompt), tokens(said)
    return {"inputTokens": given, "outputTokens": made, "totalTokens": given + made}


def _invalid(message: str) -> Refusal:
    return Refusal("ValidationException", message)
