"""X-Ray for Powertools' tracer: subsegments by UDP to the daemon beside a function.

Powertools' own provider is AWS's SDK, whose import reads all of botocore and makes a client that asks which calls to
sample. In a function Lambda has decided that already; nobody asks, and every cold start waits for it (0.4 s of CPU).
"""

import json
import secrets
import socket
import time
import traceback
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HEADER = '{"format": "json", "version": 1}\n'
FRAMES_TOLD = 20  # of a traceback: a document that is larger than a datagram (64 kB) is lost


@dataclass
class Subsegment:
    """A piece of work as X-Ray's developer guide writes it ("Segment documents"; 2026-11). Times are s since 1970."""

    name: str
    trace_id: str
    parent_id: str
    start_time: float
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    type: str = "subsegment"
    end_time: float | None = None
    fault: bool = False
    cause: dict[str, Any] = field(default_factory=dict[str, Any])
    annotations: dict[str, str | float | bool] = field(default_factory=dict[str, str | float | bool])
    metadata: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])

    def put_annotation(self, key: str, value: str | float | bool) -> None:
        """Something to search for."""
        self.annotations[key] = value

    def put_metadata(self, key: str, value: object, namespace: str = "default") -> None:
        """Something to look at."""
        self.metadata.setdefault(namespace, {})[key] = value

    def failed(self, error: BaseException) -> None:
        """The work ended so."""
        self.fault = True
        frames = traceback.extract_tb(error.__traceback__)[-FRAMES_TOLD:]
        stack = [{"path": one.filename, "line": one.lineno, "label": one.name} for one in reversed(frames)]
        told = {"id": secrets.token_hex(8), "type": type(error).__name__, "message": str(error), "stack": stack}
        self.cause = {"working_directory": str(Path.cwd()), "exceptions": [told]}


class XrayDaemon:
    """What `Tracer.capture_lambda_handler` uses of a provider.

    address: "host:port", none where no daemon listens. header: the trace of the event that is being worked on,
    "Root=...;Parent=...;Sampled=1"; what is not sampled is not sent.
    """

    def __init__(self, address: str | None, header: Callable[[], str]) -> None:
        self._address = address
        self._header = header

    @contextmanager
    def in_subsegment(self, name: str) -> Generator[Subsegment]:
        """Work of this name; it is told when it ends, an exception included, which flies on."""
        told = dict(part.split("=", 1) for part in self._header().split(";") if "=" in part)
        work = Subsegment(name, told.get("Root", ""), told.get("Parent", ""), time.time())
        try:
            yield work
        except BaseException as error:
            work.failed(error)
            raise
        finally:
            work.end_time = time.time()
            if self._address and told.get("Sampled") == "1":
                _send(work, self._address)


def _send(work: Subsegment, address: str) -> None:
    """Without waiting, and without knowing whether it arrives."""
    host, _, port = address.rpartition(":")
    document = {name: value for name, value in vars(work).items() if value}
    datagram = (HEADER + json.dumps(document, default=str)).encode()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon, suppress(OSError):
        daemon.setblocking(False)
        daemon.sendto(datagram, (host, int(port)))
