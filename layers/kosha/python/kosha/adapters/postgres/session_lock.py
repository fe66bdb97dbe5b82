"""A session's row orders what is added to it: `updated_at` grows with every question and every answer.

A statement that adds something reads `updated_at` first and goes on only if the row, once it is locked, still has it:
then nothing was added since the statement began to look, and what it found out about the session is true. So it needs
no transaction around it, as long as few add to one session at one moment. It grows by a microsecond at least: two
changes never leave the same time.
"""

from typing import Any, LiteralString

from kosha.adapters.postgres.database import Connection


def takes_effect(
    connection: Connection, statement: LiteralString, values: dict[str, Any], *, after_others_in: str | None
) -> bool:
    """Whether a statement that keeps everything or nothing kept it, and so returned a row.

    after_others_in: a session in which others added something meanwhile; it is locked first, so that they cannot.
    """
    if after_others_in is None:
        return connection.execute(statement, values).fetchone() is not None
    with connection.transaction():
        connection.execute("select from kosha.sessions where id = %s for update", (after_others_in,))
        return connection.execute(statement, values).fetchone() is not None
