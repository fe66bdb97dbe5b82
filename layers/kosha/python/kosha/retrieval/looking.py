"""The search for one question of a conversation, in two parts: what is found, and what of it is read."""

from collections.abc import Sequence
from functools import cached_property

from kosha.model.chunk import Hit
from kosha.model.search import Found
from kosha.model.workspace import RetrievalOptions, Workspace
from kosha.ports import Ports
from kosha.retrieval.context import Context, candidates_for, context_of
from kosha.retrieval.follow_up import Query
from kosha.retrieval.queries import Place, find, place_of
from kosha.retrieval.route import IDENTIFIER_VECTOR_WEIGHT, Route, exact_pair


class Looking:
    """Every method blocks. Between the two parts a model may put what was found in order.

    queries: the texts that are searched. question: as it can be understood alone. options: the workspace's, less what
    cannot be had in this turn.
    """

    def __init__(
        self,
        queries: Sequence[Query],
        question: str,
        route: Route,
        workspace: Workspace,
        options: RetrievalOptions,
        ports: Ports,
    ) -> None:
        self.question = question
        self._queries = queries
        self._route = route
        self._workspace = workspace
        self._options = options
        self._ports = ports

    def found(self) -> tuple[Found, Sequence[Hit]]:
        """What was found, and the hits of it that may be read, best first: a known question's answer alone."""
        place, options = self._place, self._options
        if self._route.name == "identifier":
            place = place.weighing_vectors(min(options.vector_weight, IDENTIFIER_VECTOR_WEIGHT))
        found = find(self._queries, place, limit=candidates_for(options))
        if options.route and (pair := exact_pair(self._queries[0].text, found.items)) is not None:
            return found, (pair,)
        return found, found.items

    def read(self, hits: Sequence[Hit], budget_tokens: int) -> Context:
        """What is read of the hits."""
        return context_of(
            hits,
            question=self.question,
            options=self._options,
            index=self._place.index,
            workspace_id=self._workspace.id,
            budget_tokens=budget_tokens,
        )

    def found_and_read(self, budget_tokens: int) -> tuple[Found, Context]:
        """Both parts at once."""
        found, hits = self.found()
        return found, self.read(hits, budget_tokens)

    @cached_property
    def _place(self) -> Place:
        return place_of(self._workspace, self._ports)
