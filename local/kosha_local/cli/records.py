"""Opens the records of a data directory without its server: beside the one that runs, or on its own."""

import logging
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from kosha import users
from kosha.adapters.local.data_lock import holder_of
from kosha.errors import Conflict
from kosha.model.user import Caller
from kosha.wiring.local import LocalPorts, embedded_postgres
from kosha.wiring.settings import Settings
from kosha_local.supervisor import running_server

BUSY_SECONDS = 30.0
LOOK_SECONDS = 0.1


@contextmanager
def opened(settings: Settings, *, holder: str = "kosha") -> Generator[LocalPorts]:
    """The records, for the time of the context. `holder` names this command to others who want the directory.

    Starts the database where nobody runs it, which makes a data directory that was not there. Raises Conflict.
    """
    _silence_the_pool()
    with ExitStack() as stack:
        is_served = served_at(settings.data) is not None
        if not is_served:
            stack.enter_context(embedded_postgres(settings, holder=holder))
        ports = stack.enter_context(LocalPorts(settings, connections=2))
        if not is_served:
            ports.migrate()
            users.first_administrator(ports)
        yield ports


def served_at(data: Path) -> str | None:
    """The URL of the server of a data directory; None where nobody uses it. Raises Conflict where it stays busy.

    Whoever is starting or stopping there, or has opened the records for a moment, is waited for.
    """
    deadline = time.monotonic() + BUSY_SECONDS
    while (pid := holder_of(data)) is not None:
        if (url := running_server(data)) is not None:
            return url
        if time.monotonic() > deadline:
            raise Conflict(f"Process {pid} uses {data} and serves nothing. Wait for its end, or choose another --data.")
        time.sleep(LOOK_SECONDS)
    return None


def administrator(ports: LocalPorts) -> Caller:
    """Who acts where a person at the machine's own keyboard does: whoever may read the data directory may do all."""
    return Caller(user=users.first_administrator(ports))


def administrator_token(settings: Settings, *, seconds: int) -> str:
    """An access token of the administrator of a data directory whose database runs."""
    _silence_the_pool()
    with LocalPorts(settings, connections=1) as ports:
        return ports.issue_token(administrator(ports).user.name, seconds)[0]


def _silence_the_pool() -> None:
    """It tells of every try to connect; a command tells the outcome."""
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)
