"""The contract of the port `Users` where we manage people (test_users_read has the rest), and of single-use tokens."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from tests.contracts.examples import a_workspace, an_account, an_ask, new_id, some_deltas
from tests.contracts.races import at_once
from tests.contracts.store import PostgresStore

from kosha.adapters.postgres.users import PostgresUsers
from kosha.errors import Conflict, NotFound, Unauthorized
from kosha.model.page import PageOf

TOMORROW = datetime.now(UTC) + timedelta(days=1)


def test_an_account_comes_back_as_it_was_kept(users: PostgresUsers) -> None:
    account = an_account("ada", roles=("admin", "user"))
    users.add(account)
    assert users.account("ada") == account
    assert users.named("ada") == users.get(account.user.id) == account.user


def test_a_name_is_given_once_also_when_asked_for_at_once(users: PostgresUsers) -> None:
    outcomes = at_once([partial(users.add, an_account("ada")) for _ in range(5)])
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict"] * 4 + ["NoneType"]
    with pytest.raises(Conflict, match="'ada'"):
        users.add(an_account("ada"))


@pytest.mark.parametrize("name", ["", "nobody", "a\x00b", "\ud800"])
def test_a_name_of_any_shape_has_no_account(users: PostgresUsers, name: str) -> None:
    with pytest.raises(NotFound):
        users.account(name)


def test_the_last_administrator_stays(users: PostgresUsers) -> None:
    ada, bob = an_account("ada", roles=("admin",)), an_account("bob")
    users.add(ada)
    users.add(bob)
    with pytest.raises(Conflict):
        users.set_roles(ada.user.id, ("manager",))
    with pytest.raises(Conflict):
        users.remove(ada.user.id)
    users.remove(bob.user.id)
    assert users.set_roles(ada.user.id, ("admin", "user")).roles == ("admin", "user")


def test_administrators_who_all_leave_at_once_leave_one_behind(users: PostgresUsers) -> None:
    for number in range(5):
        for name in "abc":
            users.add(an_account(f"{name}{number}", roles=("admin",)))
        leaving = administrators(users)
        outcomes = at_once(
            [
                partial(users.remove, user_id) if place % 2 else partial(users.set_roles, user_id, ("user",))
                for place, user_id in enumerate(leaving)
            ]
        )
        assert [isinstance(outcome, Conflict) for outcome in outcomes].count(True) == 1
        assert len(administrators(users)) == 1


def administrators(users: PostgresUsers) -> list[str]:
    return [user.id for user in users.list(PageOf(100)).items if "admin" in user.roles]


def test_roles_of_nobody_are_not_found(users: PostgresUsers) -> None:
    with pytest.raises(NotFound):
        users.set_roles(new_id(), ("user",))
    with pytest.raises(NotFound):
        users.set_password(new_id(), "hash")


def test_a_new_password_voids_every_token_given_out_before(users: PostgresUsers) -> None:
    account = an_account()
    users.add(account)
    users.keep_refresh("refresh", account.user.id, TOMORROW)
    users.keep_one_time("link", account.user.id, TOMORROW)
    users.set_password(account.user.id, "new hash")
    first = users.account("ada")
    assert first.password_hash == "new hash"
    assert abs(first.valid_after - datetime.now(UTC).timestamp()) < 60
    users.set_password(account.user.id, "newer hash")
    assert users.account("ada").valid_after > first.valid_after
    for take, digest in ((users.take_refresh, "refresh"), (users.take_one_time, "link")):
        with pytest.raises(Unauthorized):
            take(digest)


async def test_a_removed_user_leaves_nothing_behind(postgres: PostgresStore) -> None:
    users, turns = postgres.users, postgres.turns
    account = an_account()
    users.add(account)
    user_id = account.user.id
    workspace = a_workspace()
    postgres.workspaces.add(workspace, account.user)
    ask = an_ask(user_id=user_id)
    turns.accept(ask, parent_id=None, branch_from=None, regenerates=False)
    turns.claim(ask.key)
    await turns.append(ask.key, 1, some_deltas("a"))
    users.keep_refresh("refresh", user_id, TOMORROW)
    users.remove(user_id)
    users.remove(user_id)
    assert postgres.workspaces.grant_of(workspace.id, user_id) is None
    assert turns.deltas(ask.key, after=-1) == []
    with pytest.raises(NotFound):
        postgres.sessions.get(user_id, ask.session_id)
    with pytest.raises(NotFound):
        users.get(user_id)
    with pytest.raises(Unauthorized):
        users.take_refresh("refresh")
    with pytest.raises(Unauthorized):
        users.keep_refresh("later", user_id, TOMORROW)


def test_a_refresh_token_is_good_once(users: PostgresUsers) -> None:
    account = an_account()
    users.add(account)
    users.keep_refresh("first", account.user.id, TOMORROW)
    assert users.take_refresh("first") == account.user.id
    with pytest.raises(Unauthorized):
        users.take_refresh("first")


def test_of_one_refresh_token_used_many_times_at_once_no_two_are_good(users: PostgresUsers) -> None:
    account = an_account()
    users.add(account)
    users.keep_refresh("first", account.user.id, TOMORROW)
    outcomes = at_once([partial(users.take_refresh, "first")] * 6)
    assert outcomes.count(account.user.id) <= 1  # who comes second voids what the first one got


def test_a_refresh_token_that_comes_again_voids_its_successors(users: PostgresUsers) -> None:
    ada, bob = an_account("ada"), an_account("bob")
    for account in (ada, bob):
        users.add(account)
        users.keep_refresh(f"{account.user.name} 1", account.user.id, TOMORROW)
    users.take_refresh("ada 1")
    users.keep_refresh("ada 2", ada.user.id, TOMORROW)
    with pytest.raises(Unauthorized):
        users.take_refresh("ada 1")
    with pytest.raises(Unauthorized):
        users.take_refresh("ada 2")
    assert users.take_refresh("bob 1") == bob.user.id


def test_a_token_is_no_good_when_it_has_expired_or_was_dropped_or_is_of_another_kind(postgres: PostgresStore) -> None:
    users = postgres.users
    account = an_account()
    users.add(account)
    users.keep_refresh("dropped", account.user.id, TOMORROW)
    users.drop_refresh("dropped")
    users.keep_one_time("link", account.user.id, TOMORROW)
    users.keep_refresh("old", account.user.id, TOMORROW)
    for digest in ("dropped", "link", "unknown", "a\x00"):
        with pytest.raises(Unauthorized):
            users.take_refresh(digest)
    postgres.pass_seconds(2 * 24 * 3600)
    with pytest.raises(Unauthorized):
        users.take_refresh("old")
    with pytest.raises(Unauthorized):
        users.take_one_time("link")


def test_a_sign_in_link_is_good_once(users: PostgresUsers) -> None:
    account = an_account()
    users.add(account)
    users.keep_one_time("link", account.user.id, TOMORROW)
    users.keep_refresh("refresh", account.user.id, TOMORROW)
    assert users.take_one_time("link") == account.user.id
    with pytest.raises(Unauthorized):
        users.take_one_time("link")
    assert users.take_refresh("refresh") == account.user.id
