"""Connections that a gateway holds: who may have one, and until when."""

from collections.abc import Iterator

from kosha.chat.delivery import post
from kosha.chat.incoming import error_frame
from kosha.errors import KoshaError, Unauthorized, Unavailable
from kosha.model.connection import Authorisation, Connection
from kosha.model.page import PageOf
from kosha.observe import log
from kosha.ports import GatewayPorts


def connect(connection_id: str, authorisation: Authorisation, ports: GatewayPorts) -> None:
    """Keep a new connection. Raises TooManyRequests for a user who has as many as one may have."""
    ports.connections.add(Connection(id=connection_id, authorisation=authorisation, connected_at=ports.now()))


def disconnect(connection_id: str, ports: GatewayPorts) -> None:
    """Forget a connection."""
    ports.connections.remove(connection_id)


def put_out(connection_id: str, error: KoshaError, ports: GatewayPorts) -> None:
    """Say why, then close."""
    post(connection_id, error_frame(error, {}, ports.now()), ports)
    ports.sockets.close(connection_id)
    ports.connections.remove(connection_id)


def put_out_whose_sign_in_ended(ports: GatewayPorts) -> int:
    """Close the connections of those who only listen, and may not any more; returns how many."""
    return sum(_is_put_out(connection, ports) for connection in _everybody(ports))


def _is_put_out(connection: Connection, ports: GatewayPorts) -> bool:
    try:
        ports.tokens.confirm(connection.authorisation)
    except Unauthorized as error:
        try:
            put_out(connection.id, error, ports)
        except Unavailable as fault:
            log.warning("a connection stays for now", extra={"fields": {"why": str(fault)}})
            return False
        return True
    except Unavailable as fault:
        log.warning("a sign-in cannot be checked now", extra={"fields": {"why": str(fault)}})
    return False


def _everybody(ports: GatewayPorts) -> Iterator[Connection]:
    page = PageOf(100)
    while True:
        listed = ports.connections.open(page)
        yield from listed.items
        if listed.next_cursor is None:
            return
        page = PageOf(100, listed.next_cursor)
