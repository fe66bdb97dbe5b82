"""Reads a state machine and refuses, by name, whatever the interpreter would not do as Step Functions does."""

import json
from typing import Any, NamedTuple

from kosha.adapters.local.asl import choice, paths
from kosha.adapters.local.asl.faults import ANY, Unsupported

State = dict[str, Any]

_EVERY = frozenset({"Type", "Comment", "InputPath", "OutputPath"})
_FLOW = _EVERY | {"Next", "End"}
_WORK = _FLOW | {"Parameters", "ResultSelector", "ResultPath", "Retry", "Catch"}
_FIELDS: dict[str, frozenset[str]] = {
    "Task": _WORK | {"Resource"},
    "Pass": _FLOW | {"Parameters", "Result", "ResultPath"},
    "Choice": _EVERY | {"Choices", "Default"},
    "Wait": _FLOW | {"Seconds", "SecondsPath", "Timestamp", "TimestampPath"},
    "Succeed": _EVERY,
    "Fail": frozenset({"Type", "Comment", "Error", "Cause", "ErrorPath", "CausePath"}),
}
_RETRIER = frozenset(
    {"Comment", "ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy"}
)
_CATCHER = frozenset({"Comment", "ErrorEquals", "Next", "ResultPath"})


class Machine(NamedTuple):
    """A state machine that was found sound. `name` is its file's name without the ending."""

    name: str
    start_at: str
    states: dict[str, State]


def load(name: str, text: str) -> Machine:
    """The machine that an ASL file describes. Raises Unsupported, which names the state and the field."""
    definition = json.loads(text)
    _only(definition, {"Comment", "StartAt", "States", "Version", "QueryLanguage"}, f"the machine {name}")
    if definition.get("QueryLanguage", "JSONPath") != "JSONPath":
        raise Unsupported(f"the machine {name} uses the query language {definition['QueryLanguage']}")
    machine = Machine(name, definition["StartAt"], definition["States"])
    _known(machine, machine.start_at, "StartAt")
    for state_name, state in machine.states.items():
        try:
            _check(machine, state)
        except Unsupported as error:
            raise Unsupported(f"state {state_name} of {name}: {error}") from error
    return machine


def _check(machine: Machine, state: State) -> None:
    kind = state.get("Type", "none")
    if kind not in _FIELDS:
        raise Unsupported(f"no state of type {kind} is known")
    _only(state, _FIELDS[kind], f"a {kind} state")
    for field in ("InputPath", "OutputPath", "ResultPath", "SecondsPath", "TimestampPath", "ErrorPath", "CausePath"):
        if state.get(field) is not None:
            paths.parse(state[field])
    for field in ("Parameters", "ResultSelector"):
        paths.check(state.get(field))
    _check_flow(machine, state, kind)
    _check_errors(machine, state)


def _check_flow(machine: Machine, state: State, kind: str) -> None:
    if kind == "Choice":
        for rule in state["Choices"]:
            choice.check(rule)
            _known(machine, rule["Next"], "Next")
        if "Default" in state:
            _known(machine, state["Default"], "Default")
    elif kind not in {"Succeed", "Fail"}:
        if ("Next" in state) == (state.get("End") is True):
            raise Unsupported("a state has either Next or End")
        if "Next" in state:
            _known(machine, state["Next"], "Next")
    if kind == "Wait" and len({"Seconds", "SecondsPath", "Timestamp", "TimestampPath"}.intersection(state)) != 1:
        raise Unsupported("a Wait state says once how long")
    if kind == "Task" and not state.get("Resource", "").startswith("${"):
        raise Unsupported("the Resource of a Task is a placeholder, ${Name}")


def _check_errors(machine: Machine, state: State) -> None:
    for retrier in state.get("Retry", []):
        _only(retrier, _RETRIER, "a retrier")
    for catcher in state.get("Catch", []):
        _only(catcher, _CATCHER, "a catcher")
        _known(machine, catcher["Next"], "Next")
        if catcher.get("ResultPath") is not None:
            paths.parse(catcher["ResultPath"])
    for field in ("Retry", "Catch"):
        for place, entry in enumerate(state.get(field, []), start=1):
            wanted = entry.get("ErrorEquals")
            if not wanted:
                raise Unsupported(f"an entry of {field} has no ErrorEquals")
            if ANY in wanted and (len(wanted) > 1 or place < len(state[field])):
                raise Unsupported(f"{ANY} stands alone, in the last entry of {field}")


def _known(machine: Machine, state: str, field: str) -> None:
    if state not in machine.states:
        raise Unsupported(f"{field} names the state {state}, which is not there")


def _only(given: State, known: frozenset[str] | set[str], where: str) -> None:
    unknown = sorted(set(given) - known)
    if unknown:
        raise Unsupported(f"{where} has {', '.join(unknown)}, which is not known here")
