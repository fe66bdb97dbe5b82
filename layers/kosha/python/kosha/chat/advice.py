"""What the chat model of a turn is asked before it answers: each time within bounds, told, timed and counted."""

import time
from collections.abc import Sequence
from typing import Protocol

from kosha.model.chunk import Hit
from kosha.model.prompt import Usage, Utterance, added
from kosha.ports import ChatModel, Limits
from kosha.retrieval.listwise import is_worth_ranking, ranked
from kosha.retrieval.rewrite import Rewritten, Wish, rewritten
from kosha.retrieval.shorten import is_worth_shortening, shortened
from kosha.retrieval.talk import TALK_SIGN, sorted_by

_PATIENCE_SHARE = 0.25  # of the time that a model may say nothing: its answer has to begin within it too


class Teller(Protocol):
    """Tells the person what is being done: (name, detail)."""

    def __call__(self, name: str, detail: str) -> None: ...


class Advice:
    """A model's help with one question; where it has none to give, things stay as the rules have them.

    taken: with what it helped. spent: on all of it. timings: milliseconds by stage.
    """

    def __init__(self, model: ChatModel, limits: Limits, think: Teller) -> None:
        self._model = model
        self._limits = limits
        self._think = think
        self.taken: list[str] = []
        self.spent = Usage()
        self.timings: dict[str, float] = {}

    @property
    def is_at_hand(self) -> bool:
        """Whether the model writes texts of its own."""
        return self._model.info.writes

    async def rewritten(self, question: str, said: Sequence[Utterance], wish: Wish) -> Rewritten | None:
        """The question as it is searched, or that it is small talk."""
        began = time.perf_counter()
        seconds = self._at_most(self._limits.rewrite_seconds)
        told = await rewritten(question, said, self._model, wish, seconds=seconds)
        self._note("rewrite", began, told and told.usage, is_taken=told is not None)
        if told is not None and not told.is_talk:
            self._think("rewrite", "\n".join(query.text for query in told.queries))
        return told

    async def finds_talk(self, question: str) -> bool:
        """Whether the model takes it for small talk."""
        began = time.perf_counter()
        told = await sorted_by(self._model, question, seconds=self._at_most(self._limits.rewrite_seconds))
        self._note("route", began, told and told.usage, is_taken=told is not None and told.verdict is not None)
        return told is not None and told.verdict == TALK_SIGN

    async def in_order(self, hits: Sequence[Hit], question: str) -> Sequence[Hit]:
        """The hits, best first, as the model orders them."""
        if not is_worth_ranking(hits):
            return hits
        self._think("rerank", "Choosing the best passages")
        began = time.perf_counter()
        told = await ranked(hits, question, self._model, seconds=self._at_most(self._limits.rerank_seconds))
        in_order = told and told.hits
        self._note("rerank", began, told and told.usage, is_taken=in_order is not None)
        return hits if in_order is None else in_order

    async def short(self, read: Sequence[Hit], question: str) -> Sequence[Hit]:
        """What is read of the passages, shortened; by their own sentences where the model is no help."""
        if not is_worth_shortening(read):
            return read
        self._think("compress", "Shortening the passages")
        began = time.perf_counter()
        told = await shortened(read, question, self._model, seconds=self._at_most(self._limits.compress_seconds))
        self._note("compress", began, told.usage, is_taken=told.by_model > 0)
        return told.hits

    def _at_most(self, seconds: float) -> float:
        return min(seconds, _PATIENCE_SHARE * self._limits.model_timeout_seconds)

    def _note(self, stage: str, began: float, usage: Usage | None, *, is_taken: bool) -> None:
        self.timings[stage] = (time.perf_counter() - began) * 1000
        self.spent = added(self.spent, usage or Usage())
        if is_taken:
            self.taken.append(stage)
