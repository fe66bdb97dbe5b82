"""What is told of the work: log lines as JSON, with the trace id that the browser was given, and long waits."""

import json
import logging
import sys
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime

log = logging.getLogger("kosha")
_LISTENER: ContextVar[Callable[[str, str], object] | None] = ContextVar("listener", default=None)


class JsonLines(logging.Formatter):
    """A log record as one line; fields come from `extra={"fields": {...}}`."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def hear_of_waits(listener: Callable[[str, str], object]) -> None:
    """Whoever works for this task from now on, in threads too, tells the listener (name, detail) of long waits."""
    _LISTENER.set(listener)


def tell_of_wait(name: str, detail: str) -> None:
    """Say what is waited for to the person for whom it is; called from any thread."""
    if (listener := _LISTENER.get()) is not None:
        listener(name, detail)


def log_to_stderr(level: str = "INFO") -> None:
    """Send our log lines to stderr; called once, by a door."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    log.handlers[:] = [handler]
    log.setLevel(level)
    log.propagate = False
