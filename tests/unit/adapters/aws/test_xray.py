"""Subsegments as the daemon of X-Ray gets them, from Powertools' tracer and without it."""

import json
import socket
from collections.abc import Iterator
from typing import Any, cast

import pytest
from aws_lambda_powertools import Tracer

from kosha.adapters.aws.xray import XrayDaemon

ROOT, PARENT = "1-5759e988-bd862e3fe1be46a994272793", "53995c3f42cd8ad8"


class Daemon:
    """A socket that X-Ray's daemon could have."""

    def __init__(self, listening: socket.socket) -> None:
        self._socket = listening
        self.address = "{}:{}".format(*listening.getsockname())

    def heard(self) -> dict[str, Any]:
        """The next document."""
        header, _, document = self._socket.recv(65_535).decode().partition("\n")
        assert json.loads(header) == {"format": "json", "version": 1}
        return json.loads(document)

    def heard_nothing(self) -> bool:
        """Whether no more has come; what was sent on this machine is there when `sendto` returns."""
        self._socket.setblocking(False)
        try:
            self._socket.recv(65_535)
        except BlockingIOError:
            return True
        return False


@pytest.fixture
def daemon() -> Iterator[Daemon]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(5)
        yield Daemon(listening)


def header(*, sampled: int = 1) -> str:
    """As Lambda writes it."""
    return f"Root={ROOT};Parent={PARENT};Sampled={sampled};Lineage=1:a87bd80c:0"


def tracer(address: str | None) -> Tracer:
    """As functions have it."""
    return Tracer("kosha", disabled=False, auto_patch=False, provider=cast("Any", XrayDaemon(address, header)))


def test_a_call_is_told_as_part_of_the_trace_of_its_event(daemon: Daemon) -> None:
    @tracer(daemon.address).capture_lambda_handler(capture_response=False)
    def handler(event: object, context: object) -> str:
        return "done"

    assert handler({}, None) == "done"
    told = daemon.heard()
    assert (told["name"], told["type"], told["trace_id"], told["parent_id"]) == (
        "## handler", "subsegment", ROOT, PARENT,
    )  # fmt: skip
    assert len(told["id"]) == 16
    assert told["start_time"] <= told["end_time"]
    assert told["annotations"]["Service"] == "kosha"
    assert "ColdStart" in told["annotations"]
    assert not {"fault", "cause", "metadata"} & told.keys()


def test_an_exception_is_told_and_flies_on(daemon: Daemon) -> None:
    @tracer(daemon.address).capture_lambda_handler
    def handler(event: object, context: object) -> None:
        raise LookupError("no table")

    with pytest.raises(LookupError):
        handler({}, None)
    told = daemon.heard()
    assert told["fault"] is True
    [exception] = told["cause"]["exceptions"]
    assert (exception["type"], exception["message"]) == ("LookupError", "no table")
    assert exception["stack"][0]["label"] == "handler"
    assert told["metadata"] == {"kosha": {"handler error": "no table"}}


def test_what_lambda_does_not_sample_is_not_told(daemon: Daemon) -> None:
    with XrayDaemon(daemon.address, lambda: header(sampled=0)).in_subsegment("work"):
        pass
    with XrayDaemon(daemon.address, lambda: "").in_subsegment("work"):
        pass
    assert daemon.heard_nothing()


def test_a_document_too_large_for_a_datagram_and_an_absent_daemon_harm_nobody(daemon: Daemon) -> None:
    with XrayDaemon(daemon.address, header).in_subsegment("work") as work:
        work.put_metadata("much", "x" * 100_000)
    with XrayDaemon(None, header).in_subsegment("work"):
        pass
    assert daemon.heard_nothing()
