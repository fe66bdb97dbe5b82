"""Definitions of state machines as they are deployed: the files of statemachines/, and what only AWS needs in them."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "statemachines"
STEP = "${WorkflowStep}"
# What Lambda may answer in a step's place (Step Functions guide, "Handle Lambda service exceptions"; 2026-11): as many
# functions run as the account allows, or it is away for a moment. Uploads and crawls begin imports by the thousand.
BUSY = {
    "ErrorEquals": [
        "Lambda.TooManyRequestsException",
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.ClientExecutionTimeoutException",
    ],
    "IntervalSeconds": 2,
    "MaxAttempts": 30,
    "BackoffRate": 2,
    "MaxDelaySeconds": 60,
    "JitterStrategy": "FULL",
}

Definition = dict[str, Any]


def definition_of(name: str) -> Definition:
    """`statemachines/<name>.asl.json`, whose steps are tried again where Lambda is busy."""
    definition = _read(f"{name}.asl.json")
    return {**definition, "States": _patient(definition["States"])}


def parsed_in_a_job(definition: Definition) -> Definition:
    """The import with its Parse state as parse_in_batch.json has it.

    Its placeholders besides `WorkflowStep`: SubmitJob, JobQueue, JobDefinition.
    """
    return {**definition, "States": {**definition["States"], **_patient(_read("parse_in_batch.json")["States"])}}


def _read(file: str) -> Definition:
    definition: Definition = json.loads((FOLDER / file).read_text())
    return definition


def _patient(states: Definition) -> Definition:
    return {
        name: {**state, "Retry": [*state["Retry"], BUSY]} if state.get("Resource") == STEP else state
        for name, state in states.items()
    }
