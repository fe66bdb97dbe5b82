"""Takes a stage down and says what stays: `python -m stacks.removal --stage default`.

Stacks that hold data (foundation, search) are left standing unless `--data release` is given; then they go too, and
what is retained in them stays in the account without a stack.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

import click

from stacks.standing import PARTS, client, described

# What uses others goes before what it uses.
WITH_DATA = ("search", "foundation")
WITHOUT_DATA = tuple(part for part in reversed(PARTS) if part not in WITH_DATA)
RELEASE = "release: the stacks that hold data go too; what is retained in them stays, without a stack."
Data = Literal["keep", "release"]
KEPT = ("Retain", "RetainExceptOnCreate", "Snapshot")


class Kept(NamedTuple):
    """A resource that outlives its stack; `how`: Retain, or Snapshot where only a copy of its data stays."""

    stack: str
    type: str
    name: str
    how: str


def kept(cloudformation: Any, stacks: Sequence[str]) -> Iterator[Kept]:
    """What stays of these stacks by their templates' deletion policies; stacks that are not there are left out."""
    for stack in stacks:
        if not exists(cloudformation, stack):
            continue
        template = cloudformation.get_template(StackName=stack)["TemplateBody"]["Resources"]
        pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
        names = {
            each["LogicalResourceId"]: each.get("PhysicalResourceId", "")
            for page in pages
            for each in page["StackResourceSummaries"]
        }
        for logical, resource in template.items():
            how = resource.get("DeletionPolicy", "Delete")
            if how in KEPT and names.get(logical):
                yield Kept(stack, resource["Type"], names[logical], "Snapshot" if how == "Snapshot" else "Retain")


def exists(cloudformation: Any, stack: str) -> bool:
    """Whether there is such a stack."""
    found = described(cloudformation, stack)
    return found is not None and found["StackStatus"] != "DELETE_COMPLETE"


def remove(cloudformation: Any, stacks: Sequence[str], *, seconds_between: int = 15) -> Iterator[str]:
    """Delete them one after the other; yields each when it is gone. Raises WaiterError where one cannot be deleted."""
    for stack in stacks:
        if exists(cloudformation, stack):
            cloudformation.update_termination_protection(StackName=stack, EnableTerminationProtection=False)
            cloudformation.delete_stack(StackName=stack)
            waiter = cloudformation.get_waiter("stack_delete_complete")
            waiter.wait(StackName=stack, WaiterConfig={"Delay": seconds_between, "MaxAttempts": 240})
            yield stack


def names(stage: str, data: Data) -> tuple[list[str], list[str]]:
    """(stacks that go, stacks that stand)."""
    going = [*WITHOUT_DATA, *(WITH_DATA if data == "release" else ())]
    standing = () if data == "release" else WITH_DATA
    return [f"kosha-{stage}-{part}" for part in going], [f"kosha-{stage}-{part}" for part in standing]


def take_down(
    cloudformation: Any, stage: str, data: Data, *, goes_on: Callable[[], bool], seconds_between: int = 15
) -> Iterator[str]:
    """Yields, line by line, what goes and what stays, then what is gone and what stayed. `goes_on` is asked between."""
    going, standing = names(stage, data)
    there = [stack for stack in (*going, *standing) if exists(cloudformation, stack)]
    if not there:
        yield f"Stage {stage!r} is not deployed here: there is no stack kosha-{stage}-..."
        return
    resources = list(kept(cloudformation, there))
    yield "Goes:   " + (", ".join(stack for stack in going if stack in there) or "nothing")
    yield "Stands: " + (", ".join(stack for stack in standing if stack in there) or "nothing")
    yield from _listed("Stays in the account, with its data and its cost:", resources)
    if not goes_on():
        yield "Nothing was changed."
        return
    for stack in remove(cloudformation, going, seconds_between=seconds_between):
        yield f"gone: {stack}"
    yield from _listed("Stayed:", resources)
    if resources:
        yield "docs/deploy.md says how to be rid of these, docs/operations.md how to restore data from them."


def _listed(title: str, resources: Sequence[Kept]) -> Iterator[str]:
    yield title if resources else "Nothing is retained."
    for each in resources:
        yield f"  {each.type:<32} {each.name}" + (" (a snapshot of it)" if each.how == "Snapshot" else "")


@click.command()
@click.option("--stage", required=True)
@click.option("--data", type=click.Choice(["keep", "release"]), default="keep", show_default=True, help=RELEASE)
@click.option("--yes", is_flag=True, help="Ask nothing.")
def main(stage: str, data: Data, yes: bool) -> None:
    """Take a stage down; says what stays before and after."""

    def goes_on() -> bool:
        return yes or click.prompt(f"Type {stage} to go on", default="", show_default=False) == stage

    for line in take_down(client("cloudformation"), stage, data, goes_on=goes_on):
        click.echo(line)


if __name__ == "__main__":
    main()
