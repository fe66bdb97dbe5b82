"""`kosha search`."""

import asyncio
import textwrap
from typing import Any

import click

from kosha_local.cli import workspaces
from kosha_local.cli.output import give, give_json, give_table
from kosha_local.cli.program import Choices, ServerCommand, pass_choices
from kosha_local.cli.reach import reached

SHOWN_CHARACTERS = 300


@click.command(cls=ServerCommand)
@click.argument("query")
@click.option("--workspace", "name", required=True, metavar="NAME", help="Which workspace, by name or id.")
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True, help="At most so many passages.")
@click.option("--explain", is_flag=True, help="Tell what each stage saw, kept and took.")
@click.option(
    "--document", "document_id", metavar="ID", help="With --explain: where the chunks of this document fell out."
)
@pass_choices
def search(choices: Choices, query: str, name: str, limit: int, explain: bool, document_id: str | None) -> None:
    """Search a workspace and print the best passages.

    \b
    Examples:
      kosha search --workspace Handbook "parental leave"
      kosha search --workspace Handbook "parental leave" --explain --json
    """

    async def work() -> dict[str, Any]:
        async with reached(choices) as client:
            found = await workspaces.named(client, name)
            wish = {"workspaceId": found["id"], "query": query, "limit": limit, "explain": explain}
            return await client.post("semantic-search", wish | ({"documentId": document_id} if document_id else {}))

    found = asyncio.run(work())
    if choices.is_json:
        give_json(found)
        return
    for number, hit in enumerate(found["items"], start=1):
        _give_hit(number, hit)
    if not found["items"]:
        give("Nothing in this workspace answers to that.")
    if explain:
        _give_explanation(found)


def _give_hit(number: int, hit: dict[str, Any]) -> None:
    ranks = ", ".join(f"{stage} {rank}" for stage, rank in hit["ranks"].items() if stage != "fused")
    give(f"{number}. {place(hit)}   score {hit['score']:.3f} (rank by {ranks})" if ranks else f"{number}. {place(hit)}")
    shown = textwrap.shorten(hit["content"], SHOWN_CHARACTERS, placeholder=" ...")
    give(textwrap.fill(shown, 100, initial_indent="   ", subsequent_indent="   ") + "\n")


def place(passage: dict[str, Any]) -> str:
    """Where a passage stands: `handbook.pdf, page 3 · Leave > Annual leave`."""
    page = f", page {passage['page']}" if passage.get("page") else ""
    heading = f" · {passage['heading']}" if passage.get("heading") else ""
    return f"{passage['title']}{page}{heading}"


def _give_explanation(found: dict[str, Any]) -> None:
    explanation = found.get("explain") or {}
    stages = explanation.get("stages", [])
    rows = [[one["stage"], str(one["candidates"]), str(one["kept"]), one["rule"]] for one in stages]
    give_table(["stage", "candidates", "kept", "rule"], rows)
    give("\n" + ", ".join(f"{stage} {took:.1f} ms" for stage, took in found["timingsMs"].items()))
    for chunk in (explanation.get("document") or {}).get("chunks", []):
        ranks = ", ".join(f"{stage} {rank}" for stage, rank in chunk["ranks"].items()) or "in no ranking"
        lost = f"; lost at {chunk['lostAt']}: {chunk.get('reason', '')}" if chunk.get("lostAt") else ""
        give(f"  chunk {chunk['chunkId']}: {ranks}{lost}")
