"""What served providers answer with: functions that a test, or an emulated deployment, chooses."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence

Answer = Callable[[str], Iterator[str]]  # the prompt's text to words, with the blanks between them; may block
Embed = Callable[[Sequence[str]], Sequence[Sequence[float]]]


class Refusal(Exception):
    """The provider does not take a request: its error code, its words, its HTTP status, its Retry-After."""

    def __init__(self, code: str, message: str, status: int = 400, retry_after: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.retry_after = retry_after


def echo(prompt: str) -> Iterator[str]:
    """Says the last line of the prompt again, word by word."""
    for number, word in enumerate(prompt.splitlines()[-1].split()):
        yield f" {word}" if number else word


def tokens(text: str) -> int:
    """About how many tokens a text has."""
    return (len(text) + 3) // 4


def embed_nothing(texts: Sequence[str]) -> list[list[float]]:
    """One direction for all."""
    return [[1.0] for _ in texts]


def padded(vector: Sequence[float], dimensions: int) -> list[float]:
    """The vector with zeros after it, which changes no cosine."""
    if len(vector) > dimensions:
        raise Refusal("ValidationException", f"The served model makes {len(vector)} dimensions, not {dimensions}.")
    return [*map(float, vector), *([0.0] * (dimensions - len(vector)))]


async def in_thread(words: Iterator[str]) -> AsyncGenerator[str]:
    """The words of an answer that may block, each when it comes."""
    while (word := await asyncio.to_thread(next, words, None)) is not None:
        yield word
