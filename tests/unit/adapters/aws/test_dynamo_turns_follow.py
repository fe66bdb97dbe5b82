"""Who is told a turn's end."""

import pytest
from tests.contracts.aws import Clock, DynamoClients, DynamoStore
from tests.contracts.examples import a_failure, an_ask
from tests.contracts.races import at_once

from kosha.model.turn import Ask, TurnKey


@pytest.fixture(params=[False, True], ids=["", "loses confirmations"])
def store(request: pytest.FixtureRequest, dynamodb: DynamoClients) -> DynamoStore:
    return DynamoStore(dynamodb.emptied(loses_confirmations=request.param), Clock())


def ended(store: DynamoStore) -> Ask:
    ask = an_ask()
    store.turns.accept(ask, parent_id=None, branch_from=None, regenerates=False)
    assert store.turns.claim(ask.key) is not None
    store.turns.finish(ask.key, 1, a_failure(ask), None)
    return ask


def test_each_connection_is_told_once(store: DynamoStore) -> None:
    ask = ended(store)
    assert [store.turns.mark_told(ask.key, name) for name in ("one=", "two", "one=", "two")] == [
        True,
        True,
        False,
        False,
    ]


def test_of_many_who_tell_at_once_one_does(store: DynamoStore) -> None:
    ask = ended(store)
    outcomes = at_once([lambda: store.turns.mark_told(ask.key, "one")] * 6)
    assert sorted(outcomes) == [False] * 5 + [True]


def test_of_a_turn_that_is_gone_everybody_is_told(store: DynamoStore) -> None:
    for _ in range(2):
        assert store.turns.mark_told(TurnKey("ada", "gone"), "one")
