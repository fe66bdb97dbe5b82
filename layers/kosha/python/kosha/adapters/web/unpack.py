"""Bodies as they were before the server packed them, a bounded piece at a time."""

import zlib
from collections.abc import Iterator

PIECE_BYTES = 2**18
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


class Unpacker:
    """Takes what comes over the wire and gives it unpacked. encoding: of the header Content-Encoding."""

    def __init__(self, encoding: str) -> None:
        self._is_packed = encoding.strip().lower() in ("gzip", "x-gzip", "deflate")
        self._stream = zlib.decompressobj(_GZIP_OR_ZLIB)
        self._is_fresh = True

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Pieces of at most PIECE_BYTES, so that whoever takes them can stop. Raises zlib.error."""
        if not self._is_packed:
            yield data
            return
        while data:
            yield self._piece(data)
            data = self._stream.unconsumed_tail
            if self._stream.eof:  # some servers send several members one after another
                data = self._stream.unused_data
                self._stream = zlib.decompressobj(_GZIP_OR_ZLIB)

    def _piece(self, data: bytes) -> bytes:
        is_fresh, self._is_fresh = self._is_fresh, False
        try:
            return self._stream.decompress(data, PIECE_BYTES)
        except zlib.error:
            if not is_fresh:
                raise
        self._stream = zlib.decompressobj(-zlib.MAX_WBITS)  # "deflate" without its frame, as some servers have it
        return self._stream.decompress(data, PIECE_BYTES)
