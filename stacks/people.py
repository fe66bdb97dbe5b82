"""The people of a deployed stage: `python -m stacks.people add --stage default --name ada --email ada@example.org`."""

import sys
from typing import Any

import click

from stacks.outputs import outputs_or_exit
from stacks.standing import client

ROLES = ("admin", "manager", "user")  # groups of the user pool (constructs/people.py)


def add(cognito: Any, pool: str, *, name: str, email: str, role: str, password: str = "") -> bool:
    """Give somebody a role, and an account where they have none; returns whether they had none.

    Without a password they are sent one by mail, to be changed at the first sign-in; one that is given here counts for
    good, and nothing is sent.
    """
    attributes = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
    silently = {"MessageAction": "SUPPRESS"} if password else {}
    try:
        cognito.admin_create_user(UserPoolId=pool, Username=name, UserAttributes=attributes, **silently)
        is_new = True
    except cognito.exceptions.UsernameExistsException:
        is_new = False
    if password:
        cognito.admin_set_user_password(UserPoolId=pool, Username=name, Password=password, Permanent=True)
    cognito.admin_add_user_to_group(UserPoolId=pool, Username=name, GroupName=role)
    return is_new


def token(cognito: Any, client_id: str, *, name: str, password: str) -> str | None:
    """An access token, for an hour; None where signing in asks for more than a password: do it in the browser first."""
    proof = {"USERNAME": name, "PASSWORD": password}
    told = cognito.initiate_auth(ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=proof)
    signed_in = told.get("AuthenticationResult")
    return signed_in["AccessToken"] if signed_in else None


@click.group()
def main() -> None:
    """Add people, and get access tokens for scripts."""


@main.command("add")
@click.option("--stage", default="default", show_default=True)
@click.option("--name", required=True)
@click.option("--email", required=True)
@click.option("--role", type=click.Choice(ROLES), default="user", show_default=True)
@click.option("--password", envvar="PASSWORD", default="", help="For good; without it they are sent one by mail.")
def _add(stage: str, name: str, email: str, role: str, password: str) -> None:
    """Add somebody, or give somebody who is there a further role."""
    told, cognito = outputs_or_exit(client("cloudformation"), stage), client("cognito-idp")
    try:
        is_new = add(cognito, told["UserPoolId"], name=name, email=email, role=role, password=password)
    except (cognito.exceptions.InvalidPasswordException, cognito.exceptions.InvalidParameterException) as refused:
        sys.exit(str(refused))
    click.echo(f"{name} ({role}) {'was added' if is_new else 'was there already'}.")
    if is_new and not password:
        click.echo(f"A password was sent to {email}; it holds for seven days.")
    if "WebUrl" in told:
        click.echo(f"Sign in at {told['WebUrl']}")


@main.command("token")
@click.option("--stage", default="default", show_default=True)
@click.option("--name", required=True)
@click.option("--password", envvar="PASSWORD", default="", help="Without it, it is asked for.")
def _token(stage: str, name: str, password: str) -> None:
    """Print an access token, for scripts; nothing else goes to stdout."""
    told, cognito = outputs_or_exit(client("cloudformation"), stage), client("cognito-idp")
    password = password or click.prompt(f"Password of {name}", hide_input=True, err=True)
    try:
        made = token(cognito, told["UserPoolClientId"], name=name, password=password)
    except cognito.exceptions.NotAuthorizedException as refused:
        sys.exit(str(refused))
    if made is None:
        sys.exit(f"{name} has to do more than give a password: sign in with a browser first.")
    click.echo(made)


if __name__ == "__main__":
    main()
