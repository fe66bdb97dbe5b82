"""Links that need no sign-in: what they allow is written in them, with an end and a signature."""

import base64
import hashlib
import hmac
import json
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kosha.errors import Forbidden

SECRET_BYTES = 32


class SignedLinks:
    """Makes and reads tokens: URL-safe base64 of JSON claims, a dot, and their HMAC-SHA256.

    secret: SECRET_BYTES random bytes that stay on this machine. clock: seconds since 1970.
    """

    def __init__(self, secret: bytes, *, clock: Callable[[], float] = time.time) -> None:
        self._secret = secret
        self._clock = clock

    def token(self, purpose: str, claims: dict[str, Any], *, seconds: int) -> str:
        """A token that `read` accepts for this purpose alone, for so many seconds."""
        payload = json.dumps({"for": purpose, "until": self._clock() + seconds, **claims}).encode()
        return f"{_text(payload)}.{_text(self._signature(payload))}"

    def read(self, purpose: str, token: str) -> dict[str, Any]:
        """The claims. Raises Forbidden for a token that is not ours, is for something else, or is over."""
        payload_text, _, signature_text = token.partition(".")
        payload, signature = _bytes(payload_text), _bytes(signature_text)
        if not hmac.compare_digest(signature, self._signature(payload)):
            raise Forbidden("This link is not one of ours, or was cut short. Ask for a new one.")
        claims: dict[str, Any] = json.loads(payload)
        if claims["for"] != purpose or self._clock() > claims["until"]:
            raise Forbidden("This link has expired. Ask for a new one.")
        return claims

    def _signature(self, payload: bytes) -> bytes:
        return hmac.digest(self._secret, payload, hashlib.sha256)


def secret_in(path: Path) -> bytes:
    """The secret kept in a file that only its owner reads; made at the first call, whoever comes first."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(SECRET_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)  # fails where another process was faster: then its secret holds
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_bytes()


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    """What the text stands for; nothing where it is no base64."""
    try:
        return base64.b64decode(text.encode() + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return b""
