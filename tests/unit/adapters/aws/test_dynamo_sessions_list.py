"""The list of sessions beside an index that lags, and searches within bounds."""

from collections.abc import Callable
from typing import Any

from tests.contracts.aws import DynamoStore
from tests.contracts.examples import an_ask
from tests.unit.adapters.aws.calls import NotedCalls, on
from tests.unit.adapters.aws.talks import answered

from kosha.model.page import PageOf


class Lagging:
    """A client whose index tells what was there before `change`."""

    def __init__(self, client: Any, change: Callable[[], object]) -> None:
        self._client = client
        self._change = change

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**request: Any) -> Any:
            reply = getattr(self._client, name)(**request)
            if "IndexName" in request:
                self._change()
            return reply

        return call


def a_session(store: DynamoStore, text: str = "How much leave?") -> str:
    ask = an_ask(text=text)
    answered(store, ask)
    return ask.session_id


def test_a_session_that_the_index_still_has_is_not_listed_once_it_is_removed(store: DynamoStore) -> None:
    kept, gone = a_session(store), a_session(store)
    lagging = on(store, Lagging(store.client, lambda: store.sessions.remove("ada", gone)))
    assert [session.id for session in lagging.sessions.of("ada", PageOf()).items] == [kept]


def test_a_session_is_listed_under_its_present_title(store: DynamoStore) -> None:
    session_id = a_session(store)
    lagging = on(store, Lagging(store.client, lambda: store.sessions.rename("ada", session_id, "Travel")))
    assert [session.title for session in lagging.sessions.of("ada", PageOf()).items] == ["Travel"]


def test_a_list_takes_two_calls_and_no_scan(store: DynamoStore) -> None:
    for _ in range(3):
        a_session(store)
    noted = NotedCalls(store.client)
    assert len(on(store, noted).sessions.of("ada", PageOf()).items) == 3
    assert [name for name, _, _ in noted.calls] == ["query", "batch_get_item"]


def test_a_search_reads_what_was_said_and_nothing_else(store: DynamoStore) -> None:
    wanted = a_session(store, "Reisekosten")
    a_session(store)
    noted = NotedCalls(store.client)
    assert [session.id for session in on(store, noted).sessions.of("ada", PageOf(), query="REISE").items] == [wanted]
    assert [name for name, _, _ in noted.calls] == ["query", "query", "batch_get_item"]
    assert {item["sort_key"]["S"].split("#")[0] for item in noted.calls[0][2]["Items"]} == {"message"}


def test_words_of_different_messages_are_not_one_message(store: DynamoStore) -> None:
    a_session(store, "Reisekosten")
    assert store.sessions.of("ada", PageOf(), query="reisekosten 25 days").items == []


def test_a_long_message_is_found_by_its_words(store: DynamoStore) -> None:
    ask = an_ask()
    answered(store, ask, content=f"{'word ' * 1_000} Zug {'ü' * 400_000}")
    assert [session.id for session in store.sessions.of("ada", PageOf(), query="zug").items] == [ask.session_id]
