"""State machines run by Step Functions. A name is an execution's for 90 days: longer than any retry of ours."""

import hashlib
import json
import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Protocol

from botocore.exceptions import ClientError

from kosha.adapters.aws.errors import code_of, told_as_ours

_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,80}")
_KEPT_CHARACTERS, _DIGEST_CHARACTERS = 47, 32
_ABSENT = "ExecutionDoesNotExist"
_OVER = (_ABSENT, "ValidationException")  # of a request that names but an execution of ours: that it has ended
_FEW_NAMES = 10
_LAG_SECONDS = 30.0  # what was started is described a moment later: DescribeExecution is eventually consistent


class StepFunctions(Protocol):
    """`boto3.client("stepfunctions")`."""

    def start_execution(self, **request: Any) -> dict[str, Any]: ...
    def stop_execution(self, **request: Any) -> dict[str, Any]: ...
    def describe_execution(self, **request: Any) -> dict[str, Any]: ...
    def list_executions(self, **request: Any) -> dict[str, Any]: ...


class StepFunctionsWorkflows:
    """Fits port `Workflows`. Every call raises Unavailable where Step Functions is busy or away.

    machines: ARNs by name, of standard machines. Who asks by an execution's name alone asks every machine: a call each.
    """

    def __init__(
        self, client: StepFunctions, machines: Mapping[str, str], *, clock: Callable[[], float] = time.time
    ) -> None:
        self._client = client
        self._machines = machines
        self._clock = clock
        self._started: dict[str, float] = {}

    def start(self, machine: str, name: str, input: dict[str, Any]) -> None:
        """Start an execution; a name that was started is not started again. Raises KeyError for an unknown machine."""
        request = {"stateMachineArn": self._machines[machine], "name": execution_name(name), "input": json.dumps(input)}
        with told_as_ours("start the work"):
            try:
                self._client.start_execution(**request)
            except ClientError as error:
                if code_of(error) != "ExecutionAlreadyExists":
                    raise
            else:
                self._remember(name)

    def stop(self, name: str) -> None:
        """Stop it before its next step; nothing happens where it is not running."""
        self._started.pop(name, None)
        for arn in self._arns(name):
            with told_as_ours("stop the work"):
                try:
                    self._client.stop_execution(executionArn=arn)
                except ClientError as error:
                    if code_of(error) not in _OVER:
                        raise

    def is_live(self, name: str) -> bool:
        """Whether it is waiting or running."""
        statuses = [self._status(arn) for arn in self._arns(name)]
        if any(statuses):
            return "RUNNING" in statuses
        return self._clock() < self._started.get(name, 0.0) + _LAG_SECONDS

    def live(self, names: Collection[str]) -> set[str]:
        """Those that are waiting or running: a few are asked for one by one, many are looked for among all that run."""
        if len(names) <= _FEW_NAMES:
            return {name for name in names if self.is_live(name)}
        running = {told for arn in self._machines.values() for told in self._running(arn)}
        now = self._clock()
        return {
            name
            for name in names
            if execution_name(name) in running or now < self._started.get(name, 0.0) + _LAG_SECONDS
        }

    def _running(self, arn: str) -> Iterator[str]:
        """The names of all executions of a machine that run."""
        request: dict[str, Any] = {"stateMachineArn": arn, "statusFilter": "RUNNING", "maxResults": 1000}
        while True:
            with told_as_ours("see how the work goes"):
                told = self._client.list_executions(**request)
            yield from (execution["name"] for execution in told["executions"])
            if not told.get("nextToken"):
                return
            request["nextToken"] = told["nextToken"]

    def _remember(self, name: str) -> None:
        now = self._clock()
        self._started = {name: at for name, at in self._started.items() if now < at + _LAG_SECONDS} | {name: now}

    def _arns(self, name: str) -> list[str]:
        own = execution_name(name)
        return [f"{arn.replace(':stateMachine:', ':execution:', 1)}:{own}" for arn in self._machines.values()]

    def _status(self, arn: str) -> str | None:
        """As Step Functions calls it; None where this machine has no such execution."""
        with told_as_ours("see how the work goes"):
            try:
                return str(self._client.describe_execution(executionArn=arn)["status"])
            except ClientError as error:
                if code_of(error) != _ABSENT:
                    raise
                return None


def execution_name(name: str) -> str:
    """The name itself where Step Functions takes it; else its beginning and a digest, always the same."""
    if _PLAIN.fullmatch(name):
        return name
    plain = re.sub(r"[^A-Za-z0-9_-]", "-", name)[:_KEPT_CHARACTERS]
    digest = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:_DIGEST_CHARACTERS]
    return f"{plain}-{digest}"
