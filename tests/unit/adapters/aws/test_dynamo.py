"""What a table does when the service is crowded, answers in parts, or never answers."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber

from kosha.adapters.aws.dynamo import DynamoTable
from kosha.adapters.aws.patience import attempts
from kosha.errors import Invalid, TooLarge, Unavailable

KEY = {"id": "a"}
WIRE_KEY = {"id": {"S": "a"}}


@pytest.fixture(scope="module")
def client() -> Any:
    return boto3.client("dynamodb", region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x")


@pytest.fixture
def pauses() -> list[float]:
    """Seconds the table waited."""
    return []


@pytest.fixture
def table(client: Any, pauses: list[float]) -> DynamoTable:
    return DynamoTable(client, "things", pause=pauses.append)


def cancel(service: Stubber, *codes: str) -> None:
    reasons = {"CancellationReasons": [{"Code": code} for code in codes]}
    service.add_client_error(
        "transact_write_items", "TransactionCanceledException", modeled_fields=reasons, http_status_code=400
    )


def test_a_transaction_that_meets_another_is_made_a_moment_later(
    table: DynamoTable, service: Stubber, pauses: list[float]
) -> None:
    cancel(service, "None", "TransactionConflict")
    cancel(service, "ConditionalCheckFailed", "TransactionConflict")
    service.add_response("transact_write_items", {})
    assert table.transact([table.putting(KEY), table.deleting({"id": "b"})]) == frozenset()
    assert len(pauses) == 2


def test_a_transaction_that_always_meets_another_gives_up(
    table: DynamoTable, service: Stubber, pauses: list[float]
) -> None:
    for _ in attempts(lambda _: None):
        cancel(service, "TransactionConflict")
    with pytest.raises(Unavailable, match="Too many changes"):
        table.transact([table.putting(KEY)])
    assert sum(pauses) < 4
    assert pauses[0] < pauses[-1]


def test_a_transaction_tells_whose_condition_did_not_hold(table: DynamoTable, service: Stubber) -> None:
    cancel(service, "None", "ConditionalCheckFailed")
    assert table.transact([table.putting(KEY), table.checking({"id": "b"}, "attribute_exists(#id)")]) == {1}


def test_a_transaction_that_is_malformed_is_a_bug(table: DynamoTable, service: Stubber) -> None:
    cancel(service, "ValidationError")
    with pytest.raises(ClientError):
        table.transact([table.putting(KEY)])


def test_a_write_that_meets_a_transaction_is_made_a_moment_later(
    table: DynamoTable, service: Stubber, pauses: list[float]
) -> None:
    service.add_client_error("put_item", "TransactionConflictException")
    service.add_response("put_item", {})
    assert table.put(KEY)
    assert len(pauses) == 1


def test_a_write_that_is_throttled_is_told_at_once_for_botocore_has_tried_it_again(
    table: DynamoTable, service: Stubber, pauses: list[float]
) -> None:
    service.add_client_error("put_item", "ProvisionedThroughputExceededException")
    with pytest.raises(Unavailable):
        table.put(KEY)
    assert pauses == []


def test_what_a_batch_left_out_is_asked_for_again(table: DynamoTable, service: Stubber, pauses: list[float]) -> None:
    other = {"id": {"S": "b"}}
    rest = {"things": {"Keys": [other], "ConsistentRead": True}}
    service.add_response("batch_get_item", {"Responses": {"things": [WIRE_KEY]}, "UnprocessedKeys": rest})
    service.add_response("batch_get_item", {"Responses": {"things": [other]}}, {"RequestItems": rest})
    assert table.get_many([KEY, {"id": "b"}, KEY]) == [{"id": "a"}, {"id": "b"}]
    assert len(pauses) == 1


def test_a_batch_that_stays_unfinished_is_unavailable(table: DynamoTable, service: Stubber) -> None:
    rest = {"things": [{"DeleteRequest": {"Key": WIRE_KEY}}]}
    for _ in attempts(lambda _: None):
        service.add_response("batch_write_item", {"UnprocessedItems": rest}, {"RequestItems": rest})
    with pytest.raises(Unavailable):
        table.delete_many([KEY])


def test_every_attribute_goes_by_a_placeholder_so_that_no_word_is_reserved(
    table: DynamoTable, service: Stubber
) -> None:
    expected = {
        "TableName": "things",
        "Key": WIRE_KEY,
        "UpdateExpression": "SET #status = :status REMOVE #open",
        "ConditionExpression": "#type = :type",
        "ExpressionAttributeNames": {"#status": "status", "#open": "open", "#type": "type"},
        "ExpressionAttributeValues": {":status": {"S": ""}, ":type": {"N": "1"}},
        "ReturnValues": "ALL_NEW",
    }
    service.add_response("update_item", {"Attributes": {**WIRE_KEY, "status": {"S": ""}}}, expected)
    changed = table.update(
        KEY, "SET #status = :status REMOVE #open", condition="#type = :type", values={"status": "", "type": 1}
    )
    assert changed == {"id": "a", "status": ""}


def test_a_query_goes_on_until_its_end(table: DynamoTable, service: Stubber) -> None:
    asked = {
        "TableName": "things",
        "KeyConditionExpression": "#id = :id",
        "ExpressionAttributeNames": ANY,
        "ExpressionAttributeValues": ANY,
        "ScanIndexForward": True,
        "ConsistentRead": True,
    }
    service.add_response("query", {"Items": [WIRE_KEY], "LastEvaluatedKey": WIRE_KEY}, asked)
    service.add_response("query", {"Items": []}, {**asked, "ExclusiveStartKey": WIRE_KEY})
    assert list(table.every("#id = :id", {"id": "a"})) == [{"id": "a"}]


@pytest.mark.parametrize("key", ["", "x" * 1025, "ü" * 600])
def test_of_a_key_that_no_item_can_have_nothing_is_asked(table: DynamoTable, service: Stubber, key: str) -> None:
    assert table.get({"id": key}) is None
    assert table.get_many([{"id": key}]) == []
    assert table.query("#id = :id", {"id": key}).items == []
    assert table.update({"id": key}, "SET #a = :a", values={"a": 1}) is None
    assert table.delete({"id": key})
    with pytest.raises(Invalid):
        table.deleting({"id": key})


@pytest.mark.parametrize(
    "write",
    [
        lambda table: table.put({**KEY, "record": "x" * 400_000}),
        lambda table: table.put({**KEY, "parts": {"a": "x" * 400_000}}),
        lambda table: table.update(KEY, "SET #record = :record", values={"record": "x" * 400_000}),
    ],
)
def test_more_than_an_item_holds_is_not_sent(
    table: DynamoTable, service: Stubber, write: Callable[[DynamoTable], object]
) -> None:
    with pytest.raises(TooLarge):
        write(table)
