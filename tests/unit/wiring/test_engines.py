"""Which engines an installation has, by its settings."""

from typing import Any, cast

import pytest

from kosha.adapters.engines.ranked_elsewhere import RankedElsewhere
from kosha.adapters.postgres.database import Database
from kosha.errors import Rejected
from kosha.ports import EngineInfo, Index
from kosha.wiring.engines import Engines, others

FIRST = EngineInfo("aurora", "PostgreSQL", enabled=True)
POSTGRES = cast("Index", object())


def engines(**settings: Any) -> Engines:
    told = {"vector_store": None, "opensearch_url": None, **settings}
    return Engines(FIRST, lambda: POSTGRES, others(lambda: Database(""), **told))


def test_an_engine_that_is_not_set_up_says_what_to_set() -> None:
    told = {engine.id: (engine.enabled, engine.reason) for engine in engines().known()}
    assert told["aurora"] == (True, None)
    assert "KOSHA_OPENSEARCH_URL" in (told["opensearch"][1] or "")
    assert "KOSHA_VECTOR_STORE" in (told["langchain"][1] or "")
    assert told["kendra"][0] is False
    assert told["kendra"][1]


def test_settings_bring_engines() -> None:
    known = engines(opensearch_url="https://search.example.com", vector_store="json:loads")
    assert [engine.id for engine in known.known() if engine.enabled] == ["aurora", "opensearch", "langchain"]
    assert known.index("aurora") is POSTGRES
    assert isinstance(known.index("opensearch"), RankedElsewhere)
    assert known.index("langchain") is known.index("langchain")


def test_an_engine_that_is_not_here_is_refused_with_those_that_are() -> None:
    with pytest.raises(Rejected, match="'opensearch' is not part of this installation; choose one of 'aurora'"):
        engines().index("opensearch")


def test_calls_to_a_domain_on_aws_are_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    from kosha.adapters.aws.signing import Signer

    headers = Signer("eu-west-1", service="es")("POST", "https://x.example.com/_bulk", {"A": "b"}, b"{}")
    assert "/eu-west-1/es/aws4_request" in headers["Authorization"]
    assert headers["A"] == "b"
