"""The state machines of the product keep what the design says of them."""

import json
from pathlib import Path
from typing import Any

import pytest
from stacks.constructs.definitions import BUSY, definition_of, parsed_in_a_job

from kosha import errors
from kosha.adapters.local.asl.machine import load
from kosha.adapters.local.workflows import load_machines
from kosha.errors import Unavailable
from kosha.steps import STEPS

FOLDER = Path(__file__).parents[2] / "statemachines"
IN_A_JOB = load("parsed in a job", json.dumps(parsed_in_a_job(definition_of("file_import"))))
MACHINES = [*load_machines(FOLDER).values(), IN_A_JOB]
TASKS = [
    (machine.name, name, state)
    for machine in MACHINES
    for name, state in machine.states.items()
    if state["Type"] == "Task" and state["Resource"] == "${WorkflowStep}"
]


@pytest.mark.parametrize(("machine", "name", "state"), TASKS)
def test_every_task_names_a_step_of_the_table(machine: str, name: str, state: dict[str, Any]) -> None:
    assert state["Parameters"] == {"step": state["Parameters"]["step"], "arguments.$": "$"}
    assert state["Parameters"]["step"] in STEPS


@pytest.mark.parametrize(("machine", "name", "state"), TASKS)
def test_what_is_retried_is_the_family_unavailable(machine: str, name: str, state: dict[str, Any]) -> None:
    retried = {error for retrier in state["Retry"] if retrier != BUSY for error in retrier["ErrorEquals"]}
    assert "Unavailable" in retried
    assert all(issubclass(getattr(errors, error), Unavailable) for error in retried)


@pytest.mark.parametrize(("machine", "name", "state"), TASKS)
def test_every_other_error_goes_to_fail(machine: str, name: str, state: dict[str, Any]) -> None:
    if name not in ("Fail", "Tend"):
        assert state["Catch"][-1] == {"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Fail"}


def test_an_index_that_could_not_be_made_fails_no_import() -> None:
    [tend] = [state for machine, name, state in TASKS if (machine, name) == ("file_import", "Tend")]
    assert tend["Catch"] == [{"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": tend["Next"]}]
    assert tend["Next"] == "Done"


def test_only_the_job_is_no_step_of_ours() -> None:
    others = {
        (machine.name, name, state["Resource"])
        for machine in MACHINES
        for name, state in machine.states.items()
        if state["Type"] == "Task" and state["Resource"] != "${WorkflowStep}"
    }
    assert others == {("parsed in a job", "ParseInJob", "${SubmitJob}")}


@pytest.mark.parametrize("name", [path.name.split(".")[0] for path in sorted(FOLDER.glob("*.asl.json"))])
def test_every_step_that_is_deployed_waits_for_a_busy_lambda(name: str) -> None:
    for definition in (definition_of(name), parsed_in_a_job(definition_of(name))):
        steps = [state for state in definition["States"].values() if state.get("Resource") == "${WorkflowStep}"]
        assert all(state["Retry"].count(BUSY) == 1 for state in steps)


def test_no_way_leads_from_a_job_back_to_another() -> None:
    seen: set[str] = set()
    ahead = _after("ParseInJob")
    while ahead:
        seen |= ahead
        ahead = {state for name in ahead for state in _after(name)} - seen
    assert not seen & {"Parse", "IsParsed", "ParseInJob"}


def _after(name: str) -> set[str]:
    """The states that may follow one of the import that is parsed in a job."""
    state = IN_A_JOB.states[name]
    ways = [state, *state.get("Catch", []), *state.get("Choices", [])]
    return {way["Next"] for way in ways if "Next" in way} | ({state["Default"]} if "Default" in state else set())


def test_every_step_is_used() -> None:
    assert {state["Parameters"]["step"] for _, _, state in TASKS} == set(STEPS)


def test_the_files_carry_no_bytes_and_no_address() -> None:
    for path in FOLDER.glob("*.json"):
        assert "arn:" not in json.dumps(json.loads(path.read_text()))
