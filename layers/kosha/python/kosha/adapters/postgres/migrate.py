"""Brings the schema of a database to the version this code was written for, or back."""

import re
from importlib.resources import files
from typing import NamedTuple

from kosha.adapters.postgres.database import Connection, Database, one
from kosha.errors import Rejected

_FILE_NAME = re.compile(r"(\d{4})_(\w+)\.up\.sql")
_LOCK = 0x6B6F736861  # "kosha": any number will do as long as every process takes the same one


class Migration(NamedTuple):
    """One step of the schema and the way back."""

    version: int
    name: str
    up: str
    down: str


def migrations() -> list[Migration]:
    """Every step this code knows, in order; versions run from 1 without a gap."""
    folder = files("kosha.adapters.postgres") / "migrations"
    found: list[Migration] = []
    for entry in folder.iterdir():
        if match := _FILE_NAME.fullmatch(entry.name):
            down = folder / entry.name.replace(".up.sql", ".down.sql")
            up_sql, down_sql = entry.read_text(encoding="utf-8"), down.read_text(encoding="utf-8")
            found.append(Migration(int(match[1]), match[2], up_sql, down_sql))
    found.sort()
    assert [migration.version for migration in found] == list(range(1, len(found) + 1))
    return found


def migrate(database: Database, *, version: int | None = None) -> int:
    """Bring the schema to `version` (None: the newest) in one transaction; returns the version it had.

    Processes that start together do it one after the other. Going down forgets what the newer tables hold.
    Raises Rejected for a database that newer code has written.
    """
    steps = migrations()
    goal = len(steps) if version is None else version

    def work(connection: Connection) -> int:
        connection.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))
        present = _version(connection)
        if present > len(steps):
            raise Rejected(
                f"The database has schema version {present}, this Kosha knows versions up to {len(steps)}: "
                "a newer Kosha has used it. Start that one, or restore a backup from before the change."
            )
        for step in steps[present:goal]:
            connection.execute(step.up.encode())
            connection.execute(
                "insert into kosha.migrations (version, name) values (%s, %s)", (step.version, step.name)
            )
        for step in reversed(steps[goal:present]):
            connection.execute(step.down.encode())
            connection.execute("delete from kosha.migrations where version = %s", (step.version,))
        return present

    present = database.run(work)
    if present != goal:
        database.renew()
    return present


def _version(connection: Connection) -> int:
    """0 for a database that was never used."""
    connection.execute("create schema if not exists kosha")
    connection.execute(
        "create table if not exists kosha.migrations "
        "(version int primary key, name text not null, applied_at timestamptz not null default now())"
    )
    return int(one(connection.execute("select coalesce(max(version), 0) from kosha.migrations").fetchone()))
