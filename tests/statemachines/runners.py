"""Three runners of state machines behind one face: the machine and its input in, what can be compared out."""

import io
import json
import re
import time
import zipfile
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from tests.statemachines.machines import Played
from tests.statemachines.scripts import Script, ServedScript

from kosha.adapters.local.asl.machine import load

PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.01
SUBMIT_JOB = "arn:aws:states:::batch:submitJob.sync"

# A function that asks the served script what to do; Lambda names an exception by its class.
FUNCTION = """
import json
from urllib.request import Request, urlopen


def handler(event, context):
    with urlopen(Request("{url}", json.dumps(event).encode())) as reply:
        told = json.load(reply)
        if reply.headers["X-Amz-Function-Error"]:
            raise type(told["errorType"], (Exception,), {{}})(told["errorMessage"])
        return told
"""


class Ran(NamedTuple):
    """What an execution did. entered: each state with its input. events: what the tasks were given, retries included.

    output: `{"Error", "Cause"}` where it failed. A cause is parsed, without what a runtime adds (stack, request id).
    """

    entered: list[tuple[str, Any]]
    events: list[Any]
    status: str
    output: Any


class AnyRunner(Protocol):
    """Runs a definition to its end."""

    def run(self, definition: Mapping[str, Any], data: Any, script: Script) -> Ran:
        """The Resources of the definition are placeholders: `${Task}`, `${WorkflowStep}`, `${SubmitJob}`."""
        ...


class Local:
    """Our own."""

    def run(self, definition: Mapping[str, Any], data: Any, script: Script) -> Ran:
        """In this process, without waiting."""
        machine = load("machine", json.dumps(definition))
        tasks = {"Task": script.perform, "WorkflowStep": script.perform, "SubmitJob": script.submit}
        played = Played(machine, data, tasks)
        return _ran(played.entered, script, played.status, played.output)


class StepFunctions:
    """Whoever speaks the API of Step Functions, with one function that does what the served script says."""

    def __init__(self, client: Any, served: ServedScript, *, function: str, role: str) -> None:
        """function, role: ARNs."""
        self._client = client
        self._served = served
        self._function = function
        self._role = role
        self._machines = 0

    def run(self, definition: Mapping[str, Any], data: Any, script: Script) -> Ran:
        """As a state machine of its own."""
        self._served.script = script
        self._machines += 1
        machine = self._client.create_state_machine(
            name=f"machine-{self._machines}", definition=_resolved(definition, self._function), roleArn=self._role
        )["stateMachineArn"]
        execution = self._client.start_execution(stateMachineArn=machine, name="run-1", input=json.dumps(data))
        arn = execution["executionArn"]
        told = self._ended(arn)
        failed = told["status"] != "SUCCEEDED"
        output = {"Error": told.get("error", ""), "Cause": told.get("cause", "")} if failed else _parsed(told["output"])
        entered = [
            (details["name"], json.loads(details["input"]))
            for page in self._client.get_paginator("get_execution_history").paginate(executionArn=arn)
            for event in page["events"]
            if (details := event.get("stateEnteredEventDetails"))
        ]
        return _ran(entered, script, told["status"].lower(), output)

    def _ended(self, arn: str) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (told := self._client.describe_execution(executionArn=arn))["status"] == "RUNNING":
            assert time.monotonic() < deadline, f"{arn} did not end"
            time.sleep(LOOK_SECONDS)
        return told


def _resolved(definition: Mapping[str, Any], function: str) -> str:
    """The definition as it is deployed: one function, and Batch."""
    text = json.dumps(definition).replace("${SubmitJob}", SUBMIT_JOB)
    return re.sub(r"\$\{(?:Task|WorkflowStep)\}", function, text)


def zipped(source: str) -> bytes:
    """A function's code as it is uploaded."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("handler.py", source)
    return packed.getvalue()


def _parsed(output: str) -> Any:
    """moto writes a text without its quotation marks, where Step Functions writes JSON (API, DescribeExecution)."""
    try:
        return json.loads(output)
    except json.JSONDecodeError:
        return output


def _ran(entered: list[tuple[str, Any]], script: Script, status: str, output: Any) -> Ran:
    told = [(name, _with_causes(data)) for name, data in entered]
    return Ran(told, _with_causes(script.events), status, _with_causes(output))


def _with_causes(value: Any) -> Any:
    """The value with each Cause reduced to what all runtimes write; what a runner says for itself is left out."""
    if isinstance(value, list):
        return [_with_causes(item) for item in value]
    if not isinstance(value, dict):
        return value
    reduced = {name: _with_causes(item) for name, item in value.items()}
    if str(value.get("Error")).startswith(("States.", "Batch.")):
        reduced["Cause"] = "..."
    elif isinstance(value.get("Cause"), str) and value["Cause"].startswith("{"):
        cause = json.loads(value["Cause"])
        reduced["Cause"] = {name: cause[name] for name in ("errorType", "errorMessage")}
    return reduced
