"""A stage as it stands in an account, for the commands: clients of AWS, and its stacks as CloudFormation knows them."""

from typing import Any

import boto3

# In order of dependence: what uses others comes after what it uses.
PARTS = ("foundation", "search", "ingestion", "chat", "api", "sagemaker", "web", "observability")


def client(service: str) -> Any:
    """A client of boto3, which makes their classes when it runs."""
    make: Any = boto3.client
    return make(service)


def described(cloudformation: Any, stack: str) -> dict[str, Any] | None:
    """What CloudFormation says of a stack; None where there is none of that name."""
    try:
        [found] = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    except cloudformation.exceptions.ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return found
