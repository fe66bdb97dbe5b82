"""Runs small state machines in memory, without waiting."""

import json
from collections.abc import Callable
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
    """What happened: the states entered, how long was waited before each, and the end."""

    def __init__(self, machine: Machine, data: Any, task: Task) -> None:
        self.states: list[str] = []
        self.waits: list[float] = []
        now = 1_000_000.0
        cursor: Cursor | Ended = begin(machine, data)
        while isinstance(cursor, Cursor):
            assert len(self.states) < 100, "the machine goes round in circles"
            self.waits.append(max(0.0, cursor.not_before - now))
            now = max(now, cursor.not_before)
            self.states.append(cursor.state)
            cursor = Cursor(**json.loads(json.dumps({**cursor._asdict(), "retries": dict(cursor.retries)})))
            context = {"Execution": {"Name": "run-1"}, "State": {"Name": cursor.state}}
            cursor = transition(machine, cursor, World({"Task": task}, context, now, draw=lambda: 0.5))
        self.status = cursor.status
        self.output = cursor.output


def play(machine: Machine, data: Any = None, *, task: Task = lambda given: given) -> Played:
    """Run to the end."""
    return Played(machine, {} if data is None else data, task)
