"""One transition of a state machine: a pure function of where it stands, but for the tasks it calls."""

import random
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, cast

from kosha.adapters.local.asl import choice, faults, paths
from kosha.adapters.local.asl.faults import Fault
from kosha.adapters.local.asl.machine import Machine, State

Task = Callable[[Any], Any]
Ending = Literal["succeeded", "failed"]


class Cursor(NamedTuple):
    """Where an execution stands: JSON all through, so that it can be kept and gone on from.

    data: the state's raw input. retries: how often each retrier of the state was used, by its place in the file.
    not_before: seconds since 1970. waited: a Wait state has begun its waiting.
    """

    state: str
    data: Any
    retries: Mapping[str, int] = MappingProxyType({})
    not_before: float = 0.0
    waited: bool = False


class Ended(NamedTuple):
    """How an execution ended; the output is `{"Error","Cause"}` where it failed."""

    status: Ending
    output: Any


class World(NamedTuple):
    """What a transition needs besides. tasks: by the name of the placeholder, `${Name}` in the file."""

    tasks: Mapping[str, Task]
    context: Mapping[str, Any]
    now: float
    draw: Callable[[], float] = random.random


def begin(machine: Machine, data: Any) -> Cursor:
    """Before the first state."""
    return Cursor(machine.start_at, data)


def transition(machine: Machine, cursor: Cursor, world: World) -> Cursor | Ended:
    """What follows the state at the cursor. A fault of the state is retried, caught, or ends the execution."""
    state = machine.states[cursor.state]
    try:
        return _RUNS[state["Type"]](state, cursor, world)
    except Fault as fault:
        return fail(machine, cursor, world, fault)


def fail(machine: Machine, cursor: Cursor, world: World, fault: Fault) -> Cursor | Ended:
    """What follows a fault: the same state again, its Catch, or the end."""
    state = machine.states[cursor.state]
    try:
        return _retried(state, cursor, world, fault) or _caught(state, cursor, fault) or Ended("failed", fault.output)
    except Fault as second:  # the data has no place for what a Catch wants to keep
        return Ended("failed", second.output)


def _task(state: State, cursor: Cursor, world: World) -> Cursor | Ended:
    task = world.tasks[state["Resource"].removeprefix("${").removesuffix("}")]
    given = _given(state, cursor, world)
    try:
        result = task(given)
    except Exception as error:  # whatever a task raises has a name; the machine's Retry and Catch judge by it
        raise faults.of_exception(error) from error
    if "ResultSelector" in state:
        result = paths.fill(state["ResultSelector"], result, world.context)
    return _next(state, cursor, world, result)


def _pass(state: State, cursor: Cursor, world: World) -> Cursor | Ended:
    given = _given(state, cursor, world)
    return _next(state, cursor, world, state.get("Result", given))


def _choose(state: State, cursor: Cursor, world: World) -> Cursor | Ended:
    given = _input(state, cursor, world)
    output = _output(state, given, world)
    for rule in state["Choices"]:
        if choice.holds(rule, given, world.context):
            return Cursor(rule["Next"], output)
    if "Default" not in state:
        raise Fault(faults.NO_CHOICE, cause="No rule of the choice holds, and it has no default.")
    return Cursor(state["Default"], output)


def _wait(state: State, cursor: Cursor, world: World) -> Cursor | Ended:
    given = _input(state, cursor, world)
    if not cursor.waited:
        return cursor._replace(waited=True, not_before=_wait_until(state, given, world))
    return _leave(state, _output(state, given, world))


def _wait_until(state: State, given: Any, world: World) -> float:
    if "Timestamp" in state or "TimestampPath" in state:
        text = state.get("Timestamp") or paths.read(state["TimestampPath"], given, world.context)
        return datetime.fromisoformat(text).timestamp()
    seconds = state["Seconds"] if "Seconds" in state else paths.read(state["SecondsPath"], given, world.context)
    return world.now + float(seconds)


def _succeed(state: State, cursor: Cursor, world: World) -> Cursor | Ended:
    return Ended("succeeded", _output(state, _input(state, cursor, world), world))


def _fail(state: State, cursor: Cursor, world: World) -> Cursor | Ended:
    def told(field: str) -> str:
        path = state.get(f"{field}Path")
        return str(paths.read(path, cursor.data, world.context) if path else state.get(field, ""))

    return Ended("failed", {"Error": told("Error"), "Cause": told("Cause")})


_RUNS: dict[str, Callable[[State, Cursor, World], Cursor | Ended]] = {
    "Task": _task,
    "Pass": _pass,
    "Choice": _choose,
    "Wait": _wait,
    "Succeed": _succeed,
    "Fail": _fail,
}


def _input(state: State, cursor: Cursor, world: World) -> Any:
    path = state.get("InputPath", "$")
    return {} if path is None else paths.read(path, cursor.data, world.context)


def _given(state: State, cursor: Cursor, world: World) -> Any:
    given = _input(state, cursor, world)
    return paths.fill(state["Parameters"], given, world.context) if "Parameters" in state else given


def _next(state: State, cursor: Cursor, world: World, result: Any) -> Cursor | Ended:
    path = state.get("ResultPath", "$")
    # The result goes into what came in, not into what InputPath chose of it.
    data = cursor.data if path is None else paths.write(path, cursor.data, result)
    return _leave(state, _output(state, data, world))


def _output(state: State, data: Any, world: World) -> Any:
    path = state.get("OutputPath", "$")
    return {} if path is None else paths.read(path, data, world.context)


def _leave(state: State, data: Any) -> Cursor | Ended:
    return Cursor(state["Next"], data) if "Next" in state else Ended("succeeded", data)


def _retried(state: State, cursor: Cursor, world: World, fault: Fault) -> Cursor | None:
    """The first retrier that means the fault decides: the cursor later, or None when its attempts are used up."""
    for place, retrier in enumerate(cast("list[dict[str, Any]]", state.get("Retry", []))):
        if fault.matches(retrier["ErrorEquals"]):
            used = cursor.retries.get(str(place), 0)
            if used >= retrier.get("MaxAttempts", 3):
                return None
            seconds = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** used
            seconds = min(seconds, retrier.get("MaxDelaySeconds", seconds))
            if retrier.get("JitterStrategy", "NONE") == "FULL":
                seconds *= world.draw()
            retries = {**cursor.retries, str(place): used + 1}
            return cursor._replace(retries=retries, not_before=world.now + seconds)
    return None


def _caught(state: State, cursor: Cursor, fault: Fault) -> Cursor | None:
    for catcher in cast("list[dict[str, Any]]", state.get("Catch", [])):
        if fault.matches(catcher["ErrorEquals"]):
            path = catcher.get("ResultPath", "$")
            data = cursor.data if path is None else paths.write(path, cursor.data, fault.output)
            return Cursor(catcher["Next"], data)
    return None
