"""Says on which account and region the AWS tools act, as the CDK writes it: `python -m stacks.account`."""

import sys

import click
from botocore.exceptions import BotoCoreError, ClientError

from stacks.standing import client


def main() -> None:
    """Print `aws://ACCOUNT/REGION`."""
    try:
        sts = client("sts")
        click.echo(f"aws://{sts.get_caller_identity()['Account']}/{sts.meta.region_name}")
    except (BotoCoreError, ClientError) as missing:
        sys.exit(f"The AWS tools cannot sign in here: {missing}")


if __name__ == "__main__":
    main()
