"""First replies by idempotency key in DynamoDB."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

from kosha.adapters.aws.clients import DynamoDb
from kosha.adapters.aws.dynamo import DynamoTable
from kosha.adapters.aws.items import Item
from kosha.errors import Conflict, Invalid
from kosha.ports import StoredReply

_KEPT = timedelta(hours=24)
# A call without a reply after two minutes has died with its function: the key may be begun again by the same request.
_DIED = timedelta(minutes=2)
# The service removes what has expired within days, not at once.
_IS_NEW = (
    "attribute_not_exists(#reply_key) OR #expires_at <= :now "
    "OR (attribute_not_exists(#status) AND #begun_at <= :died AND #request_digest = :request_digest)"
)


class DynamoReplies:
    """Fits the port `Replies`. The keys of a user who was removed go by themselves within their 24 hours."""

    def __init__(self, client: DynamoDb, *, table: str, now: Callable[[], datetime]) -> None:
        self._table = DynamoTable(client, table)
        self._now = now

    def begin(self, user_id: str, key: str, request_digest: str) -> StoredReply | None:
        """None for a new key. Raises Conflict for one in progress, Invalid for one used for another request."""
        now = self._now()
        item = {
            **_key(user_id, key),
            "request_digest": request_digest,
            "begun_at": _seconds(now),
            "expires_at": _seconds(now + _KEPT),
            "begun_by": str(uuid4()),
        }
        values = {"now": _seconds(now), "died": _seconds(now - _DIED), "request_digest": request_digest}
        if self._table.put(item, condition=_IS_NEW, values=values):
            return None
        found = self._table.get(_key(user_id, key))
        if found is None:  # forgotten between the two calls
            raise Conflict("The call with this Idempotency-Key has just ended. Send it again.")
        if found["request_digest"] != request_digest:
            raise Invalid(f"The Idempotency-Key {key!r} was used for another request. Make a new one.")
        if "status" in found:
            return StoredReply(found["status"], found["body"])
        if found["begun_by"] == item["begun_by"]:  # by this call, sent again because its reply was lost
            return None
        raise Conflict("The first call with this Idempotency-Key is still running. Send it again in a moment.")

    def keep(self, user_id: str, key: str, reply: StoredReply) -> None:
        """Keep the reply of a begun key. Raises TooLarge."""
        self._table.update(
            _key(user_id, key),
            "SET #status = :status, #body = :body",
            condition="attribute_exists(#reply_key)",
            values={"status": reply.status, "body": reply.body},
        )

    def forget(self, user_id: str, key: str) -> None:
        """The call failed in a way that may be tried again."""
        self._table.delete(_key(user_id, key), condition="attribute_not_exists(#status)")


def _key(user_id: str, key: str) -> Item:
    """A digest: of any length and characters, and no two pairs of user and key make the same one."""
    return {"reply_key": hashlib.sha256(json.dumps([user_id, key]).encode()).hexdigest()}


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
