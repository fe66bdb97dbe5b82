"""Clients that note what is asked of DynamoDB, break off, or let something happen in between."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import EndpointConnectionError
from tests.contracts.aws import DynamoStore

WRITES = ("put_item", "update_item", "delete_item", "batch_write_item", "transact_write_items")


class NotedCalls:
    """A client that keeps each call with its reply."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.calls: list[tuple[str, dict[str, Any], dict[str, Any]]] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**request: Any) -> Any:
            reply = getattr(self._client, name)(**request)
            self.calls.append((name, request, reply))
            return reply

        return call


class Interrupted:
    """A client that does `before` ahead of its write number `at`, counted from 0; that is not made where it raises."""

    def __init__(self, client: Any, at: int, before: Callable[[], None]) -> None:
        self._client = client
        self._left = at
        self._before = before
        self.was_reached = False

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**request: Any) -> Any:
            if name in WRITES:
                self._left -= 1
                if self._left == -1:
                    self.was_reached = True
                    self._before()
            return getattr(self._client, name)(**request)

        return call


def died() -> None:
    """What a call raises of whom the network is gone."""
    raise EndpointConnectionError(endpoint_url="https://dynamodb.test")


def on(store: DynamoStore, client: Any) -> DynamoStore:
    """The same tables through another client."""
    return DynamoStore(client, store.clock)
