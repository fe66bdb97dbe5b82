"""A file's bytes a piece at a time, and what tells them from others."""

import hashlib
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

PIECE_BYTES = 256 * 1024


class Fingerprint(NamedTuple):
    """digest: SHA-256, in hexadecimal."""

    digest: str
    size_bytes: int


def pieces(file: BinaryIO) -> Iterator[bytes]:
    """What is left of an open file, PIECE_BYTES at a time."""
    while piece := file.read(PIECE_BYTES):
        yield piece


def fingerprint(file: BinaryIO) -> Fingerprint:
    """Of what is left of an open file, which is never held as a whole."""
    digest, size_bytes = hashlib.sha256(), 0
    for piece in pieces(file):
        digest.update(piece)
        size_bytes += len(piece)
    return Fingerprint(digest.hexdigest(), size_bytes)
