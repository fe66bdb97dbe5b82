"""A short question to a language model in the middle of a turn: within bounds, and never why the turn fails."""

import asyncio
import re
from contextlib import aclosing
from typing import NamedTuple

from kosha.errors import KoshaError
from kosha.model.prompt import Prompt, Usage
from kosha.observe import log
from kosha.ports import ChatModel

_THOUGHTS = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)


class Told(NamedTuple):
    """What a model said, without its thoughts. is_whole: it came to an end before its tokens did."""

    text: str
    usage: Usage
    is_whole: bool


async def told_by(model: ChatModel, prompt: Prompt, *, seconds: float, purpose: str) -> Told | None:
    """What the model says to the prompt; None where it fails or is not done in time, which the log tells.

    Where the provider counts no tokens, they are about four characters each.
    """
    usage: Usage | None = None
    is_whole = True
    pieces: list[str] = []
    try:
        async with asyncio.timeout(seconds), aclosing(model.stream(prompt)) as stream:
            async for piece in stream:
                pieces.append(piece.text)
                usage = piece.usage or usage
                is_whole = is_whole and piece.stop_reason != "length"
    except (TimeoutError, KoshaError) as error:
        fields = {"model": model.info.name, "purpose": purpose, "why": str(error) or "too slow"}
        log.warning("a model was no help", extra={"fields": fields})
        return None
    text = "".join(pieces)
    return Told(_THOUGHTS.sub("", text), usage or _estimated(prompt, text), is_whole)


def _estimated(prompt: Prompt, text: str) -> Usage:
    read = [prompt.system, prompt.question, *(hit.content for hit in prompt.passages)]
    return Usage(input_tokens=sum(map(len, read)) // 4, output_tokens=len(text) // 4)
