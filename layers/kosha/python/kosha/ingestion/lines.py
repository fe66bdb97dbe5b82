"""Records in a blob, one JSON object a line, read and written without holding them all."""

from collections.abc import Iterable, Iterator
from itertools import islice

from kosha.ports import Blobs

PIECE_BYTES = 256 * 1024


def write(key: str, lines: Iterable[str], blobs: Blobs) -> None:
    """Keep the lines (none of them has a line break in it), whole or not at all."""
    blobs.write(key, _pieces(lines))


def read(key: str, blobs: Blobs, *, skip: int = 0) -> Iterator[bytes]:
    """The lines after the first `skip`. Raises NotFound."""
    with blobs.open(key) as file:
        yield from islice(file, skip, None)


def _pieces(lines: Iterable[str]) -> Iterator[bytes]:
    piece = bytearray()
    for line in lines:
        piece += line.encode()
        piece += b"\n"
        if len(piece) >= PIECE_BYTES:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece)
