"""What packages models, for the functions behind the custom resource of stacks/sagemaker.py."""

from functools import cache
from importlib import import_module
from typing import Any

from kosha.adapters.aws.model_packaging import ModelPackaging


@cache
def model_packaging(project: str) -> ModelPackaging:
    """The CodeBuild project of that name."""
    boto3: Any = import_module("boto3")  # here, because importing does nothing; and it has no types
    config: Any = import_module("botocore.config")
    patient = config.Config(retries={"mode": "standard", "total_max_attempts": 5})
    return ModelPackaging(boto3.client("codebuild", config=patient), project)
