"""The server process: UI, REST, socket, event streams and sign-in on one port."""

import argparse
import asyncio
import contextlib
import gc
import os
import socket
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Route, WebSocketRoute

from kosha.api.resolver import Api
from kosha.chat.incoming import FRAME_LIMIT_CHARACTERS
from kosha.observe import log_to_stderr
from kosha.wiring.local import LocalPorts
from kosha.wiring.resources import guide_folder, ui_folder
from kosha.wiring.settings import Settings
from kosha_local.event_stream import EventStreamDoor
from kosha_local.files import DownloadDoor, UploadDoor
from kosha_local.headers import SecurityHeaders
from kosha_local.processes import hold_lifeline
from kosha_local.rest import RestDoor
from kosha_local.sign_in import SignInDoor
from kosha_local.socket import SocketDoor
from kosha_local.static import GuideDoor, UiDoor
from kosha_local.turn_runner import TurnRunner

THREADS = 32
GOODBYE_SECONDS = 3
GARBAGE_THRESHOLD = 10_000  # new objects between two collections; at Python's 700 they took a tenth of a turn's work
REST_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"]


def application(ports: LocalPorts, runner: TurnRunner) -> Starlette:
    """Everything the server serves, over ports that are open."""
    routes = [
        Route("/api/stream/{message_id}", EventStreamDoor(ports, ports.feeds).answer, methods=["GET"]),
        Route("/api/{path:path}", RestDoor(Api(ports), ports.tokens).answer, methods=REST_METHODS),
        *SignInDoor(ports.desk, ports.tokens, ports.tokens.jwks()).routes(),
        Route("/upload/{ticket}", UploadDoor(ports, ports.blobs).answer, methods=["PUT"]),
        Route("/download/{ticket}", DownloadDoor(ports.blobs).answer, methods=["GET"]),
        Route("/guide/{name}", GuideDoor(guide_folder()).answer, methods=["GET"]),
        WebSocketRoute("/socket", SocketDoor(ports, ports.feeds).connect),
        Route("/{path:path}", UiDoor(ui_folder()).answer, methods=["GET"], middleware=[Middleware(GZipMiddleware)]),
    ]

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS, thread_name_prefix="work"))
        running = asyncio.create_task(runner.run(ports))
        warming = asyncio.create_task(asyncio.to_thread(_warm_up, ports))
        try:
            yield
        finally:
            warming.cancel()
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running
            await ports.close_clients()

    return Starlette(routes=routes, middleware=[Middleware(SecurityHeaders)], lifespan=lifespan)


def _warm_up(ports: LocalPorts) -> None:
    """Load what the first question would wait for. What is there by then stays: collecting garbage passes it over."""
    ports.warm_up()
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD)


def serve(data: Path, listening: socket.socket, ready: int) -> None:
    """Serve on a socket that is listening already, until SIGTERM; writes a byte to `ready` when requests are taken."""
    settings = Settings.read(data)
    log_to_stderr(settings.log_level)
    runner = TurnRunner()
    with LocalPorts(settings, asks=runner) as ports:
        config = uvicorn.Config(
            application(ports, runner),
            loop="uvloop",
            http="httptools",
            ws="websockets-sansio",
            ws_max_size=FRAME_LIMIT_CHARACTERS * 4,
            ws_per_message_deflate=False,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GOODBYE_SECONDS,
        )
        _ReadyServer(config, ready).run(sockets=[listening])


class _ReadyServer(uvicorn.Server):
    """Says so when it takes requests."""

    def __init__(self, config: uvicorn.Config, ready: int) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's, then a byte to whoever waits."""
        await super().startup(sockets)
        os.write(self._ready, b"1")


def main() -> None:
    """Started by `kosha serve`, with what it has opened."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--socket", type=int, required=True)
    parser.add_argument("--ready", type=int, required=True)
    parser.add_argument("--lifeline", type=int, required=True)
    arguments = parser.parse_args()
    hold_lifeline(arguments.lifeline)
    serve(arguments.data, socket.socket(fileno=arguments.socket), arguments.ready)


if __name__ == "__main__":
    main()
