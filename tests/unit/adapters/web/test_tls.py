"""Over TLS the certificate must be the host's, although the connection goes to an address."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kosha.adapters.web.http import HttpWeb, Patience
from kosha.errors import SiteUnavailable


class _Says(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"words")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def certificate(folder: Path, host: str) -> Path:
    """A certificate of that host which vouches for itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = folder / "server.pem"
    file.write_bytes(private + made.public_bytes(pem))
    return file


@contextmanager
def secured(file: Path) -> Iterator[int]:
    """The port of a server that has this certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    with HTTPServer(("127.0.0.1", 0), _Says) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def read(port: int) -> bytes:
    web = HttpWeb(["site.example"], resolve=lambda _host, _port: ["127.0.0.1"], patience=Patience(1.0, 2.0, 5.0))
    with web.get(f"https://site.example:{port}/", headers={}, limit_bytes=99, cancelled=lambda: False) as reply:
        return reply.body.read_bytes()


def test_a_certificate_of_the_host_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = certificate(tmp_path, "site.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with secured(file) as port:
        assert read(port) == b"words"


def test_a_certificate_of_another_host_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = certificate(tmp_path, "other.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with secured(file) as port, pytest.raises(SiteUnavailable, match="certificate"):
        read(port)


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    with secured(certificate(tmp_path, "site.example")) as port, pytest.raises(SiteUnavailable, match="certificate"):
        read(port)
