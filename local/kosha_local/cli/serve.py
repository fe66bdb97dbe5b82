"""`kosha serve`."""

import os
import signal
import threading

import click

from kosha_local.cli.output import give, give_json
from kosha_local.cli.program import Choices, Command, pass_choices
from kosha_local.supervisor import Supervisor, refuse_bad_port


@click.command(cls=Command)
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen; 0.0.0.0 lets other machines in.")
@click.option("--port", default=8080, show_default=True, help="The port; 0 takes any free one.")
@click.option("--lifeline", type=int, hidden=True, help="Stop when this descriptor is closed at its other end.")
@pass_choices
def serve(choices: Choices, host: str, port: int, lifeline: int | None) -> None:
    """Serve the web UI and the API on one port, until Ctrl-C.

    Prints the address and a sign-in link for the administrator, which works once. A second one: kosha user link admin.
    Everything is kept in the data directory, where nothing that was confirmed is lost, whatever happens.

    \b
    Examples:
      kosha serve
      kosha serve --port 9000 --data ~/handbook
    """
    settings = choices.settings()

    def announce(url: str, one_time_token: str) -> None:
        sign_in_url = f"{url}/#token={one_time_token}"
        if choices.is_json:
            give_json({"url": url, "signInUrl": sign_in_url})
            return
        give(f"\nKosha is ready at  {url}")
        give(f"Sign in once with  {sign_in_url}")
        give(f"Everything is in   {settings.data}\n\nCtrl-C stops it.")

    if lifeline is not None:
        _end_with(lifeline)
    Supervisor(settings, host, refuse_bad_port(port), announce).run()


def _end_with(lifeline: int) -> None:
    """Stop in order when whoever holds the other end of the pipe has gone."""

    def wait() -> None:
        os.read(lifeline, 1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="lifeline", daemon=True).start()
