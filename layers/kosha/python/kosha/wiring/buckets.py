"""Buckets as places, for one machine."""

from collections.abc import Sequence
from typing import Any

import boto3
from botocore.config import Config

from kosha.adapters.aws.s3_place import S3Place


def bucket_place(buckets: Sequence[str]) -> S3Place:
    """Those buckets, read with the credentials that the environment has."""
    library: Any = boto3  # it makes its clients' classes when it runs
    config = Config(retries={"mode": "standard", "max_attempts": 3}, connect_timeout=3, read_timeout=10)
    return S3Place(library.client("s3", config=config), buckets)
