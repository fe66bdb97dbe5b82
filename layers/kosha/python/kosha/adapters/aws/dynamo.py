"""A table of DynamoDB in plain values: conditions that may fail, pages, batches, and transactions that meet others."""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from botocore.exceptions import ClientError

from kosha.adapters.aws.clients import DynamoDb
from kosha.adapters.aws.errors import cancellation_reasons, code_of, told_as_ours
from kosha.adapters.aws.items import Item, Value, is_key, marshalled, refuse_too_large, unmarshalled
from kosha.adapters.aws.patience import Pause, attempts
from kosha.errors import Invalid, Unavailable

T = TypeVar("T")
Values = Mapping[str, Value]
Write = dict[str, Any]
"""One write of a transaction, as `TransactWriteItems` takes it."""

_NAMES = re.compile(r"#(\w+)")
_GET_AT_ONCE, _WRITE_AT_ONCE = 100, 25
_MET_ANOTHER = frozenset(["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
CROWDED = "Too many changes of one thing at once. Try again in a moment."


class Slice(NamedTuple):
    """Items of a query in their order, and the key of the last one looked at where more may follow."""

    items: list[Item]
    last_key: Item | None = None


class DynamoTable:
    """One table.

    In expressions every attribute is written `#name`, so that no reserved word is in the way, and every value
    `:name`. Reads of the table itself see every write before them; reads of an index may lag by a second. A key that
    the service takes from nobody names no item. Raises Unavailable, and TooLarge for an item that is.
    """

    def __init__(self, client: DynamoDb, name: str, *, pause: Pause = time.sleep) -> None:
        self._client = client
        self._name = name
        self._pause = pause

    def get(self, key: Values) -> Item | None:
        """The item, or None."""
        if not is_key(*key.values()):
            return None
        with told_as_ours("read its records"):
            reply = self._client.get_item(TableName=self._name, Key=marshalled(key), ConsistentRead=True)
        return unmarshalled(reply["Item"]) if "Item" in reply else None

    def get_many(self, keys: Sequence[Values]) -> list[Item]:
        """The items that are there, each once, in any order."""
        distinct = {tuple(key.values()): marshalled(key) for key in keys if is_key(*key.values())}
        return [item for some in _slices(list(distinct.values()), _GET_AT_ONCE) for item in self._get_some(some)]

    def put(self, item: Values, *, condition: str | None = None, values: Values | None = None) -> bool:
        """Keep an item in place of what has its key; False where the condition does not hold."""
        return self._write(lambda: self._client.put_item(**self.putting(item, condition, values)["Put"]))

    def update(
        self, key: Values, change: str, *, condition: str | None = None, values: Values | None = None
    ) -> Item | None:
        """Change an item and return it as it is now; None where the condition does not hold."""
        if not is_key(*key.values()):
            return None
        request = self.updating(key, change, condition, values)["Update"]
        reply: dict[str, Any] = {}
        is_written = self._write(lambda: reply.update(self._client.update_item(**request, ReturnValues="ALL_NEW")))
        return unmarshalled(reply["Attributes"]) if is_written else None

    def delete(self, key: Values, *, condition: str | None = None, values: Values | None = None) -> bool:
        """Forget an item; False where the condition does not hold."""
        if not is_key(*key.values()):
            return condition is None
        return self._write(lambda: self._client.delete_item(**self.deleting(key, condition, values)["Delete"]))

    def delete_many(self, keys: Sequence[Values]) -> None:
        """Forget items; nothing happens to those that are gone."""
        for some in _slices([marshalled(key) for key in keys], _WRITE_AT_ONCE):
            waiting: dict[str, Any] = {self._name: [{"DeleteRequest": {"Key": key}} for key in some]}
            for _ in attempts(self._pause):
                with told_as_ours("remove its records"):
                    reply = self._client.batch_write_item(RequestItems=waiting)
                waiting = reply.get("UnprocessedItems", {})
                if not waiting:
                    break
            else:
                raise Unavailable(CROWDED)

    def query(
        self,
        condition: str,
        values: Values,
        *,
        index: str | None = None,
        filter: str | None = None,
        start: Values | None = None,
        limit: int | None = None,
        descending: bool = False,
    ) -> Slice:
        """At most `limit` items (without one: 1 MB of them) after `start`, in the order of the sort key.

        A filter takes items away after they were counted, so a slice may be short, or empty, before the end.
        """
        if not is_key(*(value for name, value in values.items() if re.search(rf":{name}\b", condition))):
            return Slice([])
        request: dict[str, Any] = {
            "TableName": self._name,
            "KeyConditionExpression": condition,
            "ScanIndexForward": not descending,
            **({"IndexName": index} if index else {"ConsistentRead": True}),
            **({"FilterExpression": filter} if filter else {}),
            **({"ExclusiveStartKey": marshalled(start)} if start else {}),
            **({"Limit": limit} if limit else {}),
            **_named(values, condition, filter),
        }
        with told_as_ours("read its records"):
            reply = self._client.query(**request)
        last_key = reply.get("LastEvaluatedKey")
        return Slice([unmarshalled(item) for item in reply["Items"]], unmarshalled(last_key) if last_key else None)

    def every(self, condition: str, values: Values, *, index: str | None = None) -> Iterator[Item]:
        """All items of a query, a slice at a time."""
        start: Item | None = None
        while True:
            found = self.query(condition, values, index=index, start=start)
            yield from found.items
            if (start := found.last_key) is None:
                return

    def putting(self, item: Values, condition: str | None = None, values: Values | None = None) -> Write:
        """`put` as one write of a transaction. Raises TooLarge."""
        refuse_too_large(item)
        return {"Put": {"TableName": self._name, "Item": marshalled(item), **_conditional(condition, values)}}

    def updating(self, key: Values, change: str, condition: str | None = None, values: Values | None = None) -> Write:
        """`update` as one write of a transaction. Raises TooLarge."""
        refuse_too_large(values or {})
        request = {
            "TableName": self._name,
            "Key": _key(key),
            "UpdateExpression": change,
            **_conditional(condition, values, change),
        }
        return {"Update": request}

    def deleting(self, key: Values, condition: str | None = None, values: Values | None = None) -> Write:
        """`delete` as one write of a transaction."""
        return {"Delete": {"TableName": self._name, "Key": _key(key), **_conditional(condition, values)}}

    def checking(self, key: Values, condition: str, values: Values | None = None) -> Write:
        """No write, but a condition that the others of a transaction hang on."""
        return {"ConditionCheck": {"TableName": self._name, "Key": _key(key), **_conditional(condition, values)}}

    def transact(self, writes: Sequence[Write]) -> frozenset[int]:
        """Make all writes (also of other tables) or none: the numbers of those whose condition did not hold.

        Empty: all are made. Transactions that meet another one on an item are tried again for a while.
        """
        for _ in attempts(self._pause):
            try:
                with told_as_ours("keep its records"):
                    self._client.transact_write_items(TransactItems=list(writes))
                return frozenset()
            except Unavailable as error:
                if not _met_another(error):
                    raise
            except ClientError as error:
                failed = frozenset(n for n, code in enumerate(cancellation_reasons(error)) if code == _NOT_HELD)
                if not failed:
                    raise
                return failed
        raise Unavailable(CROWDED)

    def _get_some(self, keys: list[dict[str, Any]]) -> Iterator[Item]:
        waiting: dict[str, Any] = {self._name: {"Keys": keys, "ConsistentRead": True}}
        for _ in attempts(self._pause):
            with told_as_ours("read its records"):
                reply = self._client.batch_get_item(RequestItems=waiting)
            yield from (unmarshalled(item) for item in reply["Responses"].get(self._name, []))
            waiting = reply.get("UnprocessedKeys", {})
            if not waiting:
                return
        raise Unavailable(CROWDED)

    def _write(self, call: Callable[[], object]) -> bool:
        """Whether the condition held. A write that meets a transaction on its item is tried again for a while."""
        for _ in attempts(self._pause):
            try:
                with told_as_ours("keep its records"):
                    call()
                return True
            except Unavailable as error:
                if not _met_another(error):
                    raise
            except ClientError as error:
                if code_of(error) != "ConditionalCheckFailedException":
                    raise
                return False
        raise Unavailable(CROWDED)


_NOT_HELD = "ConditionalCheckFailed"


def _met_another(error: Unavailable) -> bool:
    """botocore has tried what was throttled again by itself, but never what met another transaction."""
    cause = error.__cause__
    if not isinstance(cause, ClientError):
        return False
    return code_of(cause) == "TransactionConflictException" or not _MET_ANOTHER.isdisjoint(cancellation_reasons(cause))


def _key(key: Values) -> dict[str, Any]:
    if not is_key(*key.values()):
        raise Invalid(f"{list(key.values())!r:.200} cannot name a record.")
    return marshalled(key)


def _conditional(condition: str | None, values: Values | None, *others: str) -> dict[str, Any]:
    request = {"ConditionExpression": condition} if condition else {}
    return {**request, **_named(values or {}, condition, *others)}


def _named(values: Values, *expressions: str | None) -> dict[str, Any]:
    """The names and values that expressions speak of; the service refuses an empty list of either."""
    names = {f"#{name}": name for expression in expressions for name in _NAMES.findall(expression or "")}
    named = marshalled({f":{name}": value for name, value in values.items()})
    return {
        **({"ExpressionAttributeNames": names} if names else {}),
        **({"ExpressionAttributeValues": named} if named else {}),
    }


def _slices(items: Sequence[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some
