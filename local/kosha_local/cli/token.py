"""`kosha token`."""

import click

from kosha_local.cli.output import give, give_json
from kosha_local.cli.program import Choices, Command, pass_choices
from kosha_local.cli.records import opened


@click.command(cls=Command)
@click.option("--user", "name", required=True, metavar="NAME", help="Whom the token speaks for.")
@click.option(
    "--expires-in",
    "seconds",
    type=click.IntRange(1, 10 * 365 * 86_400),
    default=3600,
    show_default=True,
    metavar="SECONDS",
    help="How long it is good for.",
)
@pass_choices
def token(choices: Choices, name: str, seconds: int) -> None:
    """Print an access token for scripts.

    Works while the server runs. A new password, or `kosha user remove`, voids it.

    \b
    Examples:
      kosha token --user admin
      curl -H "Authorization: Bearer $(kosha token --user admin)" http://127.0.0.1:8080/api/me
    """
    with opened(choices.settings(), holder="kosha token") as ports:
        access_token, expires_in, user = ports.issue_token(name, seconds)
    if choices.is_json:
        give_json({"accessToken": access_token, "expiresIn": expires_in, "user": user.wire()})
    else:
        give(access_token)
