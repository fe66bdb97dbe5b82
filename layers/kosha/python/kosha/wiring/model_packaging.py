"""What packages models, for the functions behind the custom resource of stacks/sagemaker.py."""

from functools import cache
from typing import Any

from kosha.adapters.aws.model_packaging import ModelPackaging


@cache
def model_packaging(project: str) -> ModelPackaging:
    """The CodeBuild project of that name."""
    import boto3
    from botocore.config import Config

    make: Any = boto3.client
    return ModelPackaging(
        make("codebuild", config=Config(retries={"mode": "standard", "total_max_attempts": 5})), project
    )
