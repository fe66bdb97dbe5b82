"""The open sockets of users in DynamoDB: API Gateway holds the sockets, and knows nothing of them but their ids."""

from datetime import datetime, timedelta

from kosha.adapters.aws.clients import DynamoDb
from kosha.adapters.aws.dynamo import DynamoTable
from kosha.adapters.aws.dynamo_chat import Now, moment_in_key
from kosha.adapters.aws.items import Item
from kosha.adapters.cursors import read_cursor, write_cursor
from kosha.adapters.storable import storable, to_json
from kosha.errors import NotFound, TooManyRequests
from kosha.model.connection import Authorisation, Connection
from kosha.model.page import Page, PageOf

MOST_OF_A_USER = 500
# API Gateway closes a socket after 2 hours (quotas of WebSocket APIs, 2026-11); a record may outlive it, never the
# other way round.
_LIFE = timedelta(hours=2, minutes=15)
_RETRY_SECONDS = 60


class DynamoConnections:
    """Fits the port `Connections`. Every call raises Unavailable where DynamoDB stays away or busy.

    most: connections a user may have. They are counted in an index, which lags a little: who opens many at one moment
    may get a few more.
    """

    def __init__(self, client: DynamoDb, *, table: str, now: Now, most: int = MOST_OF_A_USER) -> None:
        self._table = DynamoTable(client, table)
        self._now = now
        self._most = most

    def add(self, connection: Connection) -> None:
        """Keep a new one. Raises TooManyRequests for a user who has as many as one may have."""
        if len(self.of(connection.user.id)) >= self._most:
            message = f"You have {self._most} connections open already. Close some, then connect again."
            raise TooManyRequests(message, _RETRY_SECONDS)
        item: Item = {
            **_key(connection.id),
            "user_id": connection.user.id,
            "connected_at": moment_in_key(connection.connected_at),
            "authorisation": to_json(connection.authorisation),
            "open": "1",
            "ends_at": _ends_at(connection.id, connection.authorisation),
            "expires_at": _seconds(connection.connected_at + _LIFE),
        }
        self._table.put(item)

    def get(self, connection_id: str) -> Connection:
        """Raises NotFound."""
        item = self._table.get(_key(connection_id))
        if item is None or not self._is_open(item):
            raise NotFound("connection", connection_id)
        return _connection(item)

    def remove(self, connection_id: str) -> None:
        """Forget it; nothing happens where it is gone."""
        self._table.delete(_key(connection_id))

    def renew(self, connection_id: str, authorisation: Authorisation) -> None:
        """Let it stay open on a fresh token. Raises NotFound, also for a connection of another user."""
        values = {
            "user_id": authorisation.user.id,
            "authorisation": to_json(authorisation),
            "ends_at": _ends_at(connection_id, authorisation),
        }
        change, condition = "SET #authorisation = :authorisation, #ends_at = :ends_at", "#user_id = :user_id"
        if self._table.update(_key(connection_id), change, condition=condition, values=values) is None:
            raise NotFound("connection", connection_id)

    def of(self, user_id: str) -> list[Connection]:
        """A user's, newest first; one that was opened this second may still be missing."""
        found: list[Connection] = []
        start: Item | None = None
        while True:
            some = self._table.query(
                "#user_id = :user_id", {"user_id": user_id}, index="by_user", start=start, descending=True
            )
            found += [_connection(item) for item in some.items if self._is_open(item)]
            if (start := some.last_key) is None:
                return found

    def open(self, page: PageOf) -> Page[Connection]:
        """Everybody's, those whose token ends soonest first; a new or renewed one may come a moment late.

        Raises Invalid for a malformed cursor.
        """
        condition, values = "#open = :open", {"open": "1"}
        if page.cursor is not None:
            condition = f"{condition} AND #ends_at > :after"
            values["after"] = "#".join(read_cursor(page.cursor))
        found = self._table.query(condition, values, index="by_open", limit=page.limit)
        items = [_connection(item) for item in found.items if self._is_open(item)]
        if found.last_key is None:
            return Page(items)
        seconds, last_id = found.items[-1]["ends_at"].split("#", 1)
        return Page(items, write_cursor(seconds, last_id))

    def _is_open(self, item: Item) -> bool:
        """DynamoDB may take days to forget what its time to live has passed."""
        return item["expires_at"] > _seconds(self._now())


def _key(connection_id: str) -> Item:
    return {"connection_id": connection_id}


def _ends_at(connection_id: str, authorisation: Authorisation) -> str:
    """When its token ends, as a place of its own in the list of all."""
    return f"{authorisation.expires_at:012d}#{storable(connection_id)}"


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _connection(item: Item) -> Connection:
    return Connection(
        id=item["connection_id"],
        authorisation=Authorisation.model_validate_json(item["authorisation"]),
        connected_at=datetime.fromisoformat(item["connected_at"]),
    )
