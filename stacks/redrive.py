"""Gives messages that failed too often another chance: `python -m stacks.redrive --stage default --queue questions`."""

import sys
from typing import Any

import click

from stacks.outputs import outputs
from stacks.standing import client

BATCH = 10  # SQS hands out and takes no more at once
HIDDEN_SECONDS = 60  # while a message is moved


def queues(cloudformation: Any, stage: str) -> dict[str, tuple[str, str]]:
    """(queue, its dead letters) by lower-case name, from the stacks' outputs; none where the stage is not deployed."""
    told = outputs(cloudformation, stage)
    names = [key.removesuffix("DeadLettersUrl") for key in told if key.endswith("DeadLettersUrl")]
    return {name.lower(): (told[f"{name}QueueUrl"], told[f"{name}DeadLettersUrl"]) for name in names}


def redrive(sqs: Any, queue: str, dead_letters: str, *, limit: int) -> tuple[int, int]:
    """(moved, left): at most `limit`, and no more than lie there now, so that what fails again is not moved again.

    A message is deleted where it was only after it is in its queue: one that is there twice does no harm.
    """
    waiting = min(limit, _count(sqs, dead_letters))
    moved = 0
    while moved < waiting:
        told = sqs.receive_message(
            QueueUrl=dead_letters,
            MaxNumberOfMessages=min(BATCH, waiting - moved),
            MessageAttributeNames=["All"],
            VisibilityTimeout=HIDDEN_SECONDS,
            WaitTimeSeconds=1,
        ).get("Messages", [])
        if not told:
            break
        for message in told:
            attributes = {name: _sendable(value) for name, value in message.get("MessageAttributes", {}).items()}
            sqs.send_message(QueueUrl=queue, MessageBody=message["Body"], MessageAttributes=attributes)
            sqs.delete_message(QueueUrl=dead_letters, ReceiptHandle=message["ReceiptHandle"])
            moved += 1
    return moved, _count(sqs, dead_letters)


def _sendable(attribute: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in attribute.items() if name in ("DataType", "StringValue", "BinaryValue")}


def _count(sqs: Any, url: str) -> int:
    told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    return int(told["Attributes"]["ApproximateNumberOfMessages"])


@click.command()
@click.option("--stage", default="default", show_default=True)
@click.option("--queue", default="", help="Which one; without it, all are listed with what lies dead.")
@click.option("--limit", default=1000, show_default=True, type=click.IntRange(1, 100_000), help="The most to move.")
def main(stage: str, queue: str, limit: int) -> None:
    """Move messages that failed back to their queue."""
    sqs, found = client("sqs"), queues(client("cloudformation"), stage)
    if not found:
        sys.exit(f"stage {stage!r} is not deployed here: there is no stack kosha-{stage}-... with queues.")
    if not queue:
        for name, (_, dead_letters) in sorted(found.items()):
            click.echo(f"{name}: {_count(sqs, dead_letters)} dead letters")
        return
    if queue.lower() not in found:
        sys.exit(f"queue = {queue!r}: allowed are {', '.join(sorted(found))}.")
    moved, left = redrive(sqs, *found[queue.lower()], limit=limit)
    click.echo(f"{moved} moved back to {queue.lower()}, about {left} left in its dead letters")


if __name__ == "__main__":
    main()
