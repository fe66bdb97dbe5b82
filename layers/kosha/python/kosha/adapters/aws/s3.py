"""Blobs in S3: originals in the bucket that browsers upload to, everything else in one of our own."""

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, Protocol

from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from kosha.adapters.aws.errors import told_as_ours
from kosha.adapters.aws.s3_reading import PIECE_BYTES, opened
from kosha.adapters.blob_keys import parts_of
from kosha.adapters.disposition import content_disposition
from kosha.model.document import Document, Ticket

_ORIGINAL = "original"
_LISTED_AT_ONCE = 1000  # S3 lists no more, and DeleteObjects takes no more
_PART_BYTES = 8 * 2**20
# One thread, which is ours: the pieces may come from a generator that a database or a parser feeds.
_TRANSFER = TransferConfig(multipart_threshold=_PART_BYTES, multipart_chunksize=_PART_BYTES, use_threads=False)


class S3(Protocol):
    """`boto3.client("s3")`, whose signatures are of version 4."""

    def get_object(self, **request: Any) -> dict[str, Any]: ...
    def upload_fileobj(self, *of_what: Any, **options: Any) -> None: ...
    def list_object_versions(self, **request: Any) -> dict[str, Any]: ...
    def delete_objects(self, **request: Any) -> dict[str, Any]: ...
    def generate_presigned_post(self, **request: Any) -> dict[str, Any]: ...
    def generate_presigned_url(self, *of_what: Any, **request: Any) -> str: ...


class S3Blobs:
    """Fits port `Blobs`. `workspace/document/original...` is in the upload bucket, every other key in the other one.

    Every call raises Unavailable where S3 is busy or away. What breaks off while it is written leaves parts that
    nobody sees: they are given up at once or, after a crash, by the bucket's own rule.
    """

    def __init__(self, s3: S3, *, upload_bucket: str, processing_bucket: str) -> None:
        self._s3 = s3
        self._upload_bucket = upload_bucket
        self._processing_bucket = processing_bucket

    def write(self, key: str, pieces: Iterable[bytes]) -> int:
        """Keep bytes, whole or not at all; returns their number. Holds 8 MiB of them at most."""
        source = _Source(pieces)
        bucket = self._bucket(key)
        with told_as_ours("keep a file"):
            self._s3.upload_fileobj(source, bucket, key, Config=_TRANSFER)
        return source.size_bytes

    def open(self, key: str) -> BinaryIO:
        """To read from the start; it can seek, which costs a request. Raises NotFound."""
        return opened(self._s3, self._bucket(key), key)

    @contextmanager
    def file(self, key: str) -> Generator[Path]:
        """A copy on this machine's disk. Raises NotFound."""
        with self.open(key) as source, TemporaryDirectory(prefix="kosha-") as folder:
            path = Path(folder, "blob")
            with path.open("wb") as copy:
                copyfileobj(source, copy, PIECE_BYTES)
            yield path

    def remove(self, prefix: str) -> None:
        """Forget the blob of that key or, with a slash at the end, every key below it: all their versions."""
        for bucket in self._buckets(prefix):
            while self._removed_some(bucket, prefix):
                pass

    def ticket(self, document: Document, *, key: str, seconds: int) -> Ticket:
        """Leave to POST the document's bytes: under that key, of exactly its size, of its type."""
        size_bytes, content_type = document.size_in_bytes, document.content_type
        form = self._s3.generate_presigned_post(
            Bucket=self._bucket(key),
            Key=key,
            Fields={"Content-Type": content_type},
            Conditions=[{"Content-Type": content_type}, ["content-length-range", size_bytes, size_bytes]],
            ExpiresIn=seconds,
        )
        return Ticket(method="POST", url=form["url"], fields=form["fields"])

    def link(self, key: str, *, file_name: str, content_type: str, seconds: int) -> str:
        """An address of S3 at which the blob can be read for a while without a sign-in."""
        told = {
            "Bucket": self._bucket(key),
            "Key": key,
            "ResponseContentDisposition": content_disposition(file_name, content_type),
            "ResponseContentType": content_type,
        }
        return self._s3.generate_presigned_url("get_object", Params=told, ExpiresIn=seconds)

    def _bucket(self, key: str) -> str:
        parts = parts_of(key)
        return self._upload_bucket if len(parts) == 3 and parts[2].startswith(_ORIGINAL) else self._processing_bucket

    def _buckets(self, prefix: str) -> list[str]:
        """Where such keys may be."""
        if not prefix.endswith("/"):
            return [self._bucket(prefix)]
        below_a_document = len(parts_of(prefix.removesuffix("/"))) > 2
        return [self._processing_bucket] if below_a_document else [self._upload_bucket, self._processing_bucket]

    def _removed_some(self, bucket: str, prefix: str) -> bool:
        """Whether there may be more. Marks of earlier deletions go too."""
        with told_as_ours("remove files"):
            listed = self._s3.list_object_versions(Bucket=bucket, Prefix=prefix, MaxKeys=_LISTED_AT_ONCE)
            versions = [
                {"Key": version["Key"], "VersionId": version["VersionId"]}
                for version in [*listed.get("Versions", []), *listed.get("DeleteMarkers", [])]
                if prefix.endswith("/") or version["Key"] == prefix
            ]
            if not versions:
                return False
            told = self._s3.delete_objects(Bucket=bucket, Delete={"Objects": versions, "Quiet": True})
            if refused := told.get("Errors", []):
                raise ClientError({"Error": refused[0]}, "DeleteObjects")
        return bool(listed["IsTruncated"])


class _Source:
    """Pieces as the file that boto3 reads from."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.size_bytes = 0
        self._pieces = iter(pieces)
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        """As many bytes, or all that is left."""
        read = bytearray(self._rest)
        while (size < 0 or len(read) < size) and (piece := next(self._pieces, None)) is not None:
            read += piece
        end = len(read) if size < 0 else size
        self._rest = bytes(read[end:])
        del read[end:]
        self.size_bytes += len(read)
        return bytes(read)
