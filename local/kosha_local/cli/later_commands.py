"""Commands of PROTOCOL.md that this version does not have yet, and says so."""

import click

from kosha.errors import NotInThisVersion
from kosha_local.cli.program import ServerCommand


@click.command(cls=ServerCommand)
@click.option("--workspace", "name", required=True, metavar="NAME", help="Which workspace.")
@click.option("--dataset", required=True, metavar="DIR", help="Questions with the answers they should get.")
def evaluate(name: str, dataset: str) -> None:
    """Measure answers against a dataset (not in this version)."""
    raise NotInThisVersion(
        f"This version cannot evaluate ({dataset!r} on {name!r}); the changelog says when it comes. Nothing was done."
    )
