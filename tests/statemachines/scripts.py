"""Steps that do what a table says, so that every runner of state machines meets the same world."""

import asyncio
import builtins
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, NamedTuple

from tests.served.endpoint import Endpoint, Piece, Request, whole

from kosha import errors

JOB_FAILED = "the job failed"


class Raises(NamedTuple):
    """What a step does instead of answering: the name of an error of ours, Python's or Lambda's, and its sentence."""

    name: str
    message: str = "A sentence."


class Script:
    """What each step does, by its name: an outcome a call, the last one again and again.

    `events` is what the steps were given. A step that the table does not name answers `{}`; an event that names no
    step is of the step "".
    """

    def __init__(self, table: Mapping[str, Sequence[Any]]) -> None:
        self._table = {step: list(outcomes) for step, outcomes in table.items()}
        self.events: list[Any] = []

    def play(self, event: Any) -> Any:
        """The next outcome of the event's step; `Raises` is one of them."""
        self.events.append(event)
        step = event.get("step", "") if isinstance(event, dict) else ""
        outcomes = self._table.get(step, [{}])
        return outcomes.pop(0) if len(outcomes) > 1 else outcomes[0]

    def perform(self, event: Any) -> Any:
        """The same as a function of this process."""
        outcome = self.play(event)
        if isinstance(outcome, Raises):
            known = getattr(errors, outcome.name, None) or getattr(builtins, outcome.name, None)
            raise (known or type(outcome.name, (Exception,), {}))(outcome.message)
        return outcome

    def submit(self, parameters: Any) -> Any:
        """A Batch job as a function of this process: step "job"; see `ServedScript` for what its outcomes mean."""
        outcome = self.play({"step": "job", "command": parameters["ContainerOverrides"]["Command"]})
        if isinstance(outcome, Raises):
            name = "States.TaskFailed" if outcome.name == JOB_FAILED else f"Batch.{outcome.name}"
            raise type(name, (Exception,), {})(outcome.message)
        return {"Status": "SUCCEEDED"}


class ServedScript(Endpoint):
    """A script as Lambda's Invoke (API reference, 2026-11), whichever the function; and plainly, for functions to ask.

    An exception is told as Lambda's runtimes tell it: `{"errorType", "errorMessage"}`. It is Batch, too: SubmitJob asks
    the step "job", which answers, raises JOB_FAILED, or refuses the job with an error of Batch's.
    """

    def __init__(self) -> None:
        super().__init__()
        self.script = Script({})
        self._job = ""

    async def answer(self, request: Request) -> AsyncGenerator[Piece]:
        """The reply to one call."""
        if request.path == "/v1/describejobs":
            yield whole("200 OK", {"jobs": [{"jobId": "1", "jobName": "parse", "status": self._job}]})
            return
        if request.path == "/v1/submitjob":
            yield self._submitted(request.body["containerOverrides"]["command"])
            return
        outcome = await asyncio.to_thread(self.script.play, request.body)
        if isinstance(outcome, Raises):
            told = {"errorType": outcome.name, "errorMessage": outcome.message}
            yield whole("200 OK", told, "X-Amz-Function-Error: Unhandled")
        else:
            yield whole("200 OK", outcome)

    def _submitted(self, command: list[str]) -> bytes:
        outcome = self.script.play({"step": "job", "command": command})
        if isinstance(outcome, Raises) and outcome.name != JOB_FAILED:
            headers = (f"x-amzn-ErrorType: {outcome.name}", "x-amzn-RequestId: 1")
            return whole("400 Bad Request", {"message": outcome.message}, *headers)
        self._job = "FAILED" if isinstance(outcome, Raises) else "SUCCEEDED"
        return whole("200 OK", {"jobId": "1", "jobName": "parse"})
