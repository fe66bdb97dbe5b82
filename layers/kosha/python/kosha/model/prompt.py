"""What a chat model is given and what it gives back."""

from typing import Literal

from pydantic import Field

from kosha.model.chunk import Hit
from kosha.model.record import Record, Request

BUILT_IN_PROVIDER = "kosha"


class ModelInfo(Record):
    """A chat model that a person may choose. Prices are USD per million tokens."""

    provider: str
    name: str
    label: str
    streaming: bool = True
    context_tokens: int = 8192
    max_output_tokens: int = 2048
    available: bool = True
    reason: str | None = None
    price_input_per_million: float | None = None
    price_output_per_million: float | None = None

    @property
    def writes(self) -> bool:
        """Whether it writes texts of its own; the built-in answerer only quotes."""
        return self.provider != BUILT_IN_PROVIDER


class ModelKwargs(Request):
    """How a model is to answer; the defaults are PROTOCOL.md's."""

    streaming: bool = True
    max_tokens: int = Field(default=512, ge=1, le=32_768)
    temperature: float = Field(default=0.1, ge=0, le=2)
    top_p: float = Field(default=1.0, ge=0, le=1)


class Utterance(Record):
    """One thing said earlier in the conversation."""

    role: Literal["user", "assistant"]
    content: str


class Prompt(Record):
    """All that a model needs for one answer. `passages` are numbered from 1, as the markers `[n]` name them.

    names: what the passages are called instead, where they are not to be cited but put in order or shortened.
    standalone: the question as it can be understood without the history, where it is not the one that was asked.
    """

    system: str
    history: tuple[Utterance, ...] = ()
    question: str
    standalone: str | None = None
    passages: tuple[Hit, ...] = ()
    names: tuple[str, ...] = ()
    kwargs: ModelKwargs = ModelKwargs()

    @property
    def meant(self) -> str:
        """The question as it can be understood alone."""
        return self.standalone or self.question


class Usage(Record):
    """Tokens of one answer, as the provider counted them, else estimated."""

    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = None


def added(usage: Usage, more: Usage) -> Usage:
    """The tokens of both together; the cost is still to be reckoned."""
    return Usage(
        input_tokens=usage.input_tokens + more.input_tokens, output_tokens=usage.output_tokens + more.output_tokens
    )


class Piece(Record):
    """What a model's stream yields: text, and at the end why it stopped and what it cost."""

    text: str = ""
    stop_reason: Literal["end", "length", "refused"] | None = None
    usage: Usage | None = None
