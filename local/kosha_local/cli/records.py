"""Opens the records of a data directory without its server: beside the one that runs, or on its own."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from kosha import users
from kosha.adapters.local.data_lock import holder_of
from kosha.model.user import Caller
from kosha.wiring.local import LocalPorts, embedded_postgres
from kosha.wiring.settings import Settings


@contextmanager
def opened(settings: Settings, *, holder: str = "kosha") -> Iterator[LocalPorts]:
    """The records, for the time of the context. `holder` names this command to others who want the directory.

    Starts the database where nobody runs it, which makes a data directory that was not there.
    """
    with ExitStack() as stack:
        is_running = holder_of(settings.data) is not None
        if not is_running:
            stack.enter_context(embedded_postgres(settings, holder=holder))
        ports = stack.enter_context(LocalPorts(settings, connections=2))
        if not is_running:
            ports.migrate()
            users.first_administrator(ports)
        yield ports


def administrator(ports: LocalPorts) -> Caller:
    """Who acts where a person at the machine's own keyboard does: whoever may read the data directory may do all."""
    return Caller(user=users.first_administrator(ports))
