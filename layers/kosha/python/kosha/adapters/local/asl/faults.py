"""What can go wrong in a state, by the names that Retry and Catch match on."""

import json
from typing import Any

from kosha.errors import KoshaError

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
    """A state failed. `names`: the error's own name first, then the families it belongs to. `cause`: text or JSON."""

    def __init__(self, *names: str, cause: str = "") -> None:
        super().__init__(f"{names[0]}: {cause}")
        self.names = names
        self.cause = cause

    @property
    def output(self) -> dict[str, str]:
        """What a Catch writes at its ResultPath."""
        return {"Error": self.names[0], "Cause": self.cause}

    def matches(self, wanted: list[str]) -> bool:
        """Whether an ErrorEquals list means this fault."""
        own = self.names[0]
        if own in wanted:
            return True
        if own in _FATAL:
            return False
        is_task = not own.startswith("States.")
        return ANY in wanted or (is_task and (TASK_FAILED in wanted or not set(self.names).isdisjoint(wanted)))


def of_exception(error: Exception) -> Fault:
    """As Lambda tells an exception to Step Functions: its class is the error, a JSON text the cause."""
    names = [kind.__name__ for kind in type(error).__mro__ if issubclass(kind, Exception)]
    kept = names[: names.index(KoshaError.__name__)] if isinstance(error, KoshaError) else names[:1]
    cause: dict[str, Any] = {"errorMessage": str(error), "errorType": names[0]}
    return Fault(*kept, cause=json.dumps(cause, ensure_ascii=False))
