"""The files pass the validator of the States Language, and what it misses: misspelt keys of Retry and Catch."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from stacks.constructs.definitions import parsed_in_a_job

from kosha.adapters.local.asl.faults import Unsupported
from kosha.adapters.local.asl.machine import load

ROOT = Path(__file__).parents[2]
VALIDATOR = ROOT / "stacks" / "node_modules" / ".bin" / "asl-validator"
ARNS = {
    "WorkflowStep": "arn:aws:lambda:us-east-1:123456789012:function:step",
    "SubmitJob": "arn:aws:states:::batch:submitJob.sync",
}
MISSPELT = ["MaxAttempt", "Intervalseconds", "BackOffRate", "ErrorEqual", "Resultpath", "next"]


def _definitions() -> dict[str, dict[str, Any]]:
    files = {path.name: json.loads(path.read_text()) for path in sorted((ROOT / "statemachines").glob("*.asl.json"))}
    return {**files, "parsed in a job": parsed_in_a_job(files["file_import.asl.json"])}


DEFINITIONS = _definitions()


def _is_valid(definition: dict[str, Any], folder: Path) -> subprocess.CompletedProcess[str]:
    assert VALIDATOR.exists(), "asl-validator is not installed: `make stacks/node_modules/.ready` does that."
    text = json.dumps(definition)
    for name, arn in ARNS.items():
        text = text.replace(f"${{{name}}}", arn)
    path = folder / "definition.json"
    path.write_text(text)
    return subprocess.run([VALIDATOR, "--json-path", path], capture_output=True, text=True)


@pytest.mark.parametrize("name", DEFINITIONS)
def test_the_validator_has_nothing_to_say(name: str, tmp_path: Path) -> None:
    told = _is_valid(DEFINITIONS[name], tmp_path)
    assert told.returncode == 0, told.stdout + told.stderr


def test_the_validator_is_at_work(tmp_path: Path) -> None:
    broken = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "Nowhere"}}}
    assert _is_valid(broken, tmp_path).returncode != 0


@pytest.mark.parametrize("name", DEFINITIONS)
def test_every_key_of_retry_and_catch_is_one_of_the_language(name: str) -> None:
    load(name, json.dumps(DEFINITIONS[name]))


@pytest.mark.parametrize("field", ["Retry", "Catch"])
@pytest.mark.parametrize("misspelt", MISSPELT)
def test_a_misspelt_key_is_refused(field: str, misspelt: str) -> None:
    definition = json.loads(json.dumps(DEFINITIONS["file_import.asl.json"]))
    definition["States"]["Parse"][field][0][misspelt] = 1
    with pytest.raises(Unsupported, match=rf"state Parse of file_import: .*{misspelt}"):
        load("file_import", json.dumps(definition))
