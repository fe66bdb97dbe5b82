"""What the contract suite of blobs is given: a store of one technology, and all that lies in it."""

from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import boto3
from botocore.config import Config

from kosha.adapters.aws.s3 import S3Blobs
from kosha.adapters.local.folder import FolderBlobs
from kosha.adapters.local.links import SignedLinks
from kosha.ports import Blobs

REGION = "eu-central-1"


class BlobStore(Protocol):
    """Where blobs are."""

    @property
    def blobs(self) -> Blobs: ...

    def keys(self) -> list[str]:
        """Of all that is kept, also of what nobody can read any more."""
        ...


class FolderStore:
    """A folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.blobs = FolderBlobs(folder, SignedLinks(b"s" * 32))

    def keys(self) -> list[str]:
        return sorted(str(path.relative_to(self._folder)) for path in self._folder.rglob("*") if path.is_file())


class S3Store:
    """Two new buckets in the S3 of this process."""

    def __init__(self, client: Any, *, keeps_versions: bool) -> None:
        self.client = client
        self.uploads, self.processing = f"uploads-{uuid4()}", f"processing-{uuid4()}"
        self.blobs = S3Blobs(client, upload_bucket=self.uploads, processing_bucket=self.processing)
        for bucket in (self.uploads, self.processing):
            client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
            if keeps_versions:
                client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})

    def keys(self) -> list[str]:
        return sorted(self.keys_in(self.uploads) + self.keys_in(self.processing))

    def keys_in(self, bucket: str) -> list[str]:
        """With marks of deletions, and uploads of several parts that were not ended."""
        listed = self.client.list_object_versions(Bucket=bucket)
        begun = self.client.list_multipart_uploads(Bucket=bucket)
        found = [*listed.get("Versions", []), *listed.get("DeleteMarkers", []), *begun.get("Uploads", [])]
        return sorted({each["Key"] for each in found})


def s3_client() -> Any:
    """As the wiring makes it."""
    return boto3.client(
        "s3",
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(signature_version="s3v4", retries={"mode": "standard", "total_max_attempts": 3}),
    )
