"""One request over HTTP/1.1, to the address that was checked and to no other.

Python's own client, for want of what others add: no redirect, no proxy, no cookie, no second look at the name.
"""

import http.client
import re
import socket
import ssl
import tempfile
import time
import zlib
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple
from urllib.parse import SplitResult, urlsplit

from kosha.adapters.web.guard import Guard
from kosha.adapters.web.reach import Reach, Resolve
from kosha.adapters.web.unpack import Unpacker
from kosha.errors import Cancelled, Rejected, SiteUnavailable, TooLarge
from kosha.model.web import WebReply

READ_BYTES = 2**16
MOST_ADDRESSES = 3  # of a host that are tried
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")


class Patience(NamedTuple):
    """How long a server is waited for: to take the connection, to say the next thing, for everything."""

    connect_seconds: float = 10.0
    silence_seconds: float = 20.0
    all_seconds: float = 120.0


def resolved(host: str, port: int) -> Sequence[str]:
    """The addresses that the system's resolver has for a host. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class HttpWeb:
    """Fits the port `Web`. allow_hosts: hosts that may be visited although their addresses are private."""

    def __init__(
        self, allow_hosts: Collection[str] = (), *, resolve: Resolve = resolved, patience: Patience | None = None
    ) -> None:
        self._reach = Reach(allow_hosts, resolve)
        self._patience = patience or Patience()
        self._tls: ssl.SSLContext | None = None

    @contextmanager
    def get(
        self, url: str, *, headers: Mapping[str, str], limit_bytes: int, cancelled: Callable[[], bool]
    ) -> Generator[WebReply]:
        """Ask for one URL; a redirection is an answer like any other.

        Raises Rejected for what is not visited, TooLarge beyond `limit_bytes` (unpacked), Cancelled, and
        SiteUnavailable where the server is away, breaks off or takes too long.
        """
        parts = urlsplit(url)
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="kosha-") as folder:
            path = Path(folder) / "body"
            with _told(parts), closing(self._connected(parts)) as connection:
                assert connection.sock is not None
                guard = Guard(connection.sock, seconds=self._patience.all_seconds, cancelled=cancelled)
                with _explained(guard, parts), guard:
                    connection.begin_tls(guard)
                    with _asked(connection, parts, headers) as response, path.open("wb") as file:
                        size_bytes = _received(response, file, limit_bytes)
            yield WebReply(url, response.status, _headers(response), path, size_bytes, time.monotonic() - began)

    def pause(self, seconds: float) -> None:
        """Let the servers be for a while."""
        time.sleep(seconds)

    def _connected(self, parts: SplitResult) -> "_Connection":
        """A connection to one of the addresses that were checked. Raises OSError of the last that was tried."""
        failure: OSError | None = None
        for address in self._reach.addresses(parts)[:MOST_ADDRESSES]:
            connection = _Connection(parts, address, self._patience, self._context if parts.scheme == "https" else None)
            try:
                connection.connect()
            except OSError as error:
                failure = error
            else:
                return connection
        assert failure is not None
        raise failure

    @property
    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls


class _Connection(http.client.HTTPConnection):
    """Speaks as if to the host, over a socket to an address of ours. TLS begins when it is told to."""

    def __init__(self, parts: SplitResult, address: str, patience: Patience, context: ssl.SSLContext | None) -> None:
        self.default_port = 443 if context else 80  # before the host: what it is left out of Host for
        super().__init__(parts.hostname or "", parts.port or self.default_port)
        self._address = address
        self._patience = patience
        self._context = context

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), self._patience.connect_seconds)
        self.sock.settimeout(self._patience.silence_seconds)

    def begin_tls(self, guard: Guard) -> None:
        """Where it is https: shake hands, and see that the certificate is the host's."""
        if self._context and self.sock:
            tls = self._context.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
            self.sock = guard.socket = tls
            tls.do_handshake()


def _asked(connection: _Connection, parts: SplitResult, headers: Mapping[str, str]) -> http.client.HTTPResponse:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    plain = {"Accept-Encoding": "gzip", "Connection": "close"}
    connection.request("GET", target, headers={**plain, **headers})
    return connection.getresponse()


def _headers(response: http.client.HTTPResponse) -> dict[str, str]:
    """By their names in lower case; one that came several times is one list (RFC 9110, 5.3).

    Control characters are spaces: no header may have them, and neither a record nor another request could.
    """
    told: dict[str, dict[str, None]] = {}
    for name, value in response.getheaders():
        told.setdefault(name.lower(), {})[_CONTROLS.sub(" ", value)] = None
    return {name: ", ".join(values) for name, values in told.items()}


def _received(response: http.client.HTTPResponse, file: BinaryIO, limit_bytes: int) -> int:
    """Write the body unpacked; returns its bytes. Raises TooLarge, HTTPException, OSError, zlib.error."""
    unpacker = Unpacker(response.headers.get("Content-Encoding", ""))
    left = response.length
    if left is not None and left > limit_bytes:
        raise _too_large(limit_bytes)
    size_bytes = 0
    while left is None or left > 0:
        data = response.read1(READ_BYTES if left is None else min(READ_BYTES, left))
        if not data:
            break
        left = None if left is None else left - len(data)
        for piece in unpacker.feed(data):
            size_bytes += len(piece)
            if size_bytes > limit_bytes:
                raise _too_large(limit_bytes)
            file.write(piece)
    if left:
        raise http.client.IncompleteRead(b"", left)
    return size_bytes


def _too_large(limit_bytes: int) -> TooLarge:
    return TooLarge(f"It has more than {limit_bytes / 2**20:.0f} MB, the limit.")


@contextmanager
def _explained(guard: Guard, parts: SplitResult) -> Generator[None]:
    """What befell the request in our words, and what we did to it ourselves."""
    try:
        yield
    except (OSError, http.client.HTTPException, zlib.error):
        if guard.cut is None:
            raise
    if guard.cut == "cancelled":
        raise Cancelled("The crawl was stopped.")
    if guard.cut == "late":
        raise SiteUnavailable(f"{parts.hostname} takes too long to answer.")


@contextmanager
def _told(parts: SplitResult) -> Generator[None]:
    """Errors of the network as ours."""
    try:
        yield
    except socket.gaierror as error:
        raise SiteUnavailable(f"No address was found for {parts.hostname!r}. Is the name right?") from error
    except TimeoutError as error:
        raise SiteUnavailable(f"{parts.hostname} does not answer.") from error
    except ssl.SSLCertVerificationError as error:
        raise SiteUnavailable(f"The certificate of {parts.hostname} is not valid: {error.verify_message}.") from error
    except ConnectionRefusedError as error:
        raise SiteUnavailable(f"Nothing answers at {parts.netloc}.") from error
    except (OSError, http.client.HTTPException, zlib.error) as error:
        raise SiteUnavailable(f"{parts.hostname} broke off, or sent what is no answer.") from error
    except UnicodeError as error:
        raise Rejected(f"{parts.hostname!r} is no name of a host.") from error
