"""The reading part of the contract of the port `Users`: a user pool keeps it too, though people are managed there."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from moto import mock_aws
from tests.contracts.examples import an_account, new_id
from tests.contracts.user_pool import UserPool, cognito_client

from kosha.adapters.aws.cognito import CognitoUsers
from kosha.adapters.postgres.users import PostgresUsers
from kosha.errors import Invalid, NotFound
from kosha.model.page import PageOf
from kosha.model.user import Role
from kosha.ports import Users


class People(NamedTuple):
    """The port, and how somebody comes to be among them: `add` returns the id."""

    users: Users
    add: Callable[..., str]


@pytest.fixture(scope="module")
def cognito() -> Iterator[Any]:
    """A client of the Cognito of this process, which is costly to make."""
    with mock_aws():
        yield cognito_client()


@pytest.fixture(params=["postgres", "cognito"])
def people(request: pytest.FixtureRequest) -> People:
    if request.param == "cognito":
        pool = UserPool(request.getfixturevalue("cognito"))
        return People(CognitoUsers(pool.client, pool.id), pool.add)
    users = PostgresUsers(request.getfixturevalue("empty_database"))

    def add(name: str, *roles: Role) -> str:
        account = an_account(name, roles=roles or ("user",))
        users.add(account)
        return account.user.id

    return People(users, add)


def test_a_person_is_found_by_id_and_by_name(people: People) -> None:
    user_id = people.add("ada", "admin", "manager")
    user = people.users.get(user_id)
    assert (user.id, user.name, user.roles) == (user_id, "ada", ("admin", "manager"))
    assert people.users.named("ada") == user


def test_who_has_no_role_is_a_user(people: People) -> None:
    assert people.users.get(people.add("bob")).roles == ("user",)


@pytest.mark.parametrize("name", ["", " ", "nobody", "a\x00b", "\ud800", 'x" or sub != "', "n" * 500, new_id()])
def test_a_name_of_any_shape_is_not_found(people: People, name: str) -> None:
    people.add("ada")
    for call in (people.users.get, people.users.named):
        with pytest.raises(NotFound):
            call(name)


def test_people_are_listed_by_name_page_by_page(people: People) -> None:
    for name, role in (("carl", "manager"), ("ada", "admin"), ("bob", "user")):
        people.add(name, role)
    first = people.users.list(PageOf(2))
    second = people.users.list(PageOf(2, first.next_cursor))
    told = [[(user.name, user.roles) for user in page.items] for page in (first, second)]
    assert told == [[("ada", ("admin",)), ("bob", ("user",))], [("carl", ("manager",))]]
    assert second.next_cursor is None
    assert [user.id for user in second.items] == [people.users.named("carl").id]


def test_a_list_of_nobody_is_empty(people: People) -> None:
    assert people.users.list(PageOf()) == ([], None)


@pytest.mark.parametrize("cursor", ["x", "é", "W10", ""])
def test_a_cursor_of_no_list_is_refused(people: People, cursor: str) -> None:
    with pytest.raises(Invalid):
        people.users.list(PageOf(2, cursor))
