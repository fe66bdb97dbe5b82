"""Calls of boto3 that another thread can end: their connection is cut, so the provider stops working and counting.

boto3 blocks, and has no way to give up on a call whose provider is silent. Its documented event `before-send` lets us
send the request ourselves, through botocore's own HTTP session, whose connections note whose call they serve.
"""

# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownParameterType=false
# pyright: reportMissingParameterType=false, reportUntypedBaseClass=false, reportUnknownVariableType=false
# botocore comes without types.

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, Protocol

import boto3
from botocore.awsrequest import (
    AWSHTTPConnection,
    AWSHTTPConnectionPool,
    AWSHTTPSConnection,
    AWSHTTPSConnectionPool,
)
from botocore.config import Config
from botocore.httpsession import URLLib3Session
from botocore.session import get_session
from botocore.utils import get_environ_proxies

CONNECT_SECONDS = 3
SILENT_SECONDS = 120  # between two packets of a model that thinks; the turn's own patience is shorter or equal
TRIES = 3  # of boto3, all before the first word: throttling and failures, with its growing pauses
CALLS_AT_ONCE = 64

_CALL: ContextVar["Call | None"] = ContextVar("call", default=None)


class CutOff(Exception):
    """The call was ended from outside; whoever did so no longer listens."""


class Connection(Protocol):
    """What we use of a connection of urllib3; `serves` is the call that used it last."""

    sock: socket.socket | None
    serves: "Call | None"

    def close(self) -> None: ...


class Call:
    """One call, made in the thread that is `running` it, ended from any other by `cut`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._socket: socket.socket | None = None
        self.is_cut = False

    @contextmanager
    def running(self) -> Generator[None]:
        """Connections used by this thread meanwhile serve this call; one that failed is not used again."""
        token = _CALL.set(self)
        is_whole = False
        try:
            yield
            is_whole = True
        finally:
            _CALL.reset(token)
            with self._lock:
                connection, self._connection, self._socket = self._connection, None, None
            if connection is not None and connection.serves is self and not is_whole:
                connection.close()

    def uses(self, connection: Connection | None) -> None:
        """Raises CutOff where the call has been ended."""
        with self._lock:
            if self.is_cut:
                raise CutOff
            if connection is not None:
                connection.serves = self
                self._connection, self._socket = connection, connection.sock

    def cut(self) -> None:
        """End it: what waits for the connection fails at once, and nothing is sent any more."""
        with self._lock:
            self.is_cut = True
            if self._connection is not None and self._connection.serves is self and self._socket is not None:
                with suppress(OSError):  # the other side was faster
                    # Of the plain socket also under TLS: the thread that reads must not lose its state under its feet.
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def runtime_client(
    service: str, *, region: str | None = None, endpoint_url: str | None = None, silent_seconds: float = SILENT_SECONDS
) -> Any:
    """A client of a service that runs models (`bedrock-runtime`, `sagemaker-runtime`), its calls cuttable.

    Without an endpoint boto3 takes its own: AWS_ENDPOINT_URL_<SERVICE>, else the region's.
    """
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=silent_seconds,
        max_pool_connections=CALLS_AT_ONCE,
        retries={"mode": "standard", "total_max_attempts": TRIES},
    )
    client: Any = boto3.client(service, region_name=region, endpoint_url=endpoint_url, config=config)  # pyright: ignore[reportCallIssue, reportArgumentType]
    return cuttable(client)


def cuttable(client: Any) -> Any:
    """The same client of boto3, each of its requests sent over connections that can be cut."""
    config, url = client.meta.config, client.meta.endpoint_url
    session = _Session(
        verify=get_session().get_config_variable("ca_bundle") or True,  # AWS_CA_BUNDLE, as boto3 reads it
        timeout=(config.connect_timeout, config.read_timeout),
        max_pool_connections=config.max_pool_connections,
        proxies=get_environ_proxies(url) if config.proxies is None else config.proxies,
        proxies_config=config.proxies_config,
    )

    def send(request: Any, **_: Any) -> Any:
        if (call := _CALL.get()) is not None:
            call.uses(None)  # a retry after the end must not send anything
        return session.send(request)

    client.meta.events.register(f"before-send.{client.meta.service_model.service_id.hyphenize()}", send)
    return client


def _note(connection: Connection) -> None:
    connection.serves = None
    if (call := _CALL.get()) is not None:
        call.uses(connection)


class _Connection(AWSHTTPConnection):
    serves: Call | None = None

    def connect(self) -> None:
        super().connect()
        _note(self)

    def getresponse(self) -> Any:
        _note(self)
        return super().getresponse()


class _TlsConnection(AWSHTTPSConnection):
    serves: Call | None = None

    def connect(self) -> None:
        super().connect()
        _note(self)

    def getresponse(self) -> Any:
        _note(self)
        return super().getresponse()


class _Pool(AWSHTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(AWSHTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class _Session(URLLib3Session):
    """botocore's HTTP session with our connections in its pools."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
        self._manager.pool_classes_by_scheme = self._pool_classes_by_scheme
