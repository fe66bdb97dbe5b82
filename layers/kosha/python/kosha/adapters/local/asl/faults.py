"""What can go wrong in a state, by the names that Retry and Catch match on."""

import json

ANY = "States.ALL"
TASK_FAILED = "States.TaskFailed"
RUNTIME = "States.Runtime"
PARAMETERS = "States.ParameterPathFailure"
RESULT_PATH = "States.ResultPathMatchFailure"
NO_CHOICE = "States.NoChoiceMatched"
# What the specification lets nobody retry or catch by States.ALL.
_FATAL = frozenset({RUNTIME, "States.DataLimitExceeded"})


class Unsupported(ValueError):
    """A state machine uses what this interpreter does not know: refused before anything runs."""


class Fault(Exception):
    """A state failed. `name` is what Retry and Catch match on; `cause` is text or JSON."""

    def __init__(self, name: str, *, cause: str = "") -> None:
        super().__init__(f"{name}: {cause}")
        self.name = name
        self.cause = cause

    @property
    def output(self) -> dict[str, str]:
        """What a Catch writes at its ResultPath."""
        return {"Error": self.name, "Cause": self.cause}

    def matches(self, wanted: list[str]) -> bool:
        """Whether an ErrorEquals list means this fault: by its very name, for Lambda tells of no families."""
        if self.name in wanted:
            return True
        if self.name in _FATAL:
            return False
        return ANY in wanted or (TASK_FAILED in wanted and not self.name.startswith("States."))


def of_exception(error: Exception) -> Fault:
    """As Lambda tells an exception to Step Functions: its class is the error, a JSON text the cause."""
    name = type(error).__name__
    return Fault(name, cause=json.dumps({"errorMessage": str(error), "errorType": name}, ensure_ascii=False))
