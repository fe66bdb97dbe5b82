"""Of whom a table keeps something, and when each was last seen: what finds those who left a user pool without a word.

An item a person, in an index by that moment: so who was not seen for longest comes first, a look for them reads no
more than it is asked for, and where it broke off the next one goes on.
"""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from kosha.adapters.aws.dynamo import DynamoTable
from kosha.adapters.aws.dynamo_chat import moment_in_key
from kosha.adapters.aws.items import Item


class Register(NamedTuple):
    """Where a table has these items. index: its partition is `group` in the attribute `group_name`."""

    index: str
    group_name: str
    group: str
    seen_at_name: str
    key_of: Callable[[str], Item]
    person_in: Callable[[Item], str]


IN_SESSIONS = Register(
    index="by_updated",
    group_name="user_id",
    group="people#",
    seen_at_name="updated_at",
    key_of=lambda user_id: {"user_id": "people#", "sort_key": user_id},
    person_in=lambda item: item["sort_key"],
)
IN_WORKSPACES = Register(
    index="by_object_type",
    group_name="object_type",
    group="person",
    seen_at_name="created_at",
    key_of=lambda user_id: {"workspace_id": f"person#{user_id}", "object_type": "person"},
    person_in=lambda item: item["workspace_id"].removeprefix("person#"),
)


class KnownPeople:
    """People by id. What was noted a second ago may not be found yet."""

    def __init__(self, table: DynamoTable, register: Register, now: Callable[[], datetime]) -> None:
        self._table = table
        self._register = register
        self._now = now

    def note(self, user_id: str) -> None:
        """They are there now, and something is kept of them."""
        self._table.put({**self._register.key_of(user_id), self._register.seen_at_name: moment_in_key(self._now())})

    def unseen(self, since: datetime, limit: int) -> list[str]:
        """Who was not noted since then, longest ago first."""
        condition = f"#{self._register.group_name} = :group AND #{self._register.seen_at_name} < :since"
        values = {"group": self._register.group, "since": moment_in_key(since)}
        found = self._table.query(condition, values, index=self._register.index, limit=limit)
        return [self._register.person_in(item) for item in found.items]

    def forget(self, user_id: str) -> None:
        """Nothing is kept of them any more."""
        self._table.delete(self._register.key_of(user_id))
