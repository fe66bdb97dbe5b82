"""The state machines of the product keep what the design says of them."""

import json
from pathlib import Path
from typing import Any

import pytest
from stacks.constructs.definitions import definition_of, parsed_in_a_job

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
    retried = {error for retrier in state["Retry"] for error in retrier["ErrorEquals"]}
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
    assert others == {("parsed in a job", "Parse", "${SubmitJob}")}


def test_every_step_is_used() -> None:
    assert {state["Parameters"]["step"] for _, _, state in TASKS} == set(STEPS)


def test_the_files_carry_no_bytes_and_no_address() -> None:
    for path in FOLDER.glob("*.json"):
        assert "arn:" not in json.dumps(json.loads(path.read_text()))
