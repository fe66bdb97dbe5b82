"""The two doors of a conversation on a real port, over real ports and a provider that says what it is told to."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import aiohttp
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute
from tests.acceptance.client import Socket
from tests.house.machine import Machine
from tests.unit.chat.house import ScriptedModel

from kosha.adapters.models.catalogue import Catalogue
from kosha.model.user import Caller
from kosha.wiring.local import LocalPorts
from kosha.wiring.settings import Settings
from kosha_local.event_stream import EventStreamDoor
from kosha_local.socket import SocketDoor
from kosha_local.turn_runner import TurnRunner


@dataclass
class ChatServer:
    """A server and one person who talks to it."""

    machine: Machine
    ports: LocalPorts
    model: ScriptedModel
    http: aiohttp.ClientSession
    url: str
    ada: Caller
    go: asyncio.Event = field(default_factory=asyncio.Event)  # what a scripted answer may wait for

    def token(self, of: Caller | None = None, *, seconds: int = 600) -> str:
        """An access token."""
        return self.ports.tokens.issue((of or self.ada).user, lifetime_seconds=seconds)[0]

    @asynccontextmanager
    async def connected(self, token: str | None = None) -> AsyncIterator[Socket]:
        """A socket of ada's, or of whoever the token speaks for."""
        query = {"token": self.token() if token is None else token}
        async with self.http.ws_connect(f"{self.url}/socket", params=query, max_msg_size=2**24) as opened:
            yield Socket(opened)

    def stream(self, message_id: str, *, headers: dict[str, str] | None = None, **query: str) -> Any:
        """GET /api/stream, signed in by header unless the query has a token."""
        told = {} if "token" in query else {"Authorization": f"Bearer {self.token()}"}
        return self.http.get(f"{self.url}/api/stream/{message_id}", headers={**told, **(headers or {})}, params=query)


class ScriptedPorts(LocalPorts):
    """The ports of one machine with one model."""

    def __init__(self, settings: Settings, model: ScriptedModel, runner: TurnRunner) -> None:
        super().__init__(settings, asks=runner)
        self._scripted = Catalogue(model, [], [], None)

    @property
    def chat_models(self) -> Catalogue:
        """The scripted model alone."""
        return self._scripted


@asynccontextmanager
async def chat_server(
    machine: Machine, *, sockets_a_user: int = 500, check_seconds: float = 20, silence_seconds: float = 15
) -> AsyncIterator[ChatServer]:
    """Serves as long as the context is open."""
    runner, model = TurnRunner(), ScriptedModel()
    with ScriptedPorts(machine.ports.settings, model, runner) as ports, socket.socket() as listening:
        door = SocketDoor(ports, ports.feeds, sockets_a_user=sockets_a_user, check_seconds=check_seconds)
        events = EventStreamDoor(ports, ports.feeds, silence_seconds=silence_seconds, check_seconds=check_seconds)
        routes = [WebSocketRoute("/socket", door.connect), Route("/api/stream/{message_id}", events.answer)]
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        config = uvicorn.Config(
            Starlette(routes=routes), ws="websockets-sansio", ws_max_size=2**20, log_config=None, lifespan="off"
        )
        config.timeout_graceful_shutdown = 1
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        running = asyncio.create_task(runner.run(ports))
        async with aiohttp.ClientSession() as http:
            url = f"http://127.0.0.1:{listening.getsockname()[1]}"
            yield ChatServer(machine, ports, model, http, url, machine.person())
        server.should_exit = True
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await serving


def ids() -> dict[str, str]:
    """A new question in a new session."""
    return {"sessionId": str(uuid4()), "messageId": str(uuid4())}
