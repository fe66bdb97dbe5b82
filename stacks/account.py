"""Says on which account and region the AWS tools act, as the CDK writes it: `python -m stacks.account`."""

import sys
from typing import Any

import boto3
import click
from botocore.exceptions import BotoCoreError, ClientError


def main() -> None:
    """Print `aws://ACCOUNT/REGION`."""
    make: Any = boto3.client
    try:
        sts = make("sts")
        click.echo(f"aws://{sts.get_caller_identity()['Account']}/{sts.meta.region_name}")
    except (BotoCoreError, ClientError) as missing:
        sys.exit(f"The AWS tools cannot sign in here: {missing}")


if __name__ == "__main__":
    main()
