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
    """Where a table has these items.

    by: its index by group and moment. group, person: names of attributes, and what their values begin with; those of
    people go on with the id. seen_at: the name of the moment's attribute.
    """

    by: str
    group: tuple[str, str]
    person: tuple[str, str]
    seen_at: str


IN_SESSIONS = Register("by_updated", group=("user_id", "people#"), person=("sort_key", ""), seen_at="updated_at")
IN_WORKSPACES = Register(
    "by_object_type", group=("object_type", "person"), person=("workspace_id", "person#"), seen_at="created_at"
)


class KnownPeople:
    """People by id. What was noted a second ago may not be found yet."""

    def __init__(self, table: DynamoTable, register: Register, now: Callable[[], datetime]) -> None:
        self._table = table
        self._register = register
        self._now = now

    def note(self, user_id: str) -> None:
        """They are there now, and something is kept of them."""
        self._table.put({**self._key(user_id), self._register.seen_at: moment_in_key(self._now())})

    def unseen(self, since: datetime, limit: int) -> list[str]:
        """Who was not noted since then, longest ago first."""
        (group, its_name), (person, prefix) = self._register.group, self._register.person
        condition = f"#{group} = :group AND #{self._register.seen_at} < :since"
        values = {"group": its_name, "since": moment_in_key(since)}
        found = self._table.query(condition, values, index=self._register.by, limit=limit)
        return [str(item[person]).removeprefix(prefix) for item in found.items]

    def forget(self, user_id: str) -> None:
        """Nothing is kept of them any more."""
        self._table.delete(self._key(user_id))

    def _key(self, user_id: str) -> Item:
        (group, its_name), (person, prefix) = self._register.group, self._register.person
        return {group: its_name, person: f"{prefix}{user_id}"}
