"""Definitions of state machines as they are deployed: the files of statemachines/, and what takes a state's place."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "statemachines"

Definition = dict[str, Any]


def definition_of(name: str) -> Definition:
    """`statemachines/<name>.asl.json`."""
    definition: Definition = json.loads((FOLDER / f"{name}.asl.json").read_text())
    return definition


def parsed_in_a_job(definition: Definition) -> Definition:
    """The import with its Parse state as a Batch job, and after it a state that raises what the job wrote down.

    Its placeholders besides `WorkflowStep`: SubmitJob, JobQueue, JobDefinition.
    """
    job: Definition = json.loads((FOLDER / "parse_in_batch.json").read_text())
    return {**definition, "States": {**definition["States"], **job["States"]}}
