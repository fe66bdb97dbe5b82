"""Work that is done step by step, and work whose time comes again."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Protocol

from kosha.model.schedule import Schedule


class Workflows(Protocol):
    """Runs state machines (`statemachines/*.asl.json`)."""

    def start(self, machine: str, name: str, input: dict[str, Any]) -> None:
        """Start an execution; a name that was started is not started again."""
        ...

    def stop(self, name: str) -> None:
        """Stop it before its next step; nothing happens where it is not running."""
        ...

    def is_live(self, name: str) -> bool:
        """Whether it is waiting or running."""
        ...

    def live(self, names: Collection[str]) -> set[str]:
        """Those that are waiting or running; in a few calls, however many they are."""
        ...


class Schedules(Protocol):
    """What is to be looked at again, and when. A clock asks it every minute, so it must not wake what sleeps."""

    def put(self, schedule: Schedule) -> None:
        """Keep it, in the place of the one that was kept of the same thing."""
        ...

    def remove(self, kind: str, workspace_id: str, id: str) -> None:
        """Forget it; nothing happens where there is none."""
        ...

    def due(self, now: datetime, limit: int) -> list[Schedule]:
        """Those whose time has come, longest ago first."""
        ...

    def claim(self, schedule: Schedule, now: datetime) -> bool:
        """Move it on to the first of its times after `now`; True for one caller alone at each due time."""
        ...
