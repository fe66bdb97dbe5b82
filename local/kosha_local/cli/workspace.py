"""`kosha workspace ...`."""

import asyncio
import sys
from typing import Any

import click

from kosha_local.cli import workspaces
from kosha_local.cli.output import give, give_json, give_table, size
from kosha_local.cli.program import Choices, Group, ServerCommand, pass_choices
from kosha_local.cli.reach import reached


@click.group(cls=Group)
def workspace() -> None:
    """Create, list, measure and delete workspaces: documents that are searched together.

    \b
    Examples:
      kosha workspace create Handbook
      kosha workspace list
      kosha workspace recall Handbook
      kosha workspace delete Handbook --yes
    """


@workspace.command(cls=ServerCommand)
@click.argument("name")
@pass_choices
def create(choices: Choices, name: str) -> None:
    """Make a new, empty workspace with settings that suit most documents."""

    async def work() -> dict[str, Any]:
        async with reached(choices) as client:
            return await client.post("workspaces", {"name": name})

    made = asyncio.run(work())
    if choices.is_json:
        give_json(made)
    else:
        give(f"Workspace {made['name']!r} is {made['status']} (id {made['id']}).")


@workspace.command(name="list", cls=ServerCommand)
@pass_choices
def list_workspaces(choices: Choices) -> None:
    """List the workspaces with what they hold."""

    async def work() -> list[dict[str, Any]]:
        async with reached(choices) as client:
            return [one async for one in client.every("workspaces")]

    found = asyncio.run(work())
    if choices.is_json:
        give_json({"items": found})
        return
    rows = [
        [one["name"], str(one["documents"]), str(one["vectors"]), size(one["sizeInBytes"]), one["id"]] for one in found
    ]
    give_table(["name", "documents", "vectors", "size", "id"], rows)


@workspace.command(cls=ServerCommand)
@click.argument("name")
@pass_choices
def recall(choices: Choices, name: str) -> None:
    """Measure how much of what an exact search finds the index of a workspace finds. NAME may be its id."""

    async def work() -> dict[str, Any]:
        async with reached(choices) as client:
            found = await workspaces.named(client, name)
            return await client.get(f"workspaces/{found['id']}/recall")

    report = asyncio.run(work())
    if choices.is_json:
        give_json(report)
    elif report["kind"] == "exact":
        give(
            f"recall@10 is 1.000: {report['chunks']} chunks are searched exactly. {report.get('reason') or ''}".strip()
        )
    else:
        told = ", ".join(f"{parameter} {value}" for parameter, value in report["parameters"].items())
        give(f"recall@10 {report['recallAt10']:.3f} of {report['questions']} questions, {report['chunks']} chunks")
        give(f"a search takes {report['indexMs']} ms by the index, {report['exactMs']} ms exactly (median)")
        give(f"the index: {report['kind']}, {told}; {size(report['sizeInBytes'])}")
        if report["outdated"]:
            give("Much has changed since it was built; it is built anew after the next import.")


@workspace.command(cls=ServerCommand)
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_choices
def delete(choices: Choices, name: str, yes: bool) -> None:
    """Delete a workspace with everything in it. NAME may be its id. Asks first where a person is at the keyboard."""

    async def work() -> dict[str, Any] | None:
        async with reached(choices) as client:
            found = await workspaces.named(client, name)
            if not yes and sys.stdin.isatty():
                question = f"Delete {found['name']!r} with its {found['documents']} documents?"
                if not await asyncio.to_thread(click.confirm, question, err=True):
                    return None
            await client.delete(f"workspaces/{found['id']}")
            return found

    deleted = asyncio.run(work())
    if deleted is None:
        raise click.exceptions.Exit(1)
    if choices.is_json:
        give_json({"deleted": deleted["id"]})
    else:
        give(f"Workspace {deleted['name']!r} is deleted.")
