"""A schedule: what is to be looked at again, and when."""

from datetime import datetime, timedelta
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

ScheduleKind = Literal["document", "source"]
EveryMinutes = Annotated[int, Field(ge=1, le=60 * 24 * 366)]


class Schedule(NamedTuple):
    """Something of a workspace that is looked at again every so many minutes, and when next."""

    kind: ScheduleKind
    workspace_id: str
    id: str
    every_minutes: int
    due_at: datetime

    def after(self, now: datetime) -> "Schedule":
        """The same for the first of its times after `now`: what was slept through is not made up for."""
        every = timedelta(minutes=self.every_minutes)
        missed = (now - self.due_at) // every
        return self._replace(due_at=self.due_at + (max(missed, 0) + 1) * every)
