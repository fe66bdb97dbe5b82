"""Who follows a turn, and who is told its end."""

from datetime import timedelta

import pytest
from tests.contracts.aws import Clock, DynamoClients, DynamoStore
from tests.contracts.examples import a_failure, an_ask
from tests.contracts.races import at_once

from kosha.model.turn import Ask, TurnKey
from kosha.ports import SINCE_THE_QUESTION


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


def test_windows_that_are_gathered_follow_since_the_question_and_who_named_a_number_keeps_it(
    store: DynamoStore,
) -> None:
    ask = an_ask()
    store.turns.accept(ask, parent_id=None, branch_from=None, regenerates=False)
    assert store.turns.follow(ask.key, "late", 7)
    assert store.turns.gather(ask.key, ["late", "window"]) == {"late": 7, "window": SINCE_THE_QUESTION}
    assert store.turns.gather(ask.key, []) == store.turns.joined(ask.key)
    assert [store.turns.hears(ask.key, name) for name in ("late", "window", "nobody")] == [False, True, False]


def test_who_was_told_the_end_is_gathered_no_more_and_hears_nothing_more(store: DynamoStore) -> None:
    ask = ended(store)
    assert store.turns.gather(ask.key, ["one", "two"]).keys() == {"one", "two"}
    assert store.turns.mark_told(ask.key, "one")
    assert store.turns.gather(ask.key, ["one"]).keys() == {"two"}
    assert [store.turns.hears(ask.key, name) for name in ("one", "two")] == [False, True]


def test_of_a_turn_that_is_gone_nobody_is_gathered(store: DynamoStore) -> None:
    gone = TurnKey("ada", "gone")
    assert store.turns.gather(gone, ["one"]) == store.turns.gather(gone, []) == {}
    assert not store.turns.hears(gone, "one")


def test_an_end_is_untold_until_it_was_handed_on(store: DynamoStore) -> None:
    running, first, second = an_ask(), ended(store), ended(store)
    store.turns.accept(running, parent_id=None, branch_from=None, regenerates=False)
    assert store.turns.untold(store.clock() - timedelta(seconds=30)) == []  # they have only just ended
    store.clock.pass_seconds(31)
    before = store.clock() - timedelta(seconds=30)
    assert store.turns.untold(before) == [first.key, second.key]
    assert store.turns.unfinished() == [running]
    for _ in range(2):
        store.turns.handed_on(first.key)
    assert store.turns.untold(before) == [second.key]


def test_a_turn_that_runs_or_is_gone_is_not_handed_on(store: DynamoStore) -> None:
    ask = an_ask()
    store.turns.accept(ask, parent_id=None, branch_from=None, regenerates=False)
    store.turns.handed_on(ask.key)
    store.turns.handed_on(TurnKey("ada", "gone"))
    assert store.turns.unfinished() == [ask]


def test_an_end_whose_session_is_deleted_is_not_told(store: DynamoStore) -> None:
    ask = ended(store)
    store.clock.pass_seconds(31)
    store.sessions.remove("ada", ask.session_id)
    assert store.turns.untold(store.clock()) == []
