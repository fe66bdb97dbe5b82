"""What CloudFront does for the deployment, on this machine: one origin for the UI, the REST API and the socket.

`/api/*` goes to the REST API and `/socket` to the WebSocket API, each with the secret `X-Origin-Verify`; everything
else is the UI's: `/kosha.json`, its files, and its page for each path that is no file.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

# Of one connection only (RFC 9110, 7.6.1), or made anew by whoever sends.
HOP = {"connection", "keep-alive", "transfer-encoding", "upgrade", "te", "trailer", "host", "content-length"}
HANDSHAKE = "sec-websocket-"


@dataclass(frozen=True)
class Behind:
    """Where requests go. api, socket: addresses of the stages of both gateways; config: the UI's /kosha.json."""

    api: str
    socket: str
    secret: str
    pages: Path
    config: Mapping[str, Any]


class NotDeployed(Exception):
    """There is nothing behind the origin yet."""


class Origin:
    """The one origin. `behind` is asked at each request, and may raise NotDeployed."""

    def __init__(self, behind: Callable[[], Behind]) -> None:
        self._behind = behind
        self._client: aiohttp.ClientSession | None = None

    @property
    def application(self) -> web.Application:
        """Its routes."""
        application = web.Application(client_max_size=2**26, middlewares=[_say_not_deployed])
        application.router.add_route("*", "/api/{rest:.*}", self._api)
        application.router.add_get("/socket", self._socket)
        application.router.add_get("/kosha.json", self._config)
        application.router.add_get("/{path:.*}", self._page)
        application.cleanup_ctx.append(self._connected)
        return application

    async def _connected(self, _: web.Application) -> AsyncIterator[None]:
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(
            connector=connector, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
        ) as self._client:
            yield

    async def _api(self, request: web.Request) -> web.StreamResponse:
        assert self._client is not None
        behind = self._behind()
        async with self._client.request(
            request.method,
            behind.api + request.raw_path,
            headers=_headers(request, behind),
            data=await request.read(),
            allow_redirects=False,
        ) as told:
            reply = web.StreamResponse(status=told.status, reason=told.reason)
            for name, value in told.headers.items():
                if name.lower() not in HOP:
                    reply.headers.add(name, value)
            await reply.prepare(request)
            async for piece in told.content.iter_any():
                await reply.write(piece)
            return reply

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        """Opens after the gateway has let it in; whatever either side says, and how it closes, reaches the other."""
        assert self._client is not None
        there = self._behind()
        headers = {name: value for name, value in _headers(request, there).items() if not name.startswith(HANDSHAKE)}
        address = f"{there.socket}?{request.query_string}"
        try:
            behind = await self._client.ws_connect(address, headers=headers, max_msg_size=0, autoping=False)
        except aiohttp.WSServerHandshakeError as refused:
            return web.Response(status=refused.status)
        before = web.WebSocketResponse(max_msg_size=0, autoping=False)
        await before.prepare(request)
        pumps = [asyncio.create_task(_pump(before, behind)), asyncio.create_task(_pump(behind, before))]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            if request.transport is None:
                behind._response.close()  # the client is gone without a word; so are we
            await behind.close(code=before.close_code or aiohttp.WSCloseCode.OK)
            await before.close(code=behind.close_code or aiohttp.WSCloseCode.OK)
        return before

    async def _config(self, _: web.Request) -> web.Response:
        return web.json_response(dict(self._behind().config))

    async def _page(self, request: web.Request) -> web.StreamResponse:
        pages = self._behind().pages.resolve()
        wanted = (pages / request.match_info["path"]).resolve()
        found = wanted if wanted.is_file() and wanted.is_relative_to(pages) else pages / "index.html"
        return web.FileResponse(found) if found.is_file() else web.Response(status=404)


def _headers(request: web.Request, behind: Behind) -> dict[str, str]:
    told = {name.lower(): value for name, value in request.headers.items() if name.lower() not in HOP}
    return {**told, "x-origin-verify": behind.secret}


@web.middleware
async def _say_not_deployed(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    try:
        return await handler(request)
    except NotDeployed as missing:
        return web.Response(status=503, text=f"{missing}\n")


@contextmanager
def serving(behind: Callable[[], Behind]) -> Iterator[str]:
    """The address of the one origin, served from a thread of its own."""
    loop, started = asyncio.new_event_loop(), threading.Event()
    runner = web.AppRunner(Origin(behind).application, handler_cancellation=True, shutdown_timeout=1)
    addresses: list[str] = []

    async def start() -> None:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        addresses.append(f"http://{host}:{port}")

    def serve() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(start())
        started.set()
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.close()

    thread = threading.Thread(target=serve, name="origin", daemon=True)
    thread.start()
    started.wait()
    try:
        yield addresses[0]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


async def _pump(source: Any, target: Any) -> None:
    """Hand on each message until the source closes."""
    async for message in source:
        if message.type is aiohttp.WSMsgType.TEXT:
            await target.send_str(message.data)
        elif message.type is aiohttp.WSMsgType.BINARY:
            await target.send_bytes(message.data)
        elif message.type is aiohttp.WSMsgType.PING:
            await target.ping(message.data)
        elif message.type is aiohttp.WSMsgType.PONG:
            await target.pong(message.data)
