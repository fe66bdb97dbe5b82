"""What an answer stands on: from what a person typed to the passages of the prompt."""

import asyncio
import time
from collections.abc import Awaitable
from typing import NamedTuple

from kosha.chat.advice import Advice, Teller
from kosha.errors import NotFound
from kosha.model.prompt import Usage, Utterance
from kosha.model.search import Found
from kosha.model.turn import Ask
from kosha.model.wire import RetrievalTrace
from kosha.model.workspace import RetrievalOptions, Workspace
from kosha.ports import ChatModel, Ports
from kosha.retrieval.clean import cleaned
from kosha.retrieval.context import Context, shrunk
from kosha.retrieval.follow_up import Query, carried, leaning
from kosha.retrieval.looking import Looking
from kosha.retrieval.rewrite import Wish, has_parts
from kosha.retrieval.route import Route, is_unsure, route
from kosha.sentences import sentences

_KEPT_CHARACTERS = 200  # of a searched text, in the answer's record
_TO_SHORTEN = 2  # times as much is read to be shortened as goes into the prompt
_TOKENS_OF_SHORTENING = 1500  # of the model's context: what it is told to do, and what it writes
_TALK = Route("small talk")


class Grounds(NamedTuple):
    """What was found for a question, and how.

    standalone: the question as it can be understood without the conversation, None where it is the one that was asked.
    by_model: with what the chat model helped. spent: on that. timings: milliseconds by stage.
    """

    workspace: Workspace
    route: Route
    queries: tuple[Query, ...]
    standalone: str | None = None
    found: Found = Found()
    context: Context = Context()
    by_model: tuple[str, ...] = ()
    spent: Usage = Usage()
    timings: dict[str, float] = {}  # a tuple's default that nobody changes

    @property
    def trace(self) -> RetrievalTrace:
        """For the answer's record."""
        queries = tuple(query.text[:_KEPT_CHARACTERS] for query in self.queries)
        by_model = self.by_model or None
        return RetrievalTrace(route=self.route.name, question=self.standalone, queries=queries, by_model=by_model)


class _Asked(NamedTuple):
    """What is searched for a question. is_talk: nothing, for a model took it for small talk.

    standalone: as in Grounds.
    """

    queries: tuple[Query, ...] = ()
    standalone: str | None = None
    is_talk: bool = False


class Grounding:
    """Searches for one accepted question; history is read beside the search where the question needs none of it."""

    def __init__(self, ask: Ask, model: ChatModel, ports: Ports, think: Teller) -> None:
        self._ask = ask
        self._model = model
        self._ports = ports
        self._think = think
        self._advice = Advice(model, ports.limits, think)
        self._timings: dict[str, float] = {}

    async def run(self, workspace_id: str, history: Awaitable[list[Utterance]]) -> Grounds:
        """Raises NotFound where the grant was withdrawn while the question waited."""
        workspace = await asyncio.to_thread(self._workspace, workspace_id)
        options = workspace.retrieval if self._advice.is_at_hand else workspace.retrieval.by_rules()
        question = cleaned(self._ask.text)
        chosen = route(question) if options.route else Route("question")
        if chosen.name == "small talk":
            return Grounds(workspace, chosen, ())
        self._think("search", "Searching the documents")
        unsure = options.route_by_model and options.route and chosen.name == "question" and is_unsure(question)
        asked = await self._asked(question, chosen, options, history, unsure)
        if asked.is_talk:
            return self._noted(Grounds(workspace, _TALK, ()))
        found, context = await self._search(asked, question, chosen, workspace, options)
        if unsure and not found.items and await self._is_talk(question, workspace):
            return self._noted(Grounds(workspace, _TALK, asked.queries))
        return self._noted(Grounds(workspace, chosen, asked.queries, asked.standalone, found, context))

    def _workspace(self, workspace_id: str) -> Workspace:
        workspace, grant = self._ports.workspaces.seen_by(workspace_id, self._ask.user_id)
        if grant is None:
            raise NotFound("workspace", workspace_id)
        return workspace

    async def _asked(
        self, question: str, chosen: Route, options: RetrievalOptions, history: Awaitable[list[Utterance]], unsure: bool
    ) -> _Asked:
        """unsure: whether a model that is asked anyhow is to say too if it is small talk."""
        leans = "alone" if options.rewrite == "off" or chosen.name == "identifier" else leaning(question)
        said = await history if leans != "alone" else []
        wish = Wish(options.query_variants, options.decompose and has_parts(question), unsure)
        if options.rewrite == "auto" and ((leans == "leaning" and said) or wish.variants or wish.parts):
            told = await self._advice.rewritten(question, said, wish)
            if told is not None:
                return _Asked(told.queries, told.question if told.question != question else None, told.is_talk)
        if leans != "alone" and said:
            queries = carried(question, said)
            return _Asked(queries, queries[1].text if leans == "leaning" and len(queries) > 1 else None)
        if options.decompose and has_parts(question):
            parts = [part for part in sentences(question) if part.endswith(("?", "？"))]
            return _Asked(tuple(Query(text) for text in dict.fromkeys([question, *parts])))
        return _Asked((Query(question),))

    async def _is_talk(self, question: str, workspace: Workspace) -> bool:
        """Asked of a model where nothing was found, unless it was asked before or what it says would change nothing."""
        if workspace.empty_retrieval == "converse" or "rewrite" in self._advice.timings:
            return False
        return await self._advice.finds_talk(question)

    async def _search(
        self, asked: _Asked, question: str, chosen: Route, workspace: Workspace, options: RetrievalOptions
    ) -> tuple[Found, Context]:
        began = time.perf_counter()
        looking = Looking(asked.queries, asked.standalone or question, chosen, workspace, options, self._ports)
        if options.rerank_by_model or options.compress_by_model:
            found, context = await self._with_advice(looking, options)
        else:
            found, context = await asyncio.to_thread(looking.found_and_read, self._ports.limits.context_tokens)
        self._timings |= {"embed": found.timings_ms.embed, "rerank": found.timings_ms.rerank, "search": _ms(began)}
        return found, context

    async def _with_advice(self, looking: Looking, options: RetrievalOptions) -> tuple[Found, Context]:
        """Found, then put in order or shortened by the model."""
        budget_tokens = self._ports.limits.context_tokens
        found, hits = await asyncio.to_thread(looking.found)
        if options.rerank_by_model:
            hits = await self._advice.in_order(hits, looking.question)
        if not options.compress_by_model:
            return found, await asyncio.to_thread(looking.read, hits, budget_tokens)
        room_tokens = self._model.info.context_tokens - _TOKENS_OF_SHORTENING
        to_shorten_tokens = max(budget_tokens, min(_TO_SHORTEN * budget_tokens, room_tokens))
        context = await asyncio.to_thread(looking.read, hits, to_shorten_tokens)
        read = await self._advice.short(context.read, looking.question)
        return found, shrunk(context, read, options, budget_tokens=budget_tokens)

    def _noted(self, grounds: Grounds) -> Grounds:
        """The same with what it took."""
        advice = self._advice
        timings = {**self._timings, **advice.timings}
        if "rerank" in self._timings:
            timings["rerank"] = self._timings["rerank"] + advice.timings.get("rerank", 0.0)
        return grounds._replace(by_model=tuple(advice.taken), spent=advice.spent, timings=timings)


def _ms(began: float) -> float:
    return (time.perf_counter() - began) * 1000
