"""How a row is added once, although the unit that adds it may run twice."""

from collections.abc import Callable

from kosha.adapters.postgres.database import Connection, Database


def once(database: Database, write: Callable[[Connection], bool], *, is_written: Callable[[Connection], bool]) -> bool:
    """Whether `write` took effect, also where a first run committed and only its confirmation was lost.

    is_written: asked where a run of `write` took effect, and a later one found nothing left to do.
    """
    has_written = False

    def work(connection: Connection) -> bool:
        nonlocal has_written
        if write(connection):
            has_written = True
            return True
        return has_written and is_written(connection)

    return database.run(work)
