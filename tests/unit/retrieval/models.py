"""Chat models that say what a test tells them to."""

import asyncio
from collections.abc import AsyncGenerator, Callable

from kosha.errors import ModelUnavailable
from kosha.model.prompt import ModelInfo, Piece, Prompt, Usage

COST = Usage(input_tokens=50, output_tokens=9)


class Saying:
    """A model that says one thing, or what a function makes of the prompt; `cut` where its tokens run out with it."""

    info = ModelInfo(provider="test", name="saying", label="Saying")

    def __init__(self, reply: str | Callable[[Prompt], str], *, cut: bool = False) -> None:
        self._reply = reply
        self._cut = cut
        self.prompts: list[Prompt] = []

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Piece, None]:
        self.prompts.append(prompt)
        yield Piece(text=self._reply if isinstance(self._reply, str) else self._reply(prompt))
        yield Piece(stop_reason="length" if self._cut else "end", usage=COST)


class Silent(Saying):
    """A model that never says a word."""

    def __init__(self) -> None:
        super().__init__("")

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Piece, None]:
        self.prompts.append(prompt)
        await asyncio.Event().wait()
        yield Piece()


class Busy(Saying):
    """A model whose provider refuses."""

    def __init__(self) -> None:
        super().__init__("")

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Piece, None]:
        self.prompts.append(prompt)
        raise ModelUnavailable("Busy.")
        yield Piece()
