"""The engines of an installation: PostgreSQL, and those that its settings name beside it."""

import threading
from collections.abc import Callable, Mapping

from kosha.adapters.postgres.database import Database
from kosha.errors import Rejected
from kosha.ports import EngineInfo, Index

Make = Callable[[], Index]

_OPENSEARCH = "OpenSearch (k-NN and BM25)"
_LANGCHAIN = "A vector store of LangChain's"
_KENDRA = EngineInfo(
    "kendra", "Amazon Kendra", False, "Kosha does not speak to Kendra, which keeps the documents itself; use another."
)
_NO_OPENSEARCH = "Set KOSHA_OPENSEARCH_URL to the address of a cluster; on AWS, the stage's setting opensearch."
_NO_STORE = "Set KOSHA_VECTOR_STORE to a function that makes the store, as module:function."


class Engines:
    """Indexes by the id of their engine, each made when it is first asked for."""

    def __init__(self, first: EngineInfo, make_first: Make, others: Mapping[str, Make]) -> None:
        self._first = first
        self._make = {first.id: make_first, **others}
        self._made: dict[str, Index] = {}
        self._making = threading.RLock()

    def index(self, engine: str) -> Index:
        """Raises Rejected for an engine that is not here."""
        with self._making:
            if engine not in self._make:
                usable = ", ".join(repr(one) for one in self._make)
                raise Rejected(f"The engine {engine!r} is not part of this installation; choose one of {usable}.")
            if engine not in self._made:
                self._made[engine] = self._make[engine]()
            return self._made[engine]

    def known(self) -> list[EngineInfo]:
        """Every engine there is, with why one cannot be used here."""
        return [
            self._first,
            self._known("opensearch", _OPENSEARCH, _NO_OPENSEARCH),
            self._known("langchain", _LANGCHAIN, _NO_STORE),
            _KENDRA,
        ]

    def _known(self, engine: str, name: str, missing: str) -> EngineInfo:
        is_here = engine in self._make
        return EngineInfo(engine, name, is_here, None if is_here else missing)


def others(
    database: Callable[[], Database],
    *,
    vector_store: str | None,
    opensearch_url: str | None,
    aws_region: str | None = None,
    user: Callable[[], Mapping[str, str]] | None = None,
) -> dict[str, Make]:
    """What makes the engines that the settings name.

    aws_region: of a domain that asks for signed calls. user: tells `username` and `password` at each call instead.
    """

    def langchain() -> Index:
        from kosha.adapters.engines.langchain_store import LangChainRanker, maker
        from kosha.adapters.engines.ranked_elsewhere import RankedElsewhere

        return RankedElsewhere(database(), LangChainRanker(maker(vector_store or "")), name="langchain")

    def opensearch() -> Index:
        from kosha.adapters.aws.signing import Signer
        from kosha.adapters.engines.opensearch import OpenSearchRanker
        from kosha.adapters.engines.opensearch_http import OpenSearchHttp, as_user
        from kosha.adapters.engines.ranked_elsewhere import RankedElsewhere

        sign = Signer(aws_region, service="es") if aws_region else as_user(user) if user else None
        http = OpenSearchHttp(opensearch_url or "", sign=sign)
        return RankedElsewhere(database(), OpenSearchRanker(http), name="opensearch")

    found: dict[str, Make] = {}
    if opensearch_url:
        found["opensearch"] = opensearch
    if vector_store:
        found["langchain"] = langchain
    return found
