"""Runs small state machines in memory, without waiting."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from kosha.adapters.local.asl.interpreter import Cursor, Ended, World, begin, transition
from kosha.adapters.local.asl.machine import Machine, load

Task = Callable[[Any], Any]


def machine(start: str = "First", **states: dict[str, Any]) -> Machine:
    """A machine of these states."""
    return load("small", json.dumps({"StartAt": start, "States": states}))


def task(**fields: Any) -> dict[str, Any]:
    """A Task that ends the machine where `fields` does not say what comes next."""
    following = {} if "Next" in fields else {"End": True}
    return {"Type": "Task", "Resource": "${Task}", **following, **fields}


class Played:
    """What happened: the states at each transition, how long was waited before each, and the end.

    entered: each state with its input, once however often it was retried.
    """

    def __init__(self, machine: Machine, data: Any, tasks: Mapping[str, Task]) -> None:
        self.states: list[str] = []
        self.waits: list[float] = []
        self.entered: list[tuple[str, Any]] = []
        now = 1_000_000.0
        cursor: Cursor | Ended = begin(machine, data)
        while isinstance(cursor, Cursor):
            assert len(self.states) < 100, "the machine goes round in circles"
            self.waits.append(max(0.0, cursor.not_before - now))
            now = max(now, cursor.not_before)
            self.states.append(cursor.state)
            if not cursor.retries and not cursor.waited:
                self.entered.append((cursor.state, cursor.data))
            cursor = Cursor(**json.loads(json.dumps({**cursor._asdict(), "retries": dict(cursor.retries)})))
            context = {"Execution": {"Name": "run-1"}, "State": {"Name": cursor.state}}
            cursor = transition(machine, cursor, World(tasks, context, now, draw=lambda: 0.5))
        self.status = cursor.status
        self.output = cursor.output


def play(machine: Machine, data: Any = None, *, task: Task = lambda given: given) -> Played:
    """Run to the end."""
    return Played(machine, {} if data is None else data, {"Task": task})
