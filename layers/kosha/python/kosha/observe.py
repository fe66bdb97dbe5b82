"""Structured logs: one JSON object a line on stderr, with the trace id that the browser was given."""

import json
import logging
import sys
from datetime import UTC, datetime

log = logging.getLogger("kosha")


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


def log_to_stderr(level: str = "INFO") -> None:
    """Send our log lines to stderr; called once, by a door."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    log.handlers[:] = [handler]
    log.setLevel(level)
    log.propagate = False
