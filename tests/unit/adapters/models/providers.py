"""What the tests of models share: a question, its answer, somebody who gives up, and vectors."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing

import pytest
from tests.served.endpoint import Endpoint

from kosha.model.prompt import ModelInfo, Piece, Prompt
from kosha.ports import ChatModel

INFO = ModelInfo(provider="cloud", name="mini", label="Mini")
PROMPT = Prompt(system="Be brief.", question="How much leave?")


async def all_of(model: ChatModel, prompt: Prompt = PROMPT) -> list[Piece]:
    """Every piece of an answer."""
    async with asyncio.timeout(20), aclosing(model.stream(prompt)) as pieces:
        return [piece async for piece in pieces]


def text(pieces: list[Piece]) -> str:
    """What was said."""
    return "".join(piece.text for piece in pieces)


def reasons(pieces: list[Piece]) -> list[str]:
    """Why it stopped: once."""
    return [piece.stop_reason for piece in pieces if piece.stop_reason]


def letters(texts: Sequence[str]) -> list[list[float]]:
    """How often a, b and c occur: directions that can be told apart."""
    return [[float(text.count(letter)) for letter in "abc"] for text in texts]


async def gives_up_after_the_first_word(model: ChatModel, endpoint: Endpoint) -> None:
    """Closes the stream while the provider is silent, and waits until that hears of it."""
    pieces = model.stream(PROMPT)
    while not (await anext(pieces)).text:
        pass
    await pieces.aclose()
    async with asyncio.timeout(1):
        await endpoint.closed.wait()


async def gives_up_before_the_first_word(model: ChatModel, endpoint: Endpoint) -> None:
    """The same while nothing has come at all."""
    reading = asyncio.create_task(all_of(model))
    while not endpoint.requests:
        await asyncio.sleep(0.005)
    reading.cancel()
    async with asyncio.timeout(1):
        await endpoint.closed.wait()
    with pytest.raises(asyncio.CancelledError):
        await reading
