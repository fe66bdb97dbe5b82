"""A branch is read in work that follows the budget."""

from typing import Any

from tests.contracts.aws import DynamoStore
from tests.contracts.examples import an_ask, texts
from tests.unit.adapters.aws.calls import NotedCalls, on
from tests.unit.adapters.aws.talks import answered, claimed

from kosha.adapters.aws import dynamo_chat_keys as keys
from kosha.adapters.aws.items import marshalled


def lengthen(store: DynamoStore, session_id: str, *, messages: int, parent_of: dict[int, int]) -> None:
    """A chain of short messages from position 2 on, some with another parent than the one before."""
    items: list[dict[str, Any]] = []
    for position in range(2, messages + 2):
        parent = parent_of.get(position, position - 1)
        said = {"id": f"long-{position}", "role": "user", "version": 1, "tokens": 6, "text": f"word {position}"}
        where = {"position": position, "parent_id": f"long-{parent}", "parent_position": parent}
        items.append({**keys.message("ada", session_id, position), **said, **where})
        if position > messages - 2:
            items.append({**keys.name("ada", session_id, f"long-{position}"), **where, "kind": "question"})
    for start in range(0, len(items), 25):
        puts = [{"PutRequest": {"Item": marshalled(item)}} for item in items[start : start + 25]]
        store.client.batch_write_item(RequestItems={"sessions": puts})


def read(noted: NotedCalls) -> int:
    """How many messages were read."""
    return sum(len(reply["Items"]) for name, _, reply in noted.calls if name == "query")


def test_history_of_a_session_of_5000_messages_reads_about_what_it_gives(store: DynamoStore) -> None:
    ask = an_ask()
    answered(store, ask)
    lengthen(store, ask.session_id, messages=5000, parent_of={})
    noted = NotedCalls(store.client)
    given = on(store, noted).sessions.history("ada", ask.session_id, leaf_id="long-5001", budget_tokens=2000)
    assert texts(given) == [f"word {position}" for position in range(4669, 5002)]
    assert read(noted) <= len(given) + 32
    assert len(noted.calls) <= 2 + len(given) // 32 + 1


def test_history_of_a_branch_that_is_spread_over_a_session_reads_few_others(store: DynamoStore) -> None:
    ask = an_ask()
    answered(store, ask)
    spread = {position: position - 40 for position in range(60, 400)}
    lengthen(store, ask.session_id, messages=400, parent_of=spread)
    noted = NotedCalls(store.client)
    given = on(store, noted).sessions.history("ada", ask.session_id, leaf_id="long-399", budget_tokens=54)
    assert texts(given) == [f"word {position}" for position in range(79, 400, 40)]
    assert read(noted) <= 32 + 2 * len(given)


def test_metadata_is_not_read(store: DynamoStore) -> None:
    ask = an_ask()
    answer = answered(store, ask)
    follow_up = claimed(store, an_ask(session_id=ask.session_id, text="And then?"))
    noted = NotedCalls(store.client)
    given = on(store, noted).sessions.history("ada", ask.session_id, leaf_id=follow_up.message_id, budget_tokens=1000)
    assert texts(given) == [ask.text, answer.content, "And then?"]
    assert "metadata#" not in str(noted.calls)
