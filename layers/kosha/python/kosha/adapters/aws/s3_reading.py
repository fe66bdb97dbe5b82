"""A blob of S3 as a file to read: one version of it to its end, whatever befalls the connection or the key."""

import io
from typing import Any, BinaryIO, Protocol

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, IncompleteReadError, ResponseStreamingError

from kosha.adapters.aws.errors import as_ours, code_of, told_as_ours
from kosha.errors import NotFound, Unavailable

PIECE_BYTES = 256 * 1024
_DOING = "read a file"
_ABSENT = frozenset(["NoSuchKey", "NoSuchVersion", "404"])
# S3 puts out a connection on which nobody reads for a while, and who embeds what he reads is slow.
_BROKEN_OFF = (HTTPClientError, IncompleteReadError, ResponseStreamingError)


class Gets(Protocol):
    """The part of `boto3.client("s3")` that reads."""

    def get_object(self, **request: Any) -> dict[str, Any]: ...


def opened(s3: Gets, bucket: str, key: str) -> BinaryIO:
    """The blob, to be read from its start. Raises NotFound, Unavailable; reading raises Unavailable."""
    return io.BufferedReader(_Object(s3, bucket, key), PIECE_BYTES)


class _Object(io.RawIOBase):
    """Asks for the bytes from where it stands, and again where the connection broke off."""

    def __init__(self, s3: Gets, bucket: str, key: str) -> None:
        super().__init__()
        self._s3 = s3
        self._request: dict[str, Any] = {"Bucket": bucket, "Key": key}
        self._at = 0
        first = self._get()
        self._body: Any = first["Body"]
        self._size_bytes = int(first["ContentLength"])
        version_id = first.get("VersionId", "null")  # as it is called in a bucket that keeps none
        self._request |= {"IfMatch": first["ETag"]} if version_id == "null" else {"VersionId": version_id}

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """The place of the next byte."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to another place, whose bytes are asked for when they are read."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size_bytes}[whence]
        if start + offset != self._at:
            self._let_go()
            self._at = max(start + offset, 0)
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        """Fill the buffer as far as one read of the connection goes; 0 at the end."""
        view = memoryview(buffer)
        piece = self._read(min(len(view), self._size_bytes - self._at)) if self._at < self._size_bytes else b""
        view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def close(self) -> None:
        """Give the connection back."""
        self._let_go()
        super().close()

    def _read(self, size_bytes: int) -> bytes:
        try:
            if self._body is not None:
                return self._body.read(size_bytes)
        except _BROKEN_OFF:
            self._let_go()
        with told_as_ours(_DOING):
            self._body = self._get()["Body"]
            return self._body.read(size_bytes)

    def _get(self) -> dict[str, Any]:
        """The reply with the bytes from here on."""
        place = {"Range": f"bytes={self._at}-"} if self._at else {}
        try:
            return self._s3.get_object(**self._request, **place)
        except ClientError as error:
            if code_of(error) in _ABSENT:
                raise NotFound("stored file", self._request["Key"]) from error
            if code_of(error) == "PreconditionFailed":
                raise Unavailable("The file was replaced while Kosha read it. Try again in a moment.") from error
            raise as_ours(error, doing=_DOING) from error
        except BotoCoreError as error:
            raise as_ours(error, doing=_DOING) from error

    def _let_go(self) -> None:
        body, self._body = getattr(self, "_body", None), None
        if body is not None:
            body.close()
