"""`kosha user ...`: the people who can sign in."""

import sys
from collections.abc import Sequence
from typing import cast

import click
from pydantic import ValidationError

from kosha import users
from kosha.adapters.local.data_lock import holder_of
from kosha.errors import Rejected
from kosha.model.page import PageOf
from kosha.model.user import Role, User
from kosha_local.cli.output import give, give_json, give_table, tell
from kosha_local.cli.program import Choices, Group, pass_choices
from kosha_local.cli.records import administrator, opened
from kosha_local.supervisor import running_server

ROLES = ("admin", "manager", "user")
HOLDER = "kosha user"


@click.group(cls=Group)
def user() -> None:
    """Manage the people who can sign in.

    Works while the server runs.

    \b
    Examples:
      kosha user add ada --role manager       asks for a password
      echo 'a long password' | kosha user add ben --role user
      kosha user link ada                     a sign-in link that works once
      kosha user list
    """


@user.command()
@click.argument("name")
@click.option(
    "--role",
    "roles",
    type=click.Choice(ROLES),
    multiple=True,
    default=["user"],
    show_default=True,
    help="admin manages people and limits, manager may create workspaces; may be given several times.",
)
@pass_choices
def add(choices: Choices, name: str, roles: Sequence[str]) -> None:
    """Add somebody, with a password from a prompt or from stdin.

    An empty password is none: give them a link then (kosha user link NAME).
    """
    settings = choices.settings()
    password = _password() or None
    try:
        new = users.NewUser(user_name=name, password=password, roles=cast("tuple[Role, ...]", tuple(roles)))
    except ValidationError as error:
        raise _as_ours(error) from None
    with opened(settings, holder=HOLDER) as ports:
        added = users.add(administrator(ports), new, ports)
    _give_user(choices, added, f"{added.name} can sign in ({', '.join(added.roles)}).")
    if password is None:
        tell(f"{added.name} has no password; make a sign-in link with: kosha user link {added.name}")


@user.command(name="list")
@pass_choices
def list_users(choices: Choices) -> None:
    """List everybody, by name."""
    found: list[User] = []
    with opened(choices.settings(), holder=HOLDER) as ports:
        page = users.of(administrator(ports), PageOf(100), ports)
        found += page.items
        while page.next_cursor:
            page = users.of(administrator(ports), PageOf(100, page.next_cursor), ports)
            found += page.items
    if choices.is_json:
        give_json({"items": [one.wire() for one in found]})
    else:
        give_table(["name", "roles"], [[one.name, ", ".join(one.roles)] for one in found])


@user.command()
@click.argument("name")
@pass_choices
def password(choices: Choices, name: str) -> None:
    """Set a new password, from a prompt or from stdin; every sign-in of theirs ends."""
    settings = choices.settings()
    new_password = _password()
    if not new_password:
        raise Rejected("The password is empty. Type one, or send it on stdin.")
    try:
        wish = users.UserChange(password=new_password)
    except ValidationError as error:
        raise _as_ours(error) from None
    with opened(settings, holder=HOLDER) as ports:
        changed = users.change(administrator(ports), name, wish, ports)
    _give_user(choices, changed, f"{changed.name} has a new password and must sign in again.")


@user.command()
@click.argument("name")
@pass_choices
def link(choices: Choices, name: str) -> None:
    """Print a new sign-in link, which works once, for a day."""
    settings = choices.settings()
    with opened(settings, holder=HOLDER) as ports:
        one_time_token = ports.desk.one_time_token(ports.users.named(name))
    url = running_server(settings.data) or "http://127.0.0.1:8080"
    if holder_of(settings.data) is None:
        tell(f"no server runs on {settings.data}; the link is good once `kosha serve` runs there on port 8080")
    sign_in_url = f"{url}/#token={one_time_token}"
    if choices.is_json:
        give_json({"signInUrl": sign_in_url})
    else:
        give(sign_in_url)


@user.command()
@click.argument("name")
@pass_choices
def remove(choices: Choices, name: str) -> None:
    """Remove somebody with their sign-ins, conversations and grants; what they brought in stays."""
    with opened(choices.settings(), holder=HOLDER) as ports:
        removed = ports.users.named(name)
        users.remove(administrator(ports), name, ports)
    _give_user(choices, removed, f"{removed.name} is removed.")


def _password() -> str:
    """Typed twice at a terminal, else the first line of stdin; empty where there is none."""
    if sys.stdin.isatty():
        return str(
            click.prompt(
                "Password", hide_input=True, confirmation_prompt=True, default="", show_default=False, err=True
            )
        )
    return sys.stdin.readline().rstrip("\r\n")


def _give_user(choices: Choices, one: User, words: str) -> None:
    if choices.is_json:
        give_json(one.wire())
    else:
        give(words)


def _as_ours(error: ValidationError) -> Rejected:
    """The first thing that is wrong, without the value: it may be a password."""
    first = error.errors(include_input=False)[0]
    field = {"userName": "name", "user_name": "name"}.get(str(first["loc"][0]), str(first["loc"][0]))
    if field == "name":
        return Rejected("The name must be 1 to 64 letters, digits or _ . @ + - characters, without blanks.")
    return Rejected(f"The {field} is refused: {first['msg']}.")
