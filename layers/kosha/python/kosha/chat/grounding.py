"""What an answer stands on: from what a person typed to the passages of the prompt."""

import asyncio
import time
from collections.abc import Awaitable
from typing import NamedTuple, Protocol

from kosha.errors import NotFound
from kosha.model.prompt import Usage, Utterance
from kosha.model.search import Found
from kosha.model.turn import Ask
from kosha.model.wire import RetrievalTrace
from kosha.model.workspace import Workspace
from kosha.ports import ChatModel, Ports
from kosha.retrieval.clean import cleaned
from kosha.retrieval.context import Context, candidates_for, context_of
from kosha.retrieval.follow_up import Query, carried, leaning
from kosha.retrieval.queries import find, place_of
from kosha.retrieval.rewrite import Rewritten, Wish, has_parts, rewritten
from kosha.retrieval.route import IDENTIFIER_VECTOR_WEIGHT, Route, exact_pair, route
from kosha.sentences import sentences

_KEPT_CHARACTERS = 200  # of a searched text, in the answer's record


class Teller(Protocol):
    """Tells the person what is being done: (name, detail)."""

    def __call__(self, name: str, detail: str) -> None: ...


class Grounds(NamedTuple):
    """What was found for a question, and how.

    standalone: the question as it can be understood without the conversation, None where it is the one that was asked.
    spent: on rewriting. timings: milliseconds by stage.
    """

    workspace: Workspace
    route: Route
    queries: tuple[Query, ...]
    standalone: str | None = None
    found: Found = Found()
    context: Context = Context()
    spent: Usage = Usage()
    timings: dict[str, float] = {}  # a tuple's default that nobody changes

    @property
    def trace(self) -> RetrievalTrace:
        """For the answer's record."""
        queries = tuple(query.text[:_KEPT_CHARACTERS] for query in self.queries)
        return RetrievalTrace(route=self.route.name, question=self.standalone, queries=queries)


class Grounding:
    """Searches for one accepted question; history is read beside the search where the question needs none of it."""

    def __init__(self, ask: Ask, model: ChatModel, ports: Ports, think: Teller) -> None:
        self._ask = ask
        self._model = model
        self._ports = ports
        self._think = think
        self._timings: dict[str, float] = {}
        self._spent = Usage()

    async def run(self, workspace_id: str, history: Awaitable[list[Utterance]]) -> Grounds:
        """Raises NotFound where the grant was withdrawn while the question waited."""
        workspace = await asyncio.to_thread(self._workspace, workspace_id)
        question = cleaned(self._ask.text)
        chosen = route(question) if workspace.retrieval.route else Route("question")
        if chosen.name == "small talk":
            return Grounds(workspace, chosen, ())
        self._think("search", "Searching the documents")
        standalone, queries = await self._queries(question, chosen, workspace, history)
        began = time.perf_counter()
        found, context = await asyncio.to_thread(self._find, queries, standalone or question, chosen, workspace)
        self._timings |= {"embed": found.timings_ms.embed, "rerank": found.timings_ms.rerank, "search": _ms(began)}
        return Grounds(workspace, chosen, queries, standalone, found, context, self._spent, self._timings)

    def _workspace(self, workspace_id: str) -> Workspace:
        workspace, grant = self._ports.workspaces.seen_by(workspace_id, self._ask.user_id)
        if grant is None:
            raise NotFound("workspace", workspace_id)
        return workspace

    async def _queries(
        self, question: str, chosen: Route, workspace: Workspace, history: Awaitable[list[Utterance]]
    ) -> tuple[str | None, tuple[Query, ...]]:
        """(the question that stands alone where it is another one, what is searched)."""
        options = workspace.retrieval
        leans = "alone" if options.rewrite == "off" or chosen.name == "identifier" else leaning(question)
        said = await history if leans != "alone" else []
        asks_model = options.rewrite == "auto" and self._model.info.writes
        wish = Wish(options.query_variants, options.decompose and has_parts(question))
        if asks_model and ((leans == "leaning" and said) or wish.variants or wish.parts):
            told = await self._rewritten(question, said, wish)
            if told is not None:
                return (told.question if told.question != question else None), told.queries
        if leans != "alone" and said:
            queries = carried(question, said)
            return (queries[1].text if leans == "leaning" and len(queries) > 1 else None), queries
        if options.decompose and has_parts(question):
            parts = [part for part in sentences(question) if part.endswith(("?", "？"))]
            return None, tuple(Query(text) for text in dict.fromkeys([question, *parts]))
        return None, (Query(question),)

    async def _rewritten(self, question: str, said: list[Utterance], wish: Wish) -> Rewritten | None:
        began = time.perf_counter()
        seconds = self._ports.limits.rewrite_seconds
        told = await rewritten(question, said, self._model, wish, seconds=seconds)
        self._timings["rewrite"] = _ms(began)
        if told is not None:
            self._spent = told.usage
            self._think("rewrite", "\n".join(query.text for query in told.queries))
        return told

    def _find(
        self, queries: tuple[Query, ...], question: str, chosen: Route, workspace: Workspace
    ) -> tuple[Found, Context]:
        """Blocking."""
        place, options = place_of(workspace, self._ports), workspace.retrieval
        if chosen.name == "identifier":
            place = place.weighing_vectors(min(options.vector_weight, IDENTIFIER_VECTOR_WEIGHT))
        found = find(queries, place, limit=candidates_for(options))
        hits = found.items
        if options.route and (pair := exact_pair(queries[0].text, hits)) is not None:
            hits = (pair,)
        budget_tokens = self._ports.limits.context_tokens
        context = context_of(
            hits, question=question, options=options, index=place.index, workspace_id=workspace.id,
            budget_tokens=budget_tokens,
        )  # fmt: skip
        return found, context


def _ms(began: float) -> float:
    return (time.perf_counter() - began) * 1000
