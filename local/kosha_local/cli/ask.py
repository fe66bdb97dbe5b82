"""`kosha ask`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any
from uuid import UUID, uuid4

import click

from kosha.errors import Rejected
from kosha_local.cli import workspaces
from kosha_local.cli.output import give, give_json, tell
from kosha_local.cli.program import Choices, ServerCommand, pass_choices
from kosha_local.cli.reach import reached
from kosha_local.cli.search import place
from kosha_local.client import Client, Frame

UNFINISHED = {"length": "the answer was cut at its longest length", "stopped": "the answer was stopped"}


@click.command(cls=ServerCommand)
@click.argument("question")
@click.option(
    "--workspace", "name", metavar="NAME", help="Whose documents are to answer, by name or id; none: plain talk."
)
@click.option("--model", metavar="[PROVIDER/]NAME", help="The model; none: the default one.")
@click.option("--session", "session_id", type=click.UUID, metavar="ID", help="Go on with this conversation.")
@pass_choices
def ask(choices: Choices, question: str, name: str | None, model: str | None, session_id: UUID | None) -> None:
    """Ask a question, and watch the answer stream in with its citations below.

    With --json the final response alone is printed. Ctrl-C stops the answer.

    \b
    Examples:
      kosha ask --workspace Handbook "How much leave do I have?"
      kosha ask --workspace Handbook --model ollama/llama3.2 "And in the first year?" --session 7c9e6679-...
    """
    run: dict[str, Any] = {"sessionId": str(session_id or uuid4()), "text": question, "mode": "chain"}

    async def work() -> dict[str, Any]:
        async with reached(choices) as client:
            if name is not None:
                run["workspaceId"] = (await workspaces.named(client, name))["id"]
            if model is not None:
                run.update(await _chosen(client, model))
            async with aclosing(client.ask(run)) as frames:
                return await show_answer(frames, quiet=choices.is_json)

    final = asyncio.run(work())
    if choices.is_json:
        give_json(final)
    else:
        give_citations(final)
        tell(f"go on with: --session {final['sessionId']}")


async def show_answer(frames: AsyncIterator[Frame], *, quiet: bool = False) -> dict[str, Any]:
    """Print an answer as it comes; returns its final response. Raises Rejected with the words of an error."""
    run_id = None
    async for frame in frames:
        data = frame["data"]
        if frame["action"] == "llm_new_token" and not quiet:
            token = data["token"]
            if run_id not in (None, token["runId"]):
                give()
                tell("the answer starts again; what stands above is void")
            run_id = token["runId"]
            give(token["value"], end="")
        elif frame["action"] == "error":
            if run_id is not None:
                give()
            raise Rejected(data["content"])
        elif frame["action"] == "final_response":
            if not quiet:
                give()
            return data
    raise Rejected("The answer broke off without an end. Ask again.")


def give_citations(final: dict[str, Any]) -> None:
    """What the markers stand for, and a word on an answer that is not whole."""
    citations = sorted(final["metadata"]["citations"], key=lambda citation: citation["marker"])
    if citations:
        give()
    for citation in citations:
        quote = " ".join(citation["quote"].split())
        give(f"[{citation['marker']}] {place(citation)}\n    “{quote}”")
    if final["stopReason"] in UNFINISHED:
        tell(UNFINISHED[final["stopReason"]])


async def _chosen(client: Client, wanted: str) -> dict[str, str]:
    """The model of that name, or of that provider and name. Raises Rejected where the server has none such."""
    models = (await client.get("llms"))["items"]
    for model in models:
        if wanted in (model["name"], f"{model['provider']}/{model['name']}"):
            return {"provider": model["provider"], "modelName": model["name"]}
    known = ", ".join(f"{model['provider']}/{model['name']}" for model in models if model["available"])
    raise Rejected(f"No model {wanted!r} is known here. Choose one of: {known}.")
