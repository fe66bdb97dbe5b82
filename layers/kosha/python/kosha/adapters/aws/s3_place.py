"""Prefixes of S3 buckets as places whose files are followed: of those buckets that an administrator has named, only."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO, NamedTuple, Protocol
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from kosha.adapters.aws.errors import as_ours, code_of
from kosha.adapters.aws.s3_reading import Gets, opened
from kosha.errors import Rejected
from kosha.model.source import Entry

_DOING = "look at a bucket"
_REFUSED = frozenset(["AccessDenied", "NoSuchBucket", "AllAccessDisabled", "PermanentRedirect"])


class Lists(Gets, Protocol):
    """The part of `boto3.client("s3")` that lists and reads."""

    def list_objects_v2(self, **request: Any) -> dict[str, Any]: ...


class _Place(NamedTuple):
    bucket: str
    prefix: str  # "" or with a slash at its end


class S3Place:
    """Fits the port `Place`. buckets: that sources may lie in. A location is `s3://bucket/prefix/`."""

    def __init__(self, s3: Lists, buckets: Sequence[str]) -> None:
        self._s3 = s3
        self._buckets = tuple(buckets)

    def why_not(self, location: str) -> str | None:
        """Why a prefix cannot be followed; None where it can."""
        if not self._buckets:
            return "no bucket may be followed; an administrator can name some (source_buckets, KOSHA_SOURCE_BUCKETS)"
        place = _place(location)
        if place is None:
            return f"{location!r} is no address of a prefix; give one like s3://{self._buckets[0]}/reports/"
        if place.bucket not in self._buckets:
            return f"the bucket {place.bucket!r} may not be followed; these may: {', '.join(self._buckets)}"
        return None

    def entries(self, location: str, after: str) -> Iterator[Entry]:
        """Objects below it whose keys stand behind `after`, by their keys. Raises Rejected, Unavailable."""
        bucket, prefix = self._allowed(location)
        asked: dict[str, Any] = {"Bucket": bucket, "Prefix": prefix}
        if after:
            asked["StartAfter"] = prefix + after
        while True:
            try:
                told = self._s3.list_objects_v2(**asked)
            except (ClientError, BotoCoreError) as error:
                raise self._refusal(error, bucket) from error
            for one in told.get("Contents", ()):
                path = one["Key"].removeprefix(prefix)
                if path and not path.endswith("/") and not any(part.startswith(".") for part in path.split("/")):
                    yield Entry(path, one["Size"], one["ETag"].strip('"'))
            if not told.get("IsTruncated"):
                return
            asked["ContinuationToken"] = told["NextContinuationToken"]

    @contextmanager
    def open(self, location: str, path: str) -> Generator[BinaryIO]:
        """The bytes of an object. Raises NotFound where it is gone."""
        bucket, prefix = self._allowed(location)
        try:
            with opened(self._s3, bucket, prefix + path) as file:
                yield file
        except ClientError as error:
            raise self._refusal(error, bucket) from error

    def _allowed(self, location: str) -> _Place:
        reason, place = self.why_not(location), _place(location)
        if reason or place is None:
            raise Rejected(f"The bucket cannot be followed: {reason}.")
        return place

    def _refusal(self, error: ClientError | BotoCoreError, bucket: str) -> Exception:
        if isinstance(error, ClientError) and code_of(error) in _REFUSED:
            return Rejected(f"The bucket {bucket!r} refuses us ({code_of(error)}). Allow the deployment to read it.")
        return as_ours(error, doing=_DOING)


def _place(location: str) -> _Place | None:
    parts = urlsplit(location)
    if parts.scheme != "s3" or not parts.netloc or parts.query or parts.fragment:
        return None
    prefix = parts.path.strip("/")
    return _Place(parts.netloc, f"{prefix}/" if prefix else "")
