"""DynamoDB in process: moto with the tables of `kosha.adapters.aws.tables`, and what befalls them."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
from botocore.config import Config

from kosha.adapters.aws.dynamo_documents import DynamoDocuments
from kosha.adapters.aws.dynamo_replies import DynamoReplies
from kosha.adapters.aws.dynamo_schedules import DynamoSchedules
from kosha.adapters.aws.dynamo_sessions import DynamoSessions
from kosha.adapters.aws.dynamo_turns import DynamoTurns
from kosha.adapters.aws.dynamo_workspaces import DynamoWorkspaces
from kosha.adapters.aws.tables import TABLES, Index, Table
from kosha.errors import NotFound
from kosha.model.user import Account, User

REGION = "eu-central-1"


class Clock:
    """The time of a test: the machine's, and as many seconds more as it has let pass."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def pass_seconds(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)


class OneAtATime:
    """A client whose calls wait for each other: moto answers threads at once, and then no write is atomic."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._lock = threading.RLock()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._client, name)

        def call(**request: Any) -> Any:
            with self._lock:
                return method(**request)

        return call


class DynamoClients:
    """Clients of the DynamoDB of this process, which are costly to make; a test empties what it uses."""

    def __init__(self) -> None:
        self._steady, self._forgetful = _client(), _client()
        for write in ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem"):
            self._forgetful.meta.events.register_first(f"needs-retry.dynamodb.{write}", _lose_the_first)

    def emptied(self, *, loses_confirmations: bool = False) -> OneAtATime:
        """A client whose database has our tables, named as in `TABLES`, and no item.

        loses_confirmations: the reply to every write is lost once; botocore sends it again after it took effect.
        """
        for name in self._steady.list_tables()["TableNames"]:
            self._steady.delete_table(TableName=name)
        for name, table in TABLES.items():
            self._steady.create_table(**_described(name, table))
        return OneAtATime(self._forgetful if loses_confirmations else self._steady)


class UserPool:
    """Knows users by id, as the port `Users` does."""

    def __init__(self) -> None:
        self.users: dict[str, User] = {}

    def get(self, user_id: str) -> User:
        """Raises NotFound."""
        if user_id not in self.users:
            raise NotFound("user", user_id)
        return self.users[user_id]


class DynamoStore:
    """Fits `tests.contracts.store.Store`. On AWS the user pool has the users: `pool` stands for it."""

    def __init__(self, client: OneAtATime, clock: Clock) -> None:
        self.client = client
        self.clock = clock
        self.pass_seconds = clock.pass_seconds
        self.pool = UserPool()

    @property
    def workspaces(self) -> DynamoWorkspaces:
        return DynamoWorkspaces(
            self.client, table="workspaces", documents_table="documents", users=self.pool, now=self.clock
        )

    @property
    def documents(self) -> DynamoDocuments:
        return DynamoDocuments(self.client, table="documents", workspaces_table="workspaces")

    @property
    def replies(self) -> DynamoReplies:
        return DynamoReplies(self.client, table="replies", now=self.clock)

    @property
    def schedules(self) -> DynamoSchedules:
        return DynamoSchedules(self.client, table="documents")

    @property
    def sessions(self) -> DynamoSessions:
        return DynamoSessions(self.client, sessions_table="sessions", turns_table="turns", now=self.clock)

    @property
    def turns(self) -> DynamoTurns:
        return self.turns_of("first")

    def turns_of(self, holder: str, **options: Any) -> DynamoTurns:
        """DynamoDB tells holders apart by their calls: a function has no name, and is never the only one."""
        return DynamoTurns(self.client, turns_table="turns", sessions_table="sessions", now=self.clock)

    def items(self) -> list[dict[str, Any]]:
        """All that the tables hold, but whom they know: that goes with the person, not with what the person had."""
        every = [item for name in TABLES for item in self.client.scan(TableName=name)["Items"]]
        return [item for item in every if not _is_who_is_known(item)]

    def know(self, account: Account) -> None:
        """Somebody signs up."""
        self.pool.users[account.user.id] = account.user


def _is_who_is_known(item: dict[str, Any]) -> bool:
    return item.get("user_id") == {"S": "people#"} or item.get("object_type") == {"S": "person"}


def _client() -> Any:
    return boto3.client(
        "dynamodb",
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"mode": "standard", "max_attempts": 3}),
    )


def _lose_the_first(attempts: int, **_: Any) -> int | None:
    """Seconds after which botocore sends the request again."""
    return 0 if attempts == 1 else None


def _described(name: str, table: Table) -> dict[str, Any]:
    """The request that creates a table."""
    attributes = {*table.keys}
    for index in table.indexes.values():
        attributes |= {index.partition_key, *([index.sort_key] if index.sort_key else [])}
    request: dict[str, Any] = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": _schema(table),
        "AttributeDefinitions": [{"AttributeName": each, "AttributeType": "S"} for each in sorted(attributes)],
    }
    if table.indexes:
        request["GlobalSecondaryIndexes"] = [
            {"IndexName": name, "KeySchema": _schema(index), "Projection": _projection(index)}
            for name, index in table.indexes.items()
        ]
    return request


def _schema(way: Table | Index) -> list[dict[str, str]]:
    keys = [{"AttributeName": way.partition_key, "KeyType": "HASH"}]
    return [*keys, {"AttributeName": way.sort_key, "KeyType": "RANGE"}] if way.sort_key else keys


def _projection(index: Index) -> dict[str, Any]:
    if isinstance(index.projects, tuple):
        return {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(index.projects)}
    return {"ProjectionType": index.projects}
