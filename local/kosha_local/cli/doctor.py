"""`kosha doctor`."""

from dataclasses import asdict
from typing import NoReturn

import click

from kosha.errors import Rejected
from kosha_local.cli.checks import Check, every_check
from kosha_local.cli.output import give, give_json
from kosha_local.cli.program import Choices, Command, pass_choices

COLORS = {"ok": "green", "warn": "yellow", "fail": "red"}


@click.command(cls=Command)
@click.option("--port", default=8080, show_default=True, help="The port that `kosha serve` would take.")
@pass_choices
def doctor(choices: Choices, port: int) -> None:
    """Check this installation and its data directory, and say what to do.

    Changes nothing, and works while the server runs. Exit 1 when something fails; a warning alone is no failure.

    \b
    Examples:
      kosha doctor
      kosha doctor --json --data ~/handbook
    """
    found: list[Check] = []
    try:
        settings = choices.settings()
    except Rejected as error:
        found.append(Check("settings", "fail", str(error), "Correct it; docs/guide lists every setting."))
        _show(choices, found[0])
        _end(choices, found)
    for check in every_check(settings, port):
        found.append(check)
        _show(choices, check)
    _end(choices, found)


def _show(choices: Choices, check: Check) -> None:
    if choices.is_json:
        return
    give(f"{click.style(f'{check.status:<4}', fg=COLORS[check.status])}  {check.name}: {check.detail}")
    if check.next_step:
        give(f"      -> {check.next_step}")


def _end(choices: Choices, found: list[Check]) -> NoReturn:
    worst = max((check.status for check in found), key=["ok", "warn", "fail"].index)
    if choices.is_json:
        give_json({"status": worst, "checks": [asdict(check) for check in found]})
    raise click.exceptions.Exit(1 if worst == "fail" else 0)
