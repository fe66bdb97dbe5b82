"""Of whom something is kept is known until nothing is, and who was not seen for longest is found first."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from tests.contracts.aws import DynamoStore
from tests.contracts.examples import a_workspace, an_ask
from tests.contracts.kept import kept
from tests.unit.adapters.aws.talks import answered

from kosha.adapters.aws.tables import TABLES
from kosha.model.page import PageOf
from kosha.model.user import User
from kosha.ports import Holdings


def person(user_id: str) -> User:
    return User(id=user_id, name=user_id, roles=("user",))


def begun(store: DynamoStore, user_id: str) -> None:
    """They ask in a new session, and make a workspace."""
    answered(store, an_ask(user_id=user_id))
    store.workspaces.add(a_workspace(), person(user_id))


def holdings(store: DynamoStore) -> Sequence[Holdings]:
    return store.workspaces, store.sessions


def unseen(store: DynamoStore, *, days: int = 1, limit: int = 10) -> list[list[str]]:
    since = store.clock() - timedelta(days=days)
    return [holding.unseen(since, limit) for holding in holdings(store)]


def test_who_was_not_heard_of_for_longest_is_found_first(store: DynamoStore) -> None:
    for name in ("cy", "bob", "ada"):
        begun(store, name)
        store.clock.pass_seconds(60)
    store.clock.pass_seconds(86_400)
    assert unseen(store) == [["cy", "bob", "ada"]] * 2
    assert unseen(store, limit=2) == [["cy", "bob"]] * 2


def test_who_was_seen_or_begins_something_is_looked_for_a_day_later(store: DynamoStore) -> None:
    begun(store, "ada")
    begun(store, "bob")
    store.clock.pass_seconds(86_401)
    begun(store, "ada")
    for holding in holdings(store):
        holding.seen("bob")
    assert unseen(store) == [[], []]
    store.clock.pass_seconds(86_401)
    assert unseen(store) == [["ada", "bob"]] * 2


def test_who_was_given_a_grant_is_known(store: DynamoStore) -> None:
    workspace = a_workspace()
    store.workspaces.add(workspace, person("ada"))
    store.workspaces.set_grant(workspace.id, "bob", "viewer")
    store.clock.pass_seconds(86_401)
    assert unseen(store)[0] == ["ada", "bob"]


def test_of_who_is_forgotten_nothing_is_left_and_others_keep_theirs(store: DynamoStore) -> None:
    begun(store, "zoe-who-leaves")
    begun(store, "bob")
    assert [holding.forget_user("zoe-who-leaves") for holding in holdings(store)] == [True, True]
    everything = str([store.client.scan(TableName=name)["Items"] for name in TABLES])
    assert "zoe-who-leaves" not in everything
    assert len(store.workspaces.of("bob", PageOf()).items) == len(store.sessions.of("bob", PageOf()).items) == 1


@pytest.mark.parametrize("sessions", [10, 11])
def test_many_sessions_are_forgotten_a_few_at_a_call(store: DynamoStore, sessions: int) -> None:
    for _ in range(sessions):
        answered(store, an_ask())
    store.clock.pass_seconds(86_401)
    assert store.sessions.forget_user("ada") == (sessions == 10)
    assert unseen(store)[1] == ([] if sessions == 10 else ["ada"])
    assert store.sessions.forget_user("ada")
    assert kept(store) == ""
