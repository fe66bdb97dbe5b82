"""A served Bedrock with Kosha's own models behind it: MiniLM embeds, the extractive answerer answers.

`python -m tests.served.kosha_models --port 8900 --cache DIR` for a deployment whose stage asks a served Bedrock.
MiniLM's 384 dimensions get zeros after them, which changes no cosine.
"""

import argparse
import asyncio
import re
import signal
from collections.abc import AsyncGenerator, Iterator, Sequence
from pathlib import Path
from threading import Event

from tests.served.answers import Answer, Embed
from tests.served.bedrock import BedrockRuntime
from tests.served.endpoint import hosted

from kosha.adapters.local.minilm import MiniLmEmbedder
from kosha.adapters.local.weights import NoWeights, find_weights
from kosha.adapters.models.extractive import ExtractiveChatModel
from kosha.model.chunk import Hit
from kosha.model.prompt import ModelKwargs, Piece, Prompt
from kosha.ports import Embedder
from kosha.sentences import sentences

_PASSAGE = re.compile(r'<passage number="(\d+)" title="([^"]*)">\n(.*?)\n</passage>', re.DOTALL)
_QUESTION = "Question: "


def local_bedrock(cache: Path) -> BedrockRuntime:
    """Bedrock's API over the models of one machine. Raises FileNotFoundError without MiniLM's weights."""
    weights = find_weights(folder=None, cache=cache, may_download=False)
    if isinstance(weights, NoWeights):
        raise FileNotFoundError(weights.reason)
    embedder = MiniLmEmbedder(weights, cache=cache)
    return BedrockRuntime(answer=extractive(embedder), embed=embedding(embedder))


def embedding(embedder: Embedder) -> Embed:
    """Vectors of an embedder of ours."""

    def embed(texts: Sequence[str]) -> list[list[float]]:
        return [[float(number) for number in vector] for vector in embedder.embed(texts, kind="passage")]

    return embed


def extractive(embedder: Embedder | None) -> Answer:
    """The extractive answerer, which finds passages and question in the prompt's text."""
    model = ExtractiveChatModel(lambda: embedder, sentences)

    def answer(text: str) -> Iterator[str]:
        loop, pieces = asyncio.new_event_loop(), model.stream(prompt_in(text))
        try:
            while (piece := loop.run_until_complete(_next(pieces))) is not None:
                yield piece.text
        finally:
            loop.run_until_complete(pieces.aclose())
            loop.close()

    return answer


def prompt_in(text: str) -> Prompt:
    """The prompt that a text was made of, as far as it tells."""
    found = _PASSAGE.findall(text)
    passages = tuple(
        Hit(chunk_id=number, document_id=number, document_type="file", title=title, path="", content=content)
        for number, title, content in found
    )
    question = text.rpartition(_QUESTION)[2] if found else text.rpartition("\n\n")[2]
    return Prompt(system="", question=question, passages=passages, kwargs=ModelKwargs(max_tokens=32_768))


async def _next(pieces: AsyncGenerator[Piece]) -> Piece | None:
    async for piece in pieces:
        if piece.text:
            return piece
    return None


def main() -> None:
    """Serve until told to stop."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--port", type=int, default=0)
    asked.add_argument("--cache", type=Path, required=True, help="a folder for MiniLM's small graph")
    told = asked.parse_args()
    stopped = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with hosted(local_bedrock(told.cache), told.port) as bedrock:
        print(bedrock.origin, flush=True)
        stopped.wait()


if __name__ == "__main__":
    main()
