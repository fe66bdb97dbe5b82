"""What every command of `kosha` shares: --data and --json, exit codes, and commands that load when they are run."""

import errno
import os
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kosha.errors import KoshaError

if TYPE_CHECKING:
    from kosha.wiring.settings import Settings

NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
GONE = 130  # a shell's exit code for a command that was interrupted


@dataclass
class Choices:
    """What was chosen with the options that stand before or after a command."""

    data: Path | None = None
    is_json: bool = False
    url: str | None = None
    token: str | None = None

    def settings(self) -> "Settings":
        """The settings of the data directory. Raises Rejected for a value that is not allowed."""
        from kosha.wiring.settings import Settings

        return Settings.read(self.data)


pass_choices = click.make_pass_decorator(Choices)


class Command(click.Command):
    """A command that takes --data and --json."""

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self.params += _shared_options()


class ServerCommand(Command):
    """A command that works through a server: the one of the data directory, or the one that --url names."""

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self.params += _server_options()

    def invoke(self, ctx: click.Context) -> Any:
        """As click's; refuses half an address."""
        choices = ctx.ensure_object(Choices)
        if choices.url and not choices.token:
            raise click.UsageError("--url needs a token of that server: --token, or the variable KOSHA_TOKEN.", ctx)
        return super().invoke(ctx)


class Group(click.Group):
    """A command with commands of its own, all of which take --data and --json."""

    command_class = Command

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self.params += _shared_options()


class Program(Group):
    """The root: knows its commands by name, loads them when they are run, and turns errors into exit codes.

    commands_by_name: what each does, in the order of --help. modules: those not in a module of their own name.
    """

    def __init__(self, *args: Any, commands_by_name: dict[str, str], modules: dict[str, str], **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self._commands_by_name = commands_by_name
        self._modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of --help."""
        del ctx
        return list(self._commands_by_name)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, loaded now; None where there is none of that name."""
        del ctx
        if cmd_name not in self._commands_by_name:
            return None
        module = import_module(f"kosha_local.cli.{self._modules.get(cmd_name, cmd_name)}")
        return getattr(module, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without loading any."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(self._commands_by_name.items()))

    def make_context(self, *args: Any, **keywords: Any) -> click.Context:
        """As click's, with room for the choices that commands share."""
        keywords.setdefault("obj", Choices())
        return super().make_context(*args, **keywords)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error of ours becomes one line on stderr and exit 1, an interruption a quiet exit."""
        try:
            return super().invoke(ctx)
        except KoshaError as error:
            raise Failed(str(error)) from error
        except BrokenPipeError:
            _forget_stdout()
            ctx.exit(GONE)
        except OSError as error:
            if error.filename is None and error.errno not in NO_SPACE:
                raise
            raise Failed(": ".join(str(part) for part in (error.filename, error.strerror) if part)) from error
        except (KeyboardInterrupt, click.Abort):
            ctx.exit(GONE)


class Failed(click.ClickException):
    """The work failed: a line on stderr, exit 1."""

    def show(self, file: Any = None) -> None:
        """Where messages go."""
        click.echo(f"kosha: {self.message}", file=file or sys.stderr)


def _shared_options() -> list[click.Parameter]:
    return [
        click.Option(
            ["--data"],
            type=click.Path(file_okay=False, path_type=Path),
            metavar="DIR",
            expose_value=False,
            callback=_keep,
            help="Where everything is kept.  [default: .kosha, or the variable KOSHA_DATA]",
        ),
        click.Option(
            ["--json", "is_json"],
            is_flag=True,
            expose_value=False,
            callback=_keep,
            help="Answer in JSON, for programs.",
        ),
    ]


def _server_options() -> list[click.Parameter]:
    return [
        click.Option(
            ["--url"],
            metavar="URL",
            envvar="KOSHA_URL",
            show_envvar=True,
            expose_value=False,
            callback=_keep,
            help="Work with this server instead of the data directory's own.",
        ),
        click.Option(
            ["--token"],
            metavar="TOKEN",
            envvar="KOSHA_TOKEN",
            show_envvar=True,
            expose_value=False,
            callback=_keep,
            help="An access token of that server.",
        ),
    ]


def _keep(ctx: click.Context, parameter: click.Parameter, value: Any) -> Any:
    """Remember what was chosen, wherever it stood; what was not said changes nothing."""
    if value and parameter.name is not None:
        setattr(ctx.ensure_object(Choices), parameter.name, value)
    return value


def _forget_stdout() -> None:
    """Nobody reads it any more: Python's last flush must not complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
