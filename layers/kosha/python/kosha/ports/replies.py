"""The first replies to calls that may be made twice."""

from typing import NamedTuple, Protocol


class StoredReply(NamedTuple):
    """The first reply to an idempotent call."""

    status: int
    body: str


class Replies(Protocol):
    """First replies by idempotency key, for 24 hours."""

    def begin(self, user_id: str, key: str, request_digest: str) -> StoredReply | None:
        """None for a new key. Raises Conflict for one in progress, Invalid for one used for another request."""
        ...

    def keep(self, user_id: str, key: str, reply: StoredReply) -> None:
        """Keep the reply of a begun key."""
        ...

    def forget(self, user_id: str, key: str) -> None:
        """The call failed in a way that may be tried again."""
        ...
