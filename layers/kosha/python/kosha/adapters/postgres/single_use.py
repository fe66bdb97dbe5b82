"""Tokens that are good once (of sign-in links, and to renew a sign-in), kept by their digests."""

from datetime import datetime
from typing import Literal
from uuid import uuid4

from psycopg.errors import ForeignKeyViolation

from kosha.adapters.postgres.database import Connection, Database
from kosha.adapters.storable import storable
from kosha.errors import Unauthorized

Purpose = Literal["refresh", "one_time"]

_SWEEP = "delete from kosha.single_use_tokens where expires_at < now()"
_KEEP = """
    insert into kosha.single_use_tokens (digest, purpose, user_id, expires_at) values (%s, %s, %s, %s)
    on conflict do nothing"""
# `call` lets the unit run again after its confirmation was lost without taking itself for a thief.
_TAKE = """
    update kosha.single_use_tokens set used_by = %(call)s
    where digest = %(digest)s and purpose = %(purpose)s and expires_at > now()
        and (used_by is null or used_by = %(call)s)
    returning user_id"""
_DROP_FAMILY = """
    delete from kosha.single_use_tokens where purpose = 'refresh' and user_id in (
        select user_id from kosha.single_use_tokens
        where digest = %(digest)s and purpose = %(purpose)s and purpose = 'refresh' and used_by is not null)"""


def keep_token(database: Database, purpose: Purpose, digest: str, user_id: str, expires_at: datetime) -> None:
    """Raises Unauthorized where the user is gone."""

    def work(connection: Connection) -> None:
        connection.execute(_SWEEP)
        connection.execute(_KEEP, (storable(digest), purpose, storable(user_id), expires_at))

    try:
        database.run(work)
    except ForeignKeyViolation as error:
        raise Unauthorized("This user is gone. Sign in as somebody else.") from error


def take_token(database: Database, purpose: Purpose, digest: str) -> str:
    """The user whom the token is for; it is used up. Raises Unauthorized when it is unknown, expired or used.

    A refresh token that comes again was stolen, or its successor was: all of that user are void then.
    """
    values = {"digest": storable(digest), "purpose": purpose, "call": str(uuid4())}

    def work(connection: Connection) -> str | None:
        taken = connection.execute(_TAKE, values).fetchone()
        if taken is None:
            connection.execute(_DROP_FAMILY, values)
            return None
        return taken[0]

    user_id = database.run(work)
    if user_id is None:
        raise Unauthorized("This sign-in is no longer good: it was used or has expired. Sign in again.")
    return user_id


def drop_token(database: Database, purpose: Purpose, digest: str) -> None:
    """Forget a token; nothing happens where it is gone."""
    statement = "delete from kosha.single_use_tokens where digest = %s and purpose = %s"
    database.ask(lambda c: c.execute(statement, (storable(digest), purpose)))


def drop_tokens_of(connection: Connection, user_id: str) -> None:
    """Forget every token of a user."""
    connection.execute("delete from kosha.single_use_tokens where user_id = %s", (storable(user_id),))
