"""Schedules in DynamoDB: items of the documents' table, which lists of documents do not show.

Those that are due are found in a sparse index, so a clock that asks every minute reads what is due and nothing else.
"""

from datetime import datetime
from typing import cast
from uuid import uuid4

from kosha.adapters.aws.clients import DynamoDb
from kosha.adapters.aws.dynamo import DynamoTable
from kosha.adapters.aws.items import Item
from kosha.model.record import rfc3339
from kosha.model.schedule import Schedule, ScheduleKind

_AS_READ = "#due_at = :due_at AND #every_minutes = :every_minutes"


class DynamoSchedules:
    """Fits the port `Schedules`. A schedule that was put a second ago may not be due yet."""

    def __init__(self, client: DynamoDb, *, table: str) -> None:
        self._table = DynamoTable(client, table)

    def put(self, schedule: Schedule) -> None:
        """Keep it, in the place of the one that was kept of the same thing."""
        self._table.put(_item(schedule))

    def remove(self, kind: str, workspace_id: str, id: str) -> None:
        """Forget it; nothing happens where there is none."""
        self._table.delete(_key(kind, workspace_id, id))

    def due(self, now: datetime, limit: int) -> list[Schedule]:
        """Those whose time has come, longest ago first."""
        found = self._table.query(
            "#scheduled = :scheduled AND #due_at <= :due_at",
            {"scheduled": "1", "due_at": rfc3339(now)},
            index="by_due",
            limit=limit,
        )
        items = self._table.get_many([_key(*_named(entry)) for entry in found.items])
        due = [schedule for schedule in map(_schedule, items) if schedule.due_at <= now]
        return sorted(due, key=lambda schedule: schedule.due_at)

    def claim(self, schedule: Schedule, now: datetime) -> bool:
        """Move it on to the first of its times after `now`; True for one caller alone at each due time."""
        moved = schedule.after(now)
        as_read: Item = {"due_at": rfc3339(schedule.due_at), "every_minutes": schedule.every_minutes}
        item = _item(moved)
        if self._table.put(item, condition=_AS_READ, values=as_read):
            return True
        kept = self._table.get(_key(schedule.kind, schedule.workspace_id, schedule.id))
        return kept is not None and kept["written_by"] == item["written_by"]


def _key(kind: str, workspace_id: str, id: str) -> Item:
    return {"workspace_id": workspace_id, "document_id": f"schedule#{kind}#{id}"}


def _named(entry: Item) -> tuple[str, str, str]:
    """(kind, workspace, id) of an item."""
    _, kind, thing = entry["document_id"].split("#", 2)
    return kind, entry["workspace_id"], thing


def _item(schedule: Schedule) -> Item:
    return {
        **_key(schedule.kind, schedule.workspace_id, schedule.id),
        "scheduled": "1",
        "due_at": rfc3339(schedule.due_at),
        "every_minutes": schedule.every_minutes,
        "written_by": str(uuid4()),  # tells a call that is sent again, its reply lost, from another's
    }


def _schedule(item: Item) -> Schedule:
    kind, workspace_id, thing = _named(item)
    due_at = datetime.fromisoformat(item["due_at"])
    return Schedule(cast("ScheduleKind", kind), workspace_id, thing, item["every_minutes"], due_at)
