"""The job's container on this machine: its program as its entry point starts it, with adapters of one machine as ports.

Arguments: the database, the folder of blobs, what its reader does (PARSERS), and the container's command.
"""

import sys
from importlib import import_module
from pathlib import Path

from tests.unit.ingestion.house import House

from kosha.adapters.local.parser_process import ParserProcess
from kosha.adapters.postgres.database import Database
from kosha.errors import Unavailable


class Away:
    """A parser that cannot be reached, or has a bug."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def parse(self, *_: object, **__: object) -> None:
        """Never."""
        raise self._error


PARSERS = {
    "reads": ParserProcess,
    "is hurried": lambda: ParserProcess(timeout_seconds=0),
    "is away": lambda: Away(Unavailable("The reader is away.")),
    "has a bug": lambda: Away(ZeroDivisionError("division by zero")),
}


def main(dsn: str, folder: str, parser: str, program: str, *arguments: str) -> int:
    """The program's exit status."""
    database = Database(dsn)
    database.open()
    try:
        house = House(database, Path(folder), PARSERS[parser]())
        status: int = import_module(program).main(*arguments, house)
        return status
    finally:
        database.close()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
