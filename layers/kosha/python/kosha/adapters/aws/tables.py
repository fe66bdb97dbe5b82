"""The tables of DynamoDB: keys, indexes and time to live, in one description for the stacks, the tests and the code.

Every key attribute is a string. Every table is billed by request, encrypted, and restorable to a point in time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Projection = Literal["ALL", "KEYS_ONLY"] | tuple[str, ...]


@dataclass(frozen=True)
class Index:
    """A second way into a table; items without both attributes are not in it.

    projects: what it keeps of an item besides keys: everything, nothing, or the attributes named.
    """

    partition_key: str
    sort_key: str | None = None
    projects: Projection = "KEYS_ONLY"


@dataclass(frozen=True)
class Table:
    """How a table is entered. `expires_at` names the attribute (seconds since 1970) after which an item goes."""

    partition_key: str
    sort_key: str | None = None
    indexes: Mapping[str, Index] = field(default_factory=dict[str, Index])
    expires_at: str | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of the attributes that name an item."""
        return (self.partition_key,) if self.sort_key is None else (self.partition_key, self.sort_key)


TABLES: Mapping[str, Table] = {
    "workspaces": Table(
        partition_key="workspace_id",
        sort_key="object_type",
        indexes={
            "by_object_type": Index("object_type", "created_at"),
            "by_name": Index("object_type", "sort_name"),
        },
    ),
    "documents": Table(
        partition_key="workspace_id",
        sort_key="document_id",
        indexes={
            "by_compound_sort_key": Index("workspace_id", "compound_sort_key", projects=("type", "status")),
            "by_unfinished": Index("unfinished", "updated_at"),
            "by_due": Index("scheduled", "due_at"),
        },
    ),
    "sessions": Table(
        partition_key="user_id",
        sort_key="sort_key",
        indexes={"by_updated": Index("user_id", "updated_at")},
    ),
    "turns": Table(
        partition_key="turn_id",
        sort_key="sort_key",
        indexes={"by_open": Index("open", "opened_at")},
        expires_at="expires_at",
    ),
    "connections": Table(
        partition_key="connection_id",
        indexes={
            "by_user": Index("user_id", "connected_at", projects="ALL"),
            "by_open": Index("open", "ends_at", projects="ALL"),
        },
        expires_at="expires_at",
    ),
    "replies": Table(partition_key="reply_key", expires_at="expires_at"),
}
