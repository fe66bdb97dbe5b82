"""The contract of the port `Connections`, which DynamoDB alone keeps: one machine holds its sockets itself."""

from typing import Any

import pytest
from tests.contracts.aws import Clock, DynamoClients
from tests.contracts.conftest import DYNAMODB
from tests.contracts.examples import a_user, new_id

from kosha.adapters.aws.dynamo_connections import DynamoConnections
from kosha.errors import Invalid, NotFound, TooManyRequests
from kosha.model.connection import Authorisation, Connection
from kosha.model.page import PageOf
from kosha.model.user import User
from kosha.ports import Connections

ADA, BOB = a_user("ada"), a_user("bob")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=DYNAMODB)
def connections(request: pytest.FixtureRequest, dynamodb: DynamoClients, clock: Clock) -> Connections:
    client = dynamodb.emptied(loses_confirmations=request.param == DYNAMODB[1])
    return DynamoConnections(client, table="connections", now=clock, most=3)


def an_authorisation(user: User = ADA, **fields: Any) -> Authorisation:
    return Authorisation(**{"user": user, "token_id": new_id(), "issued_at": 1_000, "expires_at": 4_600, **fields})


def a_connection(clock: Clock, user: User = ADA, **fields: Any) -> Connection:
    return Connection(id=f"{new_id()}=", authorisation=an_authorisation(user, **fields), connected_at=clock())


def ids(connections: Connections, page: PageOf) -> list[str]:
    return [connection.id for connection in connections.open(page).items]


def test_a_connection_is_kept_as_it_was_opened(connections: Connections, clock: Clock) -> None:
    opened = a_connection(clock, user=User(id=new_id(), name="Ada 🙂", roles=("user", "admin")))
    connections.add(opened)
    kept = connections.get(opened.id)
    assert kept == opened
    assert kept.authorisation.caller.is_admin
    assert kept.authorisation.caller.expires_at == 4_600


@pytest.mark.parametrize("id", ["", "nobody's", "a\x00b", "\ud800", "x" * 5_000])
def test_an_unknown_id_of_any_shape_is_not_found(connections: Connections, id: str) -> None:
    with pytest.raises(NotFound):
        connections.get(id)
    with pytest.raises(NotFound):
        connections.renew(id, an_authorisation())
    connections.remove(id)


def test_a_removed_connection_is_gone(connections: Connections, clock: Clock) -> None:
    opened = a_connection(clock)
    connections.add(opened)
    for _ in range(2):
        connections.remove(opened.id)
    assert connections.of(ADA.id) == []
    with pytest.raises(NotFound):
        connections.get(opened.id)


def test_a_users_connections_are_listed_newest_first(connections: Connections, clock: Clock) -> None:
    opened = [a_connection(clock) for _ in range(3)]
    for connection in (*opened, a_connection(clock, BOB)):
        connections.add(connection)
    assert connections.of(ADA.id) == opened[::-1]


def test_a_user_with_as_many_as_allowed_gets_no_more(connections: Connections, clock: Clock) -> None:
    opened = [a_connection(clock) for _ in range(3)]
    for connection in opened:
        connections.add(connection)
    with pytest.raises(TooManyRequests, match="3 connections open"):
        connections.add(a_connection(clock))
    connections.add(a_connection(clock, BOB))
    connections.remove(opened[0].id)
    connections.add(a_connection(clock))


def test_a_fresh_token_keeps_a_connection_open(connections: Connections, clock: Clock) -> None:
    opened = a_connection(clock)
    connections.add(opened)
    fresh = an_authorisation(issued_at=4_000, expires_at=7_600)
    connections.renew(opened.id, fresh)
    assert connections.get(opened.id) == opened.model_copy(update={"authorisation": fresh})


def test_a_token_of_somebody_else_renews_nothing(connections: Connections, clock: Clock) -> None:
    opened = a_connection(clock)
    connections.add(opened)
    with pytest.raises(NotFound):
        connections.renew(opened.id, an_authorisation(BOB))
    assert connections.get(opened.id) == opened


def test_everybodys_connections_come_in_pages_by_the_end_of_their_token(connections: Connections, clock: Clock) -> None:
    opened = [
        a_connection(clock, user, expires_at=expires_at)
        for user, expires_at in ((ADA, 5_000), (BOB, 900), (ADA, 5_000), (BOB, 20_000_000))
    ]
    for connection in opened:
        connections.add(connection)
    connections.renew(opened[1].id, an_authorisation(BOB, expires_at=6_000))
    first = connections.open(PageOf(3))
    assert {connection.id for connection in first.items[:2]} == {opened[0].id, opened[2].id}
    assert first.items[2].id == opened[1].id
    assert ids(connections, PageOf(3, first.next_cursor)) == [opened[3].id]


def test_the_last_page_has_no_cursor(connections: Connections, clock: Clock) -> None:
    connections.add(a_connection(clock))
    page = connections.open(PageOf(3))
    assert (len(page.items), page.next_cursor) == (1, None)
    with pytest.raises(Invalid):
        connections.open(PageOf(3, "gibberish"))


def test_a_connection_of_which_no_end_was_told_is_gone_after_the_gateways_longest(
    connections: Connections, clock: Clock
) -> None:
    opened = [a_connection(clock) for _ in range(3)]
    for connection in opened:
        connections.add(connection)
    clock.pass_seconds(3 * 3600)
    assert connections.of(ADA.id) == []
    assert ids(connections, PageOf()) == []
    with pytest.raises(NotFound):
        connections.get(opened[0].id)
    connections.add(a_connection(clock))
