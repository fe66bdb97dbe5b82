"""Answers one accepted question, from its record to its one end."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from contextlib import aclosing
from typing import TypeVar
from uuid import uuid4

from kosha.chat import prompts
from kosha.chat.citations import cite, cited_beside
from kosha.chat.frames import end_frame, gone_frame, thinking_frame
from kosha.chat.grounding import Grounding, Grounds
from kosha.chat.markers import MarkerGate
from kosha.chat.stream import TokenStream
from kosha.errors import KoshaError, LostLease, ModelUnavailable, NotFound
from kosha.model.prompt import ModelInfo, Prompt, Usage, Utterance, added
from kosha.model.session import Message
from kosha.model.turn import Ask, Turn, TurnEnd, TurnKey
from kosha.model.wire import AnswerMetadata, ErrorData, FinalData, StopReason, Timings
from kosha.observe import hear_of_waits
from kosha.ports import ChatModel, Ports
from kosha.retrieval.context import Context, estimated_tokens

T = TypeVar("T")
CLAIMS_AT_MOST = 4  # a question whose answering died this often ends in an honest error


async def answer(key: TurnKey, ports: Ports) -> None:
    """Claim the turn and bring it to its end: a final response, or an error in words for the person who asked.

    Returns at once where the turn has ended or somebody living holds it. Raises LostLease when another took it over or
    its session was deleted, Unavailable when its record cannot be written (it stays unfinished and is taken up again).
    A bug of ours ends the turn in an error and then flies on.
    """
    turn = await asyncio.to_thread(ports.turns.claim, key)
    try:
        if turn is not None:
            await _bring_to_end(turn, ports)
    except LostLease:
        await _tell_if_deleted(key, ports)
        raise
    if turn is None:
        await _tell_if_deleted(key, ports)


async def _bring_to_end(turn: Turn, ports: Ports) -> None:
    if turn.fence > CLAIMS_AT_MOST:
        words = f"The answer broke off {CLAIMS_AT_MOST} times on our side. Your question is kept; try again."
        await _end(turn, _error(turn.ask, KoshaError(words)), ports)
        return
    try:
        end = await _Answering(turn, ports).run()
    except LostLease:
        raise
    except KoshaError as error:
        end = _error(turn.ask, error)
    except Exception:
        # We hold the turn: who asked gets an end now, not when the lease is over and others have met the same bug.
        words = f"Something went wrong on our side (reference {turn.ask.message_id}). Your question is kept; try again."
        await _end(turn, _error(turn.ask, KoshaError(words)), ports)
        raise
    await _end(turn, end, ports)


class _Answering:
    """The work on one claimed turn; its times are milliseconds."""

    def __init__(self, turn: Turn, ports: Ports) -> None:
        self._ask = turn.ask
        self._ports = ports
        self._run_id = str(uuid4())
        self._stream = TokenStream(turn, self._run_id, ports)
        self._grounds: Grounds | None = None
        self._info: ModelInfo | None = None
        self._usage = Usage()
        self._stop_reason: StopReason = "end"
        self._timings: dict[str, float] = {"queue": (ports.now() - turn.ask.accepted_at).total_seconds() * 1000}
        self._began = time.perf_counter()

    async def run(self) -> FinalData:
        """The final response; its tokens are stored and published on the way."""
        pump = asyncio.create_task(self._stream.pump())
        making = asyncio.create_task(self._make())
        try:
            await self._watch(making, pump)
        finally:
            making.cancel()
            with contextlib.suppress(asyncio.CancelledError, KoshaError):
                await making  # the provider's call is closed before the turn ends
            self._stream.close()
            await pump
        return self._final()

    async def _watch(self, making: asyncio.Task[None], pump: asyncio.Task[None]) -> None:
        """Until the text is made, a stop is asked for, the pump or the model fails, or the model is silent too long."""
        stopped = asyncio.create_task(self._stream.stopped.wait())
        try:
            while not making.done():
                patience_seconds, waited = self._patience_seconds(), {making, pump, stopped}
                await asyncio.wait(waited, timeout=patience_seconds, return_when=asyncio.FIRST_COMPLETED)
                if pump.done():
                    pump.result()
                if stopped.done() and not making.done():
                    self._stop_reason = "stopped"
                    return
            making.result()
        finally:
            stopped.cancel()

    def _patience_seconds(self) -> float:
        """How much longer the model may say nothing. Raises ModelUnavailable."""
        limit_seconds = self._ports.limits.model_timeout_seconds
        left_seconds = self._stream.last_written + limit_seconds - time.monotonic()
        if left_seconds <= 0:
            words = f"The model said nothing for {limit_seconds} seconds. Try again, or choose another model."
            raise ModelUnavailable(words)
        return left_seconds

    async def _make(self) -> None:
        """History and retrieval side by side, then the model."""
        model = await asyncio.to_thread(self._ports.chat_models.get, self._ask.provider, self._ask.model_name)
        self._info = model.info
        if self._ask.workspace_id is None:
            await self._say(model, prompts.plain(self._ask.text, await self._history(model), self._ask.model_kwargs))
            return
        loop = asyncio.get_running_loop()
        hear_of_waits(lambda name, detail: loop.call_soon_threadsafe(self._think, name, detail))
        reading = asyncio.create_task(self._history(model))
        try:
            grounds = await Grounding(self._ask, model, self._ports, self._think).run(self._ask.workspace_id, reading)
            history = await reading
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        self._grounds = grounds
        self._timings |= grounds.timings
        await self._respond(model, grounds, history)

    async def _respond(self, model: ChatModel, grounds: Grounds, history: list[Utterance]) -> None:
        """The answer that the grounds allow: of a model, or of our own where there is nothing to ask one."""
        ask, read = self._ask, grounds.context.read
        if grounds.route.name == "small talk":
            if model.info.writes:
                await self._say(model, prompts.small_talk(ask.text, history, ask.model_kwargs))
            else:
                self._write(prompts.pleasantry(grounds.route.language))
        elif read:
            prompt = prompts.grounded(ask.text, read, history, ask.model_kwargs, standalone=grounds.standalone)
            await self._say(model, prompt)
        elif grounds.workspace.empty_retrieval == "converse":
            await self._say(model, prompts.plain(ask.text, history, ask.model_kwargs))
        else:
            self._stop_reason = "refused"
            self._write(await asyncio.to_thread(self._why_nothing, grounds.workspace.id))

    async def _history(self, model: ChatModel) -> list[Utterance]:
        ask, limits = self._ask, self._ports.limits
        room = model.info.context_tokens - ask.model_kwargs.max_tokens - limits.context_tokens
        budget_tokens = max(0, min(limits.history_tokens, room))
        said = await self._timed(
            "history",
            lambda: self._ports.sessions.history(
                ask.user_id, ask.session_id, leaf_id=ask.question_id, budget_tokens=budget_tokens
            ),
        )
        return said[:-1] if said and said[-1].content == ask.text else said

    def _why_nothing(self, workspace_id: str) -> str:
        """Blocking."""
        counts = self._ports.workspaces.counts([workspace_id]).get(workspace_id)
        return prompts.NOTHING_FOUND if counts and counts.vectors else prompts.EMPTY_WORKSPACE

    async def _say(self, model: ChatModel, prompt: Prompt) -> None:
        gate = MarkerGate(len(prompt.passages))
        async with aclosing(model.stream(prompt)) as pieces:
            async for piece in pieces:
                self._write(gate.feed(piece.text))  # no text is a sign of life too: a model that reasons in silence
                if piece.stop_reason:
                    self._stop_reason = piece.stop_reason
                if piece.usage:
                    self._usage = piece.usage
        self._write(gate.close())
        if "first_token" not in self._timings and self._stop_reason != "refused":
            raise ModelUnavailable(self._said_nothing(model.info))

    def _said_nothing(self, info: ModelInfo) -> str:
        if self._stop_reason == "length":
            tokens = self._ask.model_kwargs.max_tokens
            words = "Allow it more (maxTokens), or choose another model."
            return f"{info.label} used up its {tokens} tokens before it said anything. {words}"
        return f"{info.label} gave an empty answer. Try again, or choose another model."

    def _write(self, text: str) -> None:
        if text and "first_token" not in self._timings:
            self._timings["first_token"] = self._elapsed_ms()
        self._stream.write(text)

    def _think(self, name: str, detail: str) -> None:
        frame = thinking_frame(self._ask, name, detail, self._ports.now())
        self._ports.outbox.publish(self._ask.key, frame, sequence=None, last=False)

    def _final(self) -> FinalData:
        ask, content, grounds = self._ask, self._stream.content, self._grounds
        context = grounds.context if grounds else Context()
        citations = cite(content, context.hits, context.around)
        self._timings["total"] = self._timings["queue"] + self._elapsed_ms()
        metadata = AnswerMetadata(
            provider=self._info.provider if self._info else "",
            model_id=self._info.name if self._info else "",
            model_kwargs=ask.model_kwargs,
            session_id=ask.session_id,
            user_id=ask.user_id,
            workspace_id=ask.workspace_id,
            degraded=grounds is not None and grounds.found.degraded,
            documents=(*context.hits, *cited_beside(citations, context.around)),
            citations=citations,
            usage=_priced(self._usage, grounds.spent if grounds else Usage(), self._info, ask.text, content),
            retrieval=grounds.trace if grounds else None,
            timings_ms=Timings.model_validate({name: round(ms, 2) for name, ms in self._timings.items()}),
            trace_id=ask.trace_id or self._run_id,
        )
        return FinalData(
            session_id=ask.session_id,
            message_id=ask.message_id,
            answer_id=str(uuid4()),
            content=content,
            stop_reason=self._stop_reason,
            metadata=metadata,
        )

    async def _timed(self, stage: str, work: Callable[[], T]) -> T:
        """The result of blocking work, its milliseconds noted."""
        began = time.perf_counter()
        result = await asyncio.to_thread(work)
        self._timings[stage] = (time.perf_counter() - began) * 1000
        return result

    def _elapsed_ms(self) -> float:
        return (time.perf_counter() - self._began) * 1000


async def _end(turn: Turn, end: FinalData | ErrorData, ports: Ports) -> None:
    """Store the end, then tell everybody who follows."""
    answer_message = None
    if isinstance(end, FinalData):
        answer_message = Message(
            id=end.answer_id,
            parent_id=turn.ask.question_id,
            role="assistant",
            content=end.content,
            created_at=ports.now(),
            metadata={**end.metadata.wire(), "stopReason": end.stop_reason},
        )
        kept = TurnEnd(final=end)
    else:
        kept = TurnEnd(error=end)
    await asyncio.to_thread(ports.turns.finish, turn.ask.key, turn.fence, kept, answer_message)
    ports.outbox.publish(turn.ask.key, end_frame(end, ports.now()), sequence=None, last=True)


async def _tell_if_deleted(key: TurnKey, ports: Ports) -> None:
    """Who follows a turn whose session was deleted must not wait for its end for ever."""
    try:
        await asyncio.to_thread(ports.turns.get, key)
    except NotFound as error:
        ports.outbox.publish(key, gone_frame(key.message_id, error, ports.now()), sequence=None, last=True)


def _error(ask: Ask, error: KoshaError) -> ErrorData:
    return ErrorData(
        session_id=ask.session_id,
        message_id=ask.message_id,
        code=getattr(error, "code", "internal"),
        content=str(error),
        retryable=getattr(error, "status", 500) >= 500,
        retry_after_ms=getattr(error, "retry_after_ms", None),
    )


def _priced(usage: Usage, spent: Usage, info: ModelInfo | None, question: str, content: str) -> Usage:
    """The provider's count, or about four characters a token where it gave none (a stopped answer).

    spent: before the answer, on rewriting the question.
    """
    if usage.output_tokens == 0:
        input_tokens = usage.input_tokens or estimated_tokens(question)
        usage = Usage(input_tokens=input_tokens, output_tokens=estimated_tokens(content))
    usage = added(usage, spent)
    if info is None or info.price_input_per_million is None or info.price_output_per_million is None:
        return usage
    cost_usd = (
        usage.input_tokens * info.price_input_per_million + usage.output_tokens * info.price_output_per_million
    ) / 1_000_000
    return usage.model_copy(update={"cost_usd": cost_usd})
