"""What a deployed stage prints, whenever somebody asks: `python -m stacks.outputs --stage default`."""

import sys
from collections.abc import Iterator
from typing import Any

import click

from stacks.standing import PARTS, client, described


def outputs(cloudformation: Any, stage: str) -> dict[str, str]:
    """The outputs of a stage's stacks, by name; none where the stage is not deployed."""
    return dict(_outputs(cloudformation, stage))


def outputs_or_exit(cloudformation: Any, stage: str) -> dict[str, str]:
    """As `outputs`, for a command that can do nothing without them."""
    found = outputs(cloudformation, stage)
    if not found:
        sys.exit(f"stage {stage!r} is not deployed here: there is no stack kosha-{stage}-... with outputs.")
    return found


def _outputs(cloudformation: Any, stage: str) -> Iterator[tuple[str, str]]:
    for part in PARTS:
        stack = described(cloudformation, f"kosha-{stage}-{part}") or {}
        yield from ((output["OutputKey"], output["OutputValue"]) for output in stack.get("Outputs", []))


@click.command()
@click.option("--stage", default="default", show_default=True)
def main(stage: str) -> None:
    """Print the outputs of a stage, one a line."""
    for name, value in sorted(outputs_or_exit(client("cloudformation"), stage).items()):
        click.echo(f"{name} {value}")


if __name__ == "__main__":
    main()
