"""What stands behind the served Bedrock: MiniLM for embeddings, the extractive answerer for answers."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from tests.served.bedrock import BedrockRuntime
from tests.served.endpoint import hosted

from kosha.adapters.local.minilm import MiniLmEmbedder
from kosha.adapters.local.weights import NoWeights, find_weights
from kosha.adapters.models.extractive import ExtractiveChatModel
from kosha.model.chunk import Hit
from kosha.model.prompt import Prompt
from kosha.sentences import sentences

PASSAGE = re.compile(r'<passage number="\d+" title="([^"]*)">\n(.*?)\n</passage>', re.DOTALL)
QUESTION = "\n\nQuestion: "


def bedrock(cache: Path) -> AbstractContextManager[BedrockRuntime]:
    """A served Bedrock on a free port, in the real wire format. Raises RuntimeError without MiniLM's weights."""
    weights = find_weights(folder=None, cache=cache, may_download=False)
    if isinstance(weights, NoWeights):
        raise RuntimeError(weights.reason)
    embedder = MiniLmEmbedder(weights, cache=cache)
    model = ExtractiveChatModel(lambda: embedder, sentences)

    def answer(text: str) -> Iterator[str]:
        stream = model.stream(prompt_of(text))
        with asyncio.Runner() as runner:
            while (piece := runner.run(anext(stream, None))) is not None:
                if piece.text:
                    yield piece.text

    def embed(texts: Sequence[str]) -> list[list[float]]:
        return embedder.embed(texts, kind="passage").tolist()

    embed(["warm"])
    return hosted(BedrockRuntime(answer, embed))


def prompt_of(text: str) -> Prompt:
    """The prompt that was rendered as text: its passages and its question (adapters/models/messages.py)."""
    passages = tuple(_hit(*each) for each in enumerate(PASSAGE.findall(text), 1))
    question = text.rpartition(QUESTION)[2] if passages else text
    return Prompt(system="", question=question, passages=passages)


def _hit(number: int, passage: tuple[str, str]) -> Hit:
    """A passage that begins with a question is a pair of a question and its answer: so these are rendered."""
    title, content = passage
    first, _, rest = content.partition("\n")
    is_pair = first.endswith("?") and bool(rest)
    return Hit(
        chunk_id=str(number),
        document_id="",
        document_type="qna" if is_pair else "text",
        title=title,
        path="",
        content=content,
        content_complement=rest if is_pair else None,
    )
