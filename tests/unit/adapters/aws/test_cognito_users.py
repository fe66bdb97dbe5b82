"""People of a user pool: how often it is asked, and what it is left to do itself."""

from typing import Any

import pytest
from botocore.stub import Stubber
from tests.contracts.examples import an_account
from tests.contracts.user_pool import UserPool, cognito_client
from tests.house.clock import Clock

from kosha.adapters.aws.cognito import CognitoUsers
from kosha.errors import NotFound, NotInThisVersion, Unavailable
from kosha.model.page import PageOf


@pytest.fixture
def pool(cognito: Any) -> UserPool:
    return UserPool(cognito)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def users(pool: UserPool, clock: Clock) -> CognitoUsers:
    return CognitoUsers(pool.client, pool.id, clock=clock)


def test_more_people_than_one_reply_holds_are_listed(pool: UserPool, users: CognitoUsers) -> None:
    for number in range(65):
        pool.client.admin_create_user(UserPoolId=pool.id, Username=f"user-{number:02}")
    names = [user.name for user in users.everybody()]
    assert names == [f"user-{number:02}" for number in range(65)]
    assert len(users.list(PageOf(100)).items) == 65


def test_who_left_the_pool_is_not_found_a_minute_later(pool: UserPool, users: CognitoUsers, clock: Clock) -> None:
    user_id = pool.add("ada")
    assert users.get(user_id).name == "ada"
    pool.client.admin_delete_user(UserPoolId=pool.id, Username="ada")
    clock.pass_seconds(61)
    with pytest.raises(NotFound):
        users.get(user_id)
    assert users.everybody() == []


def test_a_new_person_is_found_at_once_also_after_a_look_in_vain(pool: UserPool, users: CognitoUsers) -> None:
    with pytest.raises(NotFound):
        users.named("ada")
    user_id = pool.add("ada")
    assert users.named("ada") == users.get(user_id)


def test_who_may_not_sign_in_at_present_is_still_known(pool: UserPool, users: CognitoUsers) -> None:
    user_id = pool.add("ada")
    pool.client.admin_disable_user(UserPoolId=pool.id, Username="ada")
    assert users.get(user_id) == users.named("ada")


def test_groups_that_are_no_role_of_ours_count_for_nothing(pool: UserPool, users: CognitoUsers) -> None:
    pool.add("ada", "choir", "manager")
    assert users.named("ada").roles == ("manager",)


def test_a_pool_without_our_groups_has_users_only(pool: UserPool, users: CognitoUsers) -> None:
    pool.add("ada")
    for group in ("admin", "manager", "user"):
        pool.client.delete_group(UserPoolId=pool.id, GroupName=group)
    assert [user.roles for user in users.everybody()] == [("user",)]


def test_people_are_managed_in_the_pool(users: CognitoUsers) -> None:
    account = an_account()
    for manage in (
        lambda: users.account("ada"),
        lambda: users.add(account),
        lambda: users.set_roles(account.user.id, ("admin",)),
        lambda: users.set_password(account.user.id, "hash"),
        lambda: users.remove(account.user.id),
    ):
        with pytest.raises(NotInThisVersion, match="managed in the user pool"):
            manage()


def test_a_busy_pool_is_unavailable() -> None:
    client = cognito_client()
    users = CognitoUsers(client, "eu-central-1_pool")
    with Stubber(client) as stubber:
        for method in ("list_users", "admin_get_user", "list_users_in_group"):
            stubber.add_client_error(method, "TooManyRequestsException")
        for call in (lambda: users.get("a"), lambda: users.named("a"), lambda: users.list(PageOf())):
            with pytest.raises(Unavailable):
                call()
