"""The Ed25519 key that signs access tokens: made once, kept in a file only its owner can read."""

import base64
import hashlib
import json
import os
import secrets
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from kosha.errors import Rejected


class SigningKey:
    """The key in `folder`/signing.pem; processes that start together agree on one."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "signing.pem"
        if not self._path.exists():
            _make(self._path)
        self.private = _read(self._path)
        self.public = self.private.public_key()
        raw = self.public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        members = {"crv": "Ed25519", "kty": "OKP", "x": _base64url(raw)}
        # RFC 7638: the thumbprint of a key is its name.
        thumbprint = hashlib.sha256(json.dumps(members, separators=(",", ":"), sort_keys=True).encode()).digest()
        self.id = _base64url(thumbprint)
        self.jwk: dict[str, Any] = {**members, "kid": self.id, "alg": "EdDSA", "use": "sig"}


def _make(path: Path) -> None:
    """Write a new key and give it its name in one step; whoever comes second keeps the first one's."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink(missing_ok=True)


def _read(path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except ValueError as error:
        raise Rejected(f"The signing key {path} is damaged. Delete it; everybody signs in again then.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise Rejected(f"The signing key {path} is no Ed25519 key. Delete it; everybody signs in again then.")
    return key


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
