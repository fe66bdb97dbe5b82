"""`/socket`: questions in, frames out, for one user on one connection (PROTOCOL.md, Socket)."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, TypeVar
from uuid import uuid4

from pydantic import ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from kosha.adapters.feeds import Feed, FeedFrame, Feeds
from kosha.chat.accept import accept, stop, turn_named
from kosha.chat.frames import frame, record_frame
from kosha.chat.incoming import Incoming, action_of, error_frame, our_fault, parsed
from kosha.errors import KoshaError, Rejected, Unauthorized
from kosha.model.connection import Authorisation
from kosha.model.turn import TurnKey
from kosha.model.user import Caller
from kosha.model.wire import AcceptedData, AuthorizeData, ResumeData, RunData, StopData
from kosha.observe import log
from kosha.ports import Ports
from kosha_local.following import follow

Request = TypeVar("Request")
Made = TypeVar("Made")
SIGN_IN_OVER = 4401
TRY_AGAIN = 1013  # RFC 6455, registry of close codes
IDLE_SECONDS = 600.0
CHECK_SECONDS = 20.0  # a revoked user who only listens is out within half a minute
SOCKETS_A_USER = 500
SIBLINGS_SHOWN = 8  # a user's script with hundreds of sockets must not multiply every frame by their number


class SocketDoor:
    """Accepts connections, at most `sockets_a_user` a user, and keeps each until either side has enough."""

    def __init__(
        self, ports: Ports, feeds: Feeds, *, sockets_a_user: int = SOCKETS_A_USER, check_seconds: float = CHECK_SECONDS
    ) -> None:
        self._ports = ports
        self._feeds = feeds
        self._sockets_a_user = sockets_a_user
        self._check_seconds = check_seconds
        self._open: dict[str, set[_Connection]] = {}

    async def connect(self, websocket: WebSocket) -> None:
        """One connection, from hello to goodbye."""
        await websocket.accept()
        token = websocket.query_params.get("token", "")
        try:
            authorisation = await asyncio.to_thread(self._ports.tokens.authorise, token)
        except KoshaError as error:
            await _refuse(websocket, error, self._ports)
            return
        user = authorisation.user
        connection = _Connection(websocket, authorisation, self, self._check_seconds)
        siblings = self._open.setdefault(user.id, set())
        if len(siblings) >= self._sockets_a_user:
            error = Rejected(f"{user.name} has {len(siblings)} open connections, which is the limit. Close some tabs.")
            await _refuse(websocket, error, self._ports, code=TRY_AGAIN)
            return
        siblings.add(connection)
        try:
            await connection.serve()
        finally:
            siblings.discard(connection)
            if not siblings:
                self._open.pop(user.id, None)

    @property
    def ports(self) -> Ports:
        """What the use cases are given."""
        return self._ports

    @property
    def feeds(self) -> Feeds:
        """Where the frames of turns come from."""
        return self._feeds

    def show(self, key: TurnKey, feed: Feed, asking: "_Connection") -> None:
        """The asking socket sees the stream of a new turn, and so do the user's others while there are few of them."""
        siblings = self._open.get(key.user_id, set())
        for connection in siblings | {asking} if len(siblings) <= SIBLINGS_SHOWN else {asking}:
            connection.watch(key, feed)


class _Connection:
    """One socket: reads actions one after the other, and sends what its followers bring."""

    def __init__(
        self, websocket: WebSocket, authorisation: Authorisation, door: SocketDoor, check_seconds: float
    ) -> None:
        self._websocket = websocket
        self._authorisation = authorisation
        self._door = door
        self._check_seconds = check_seconds
        self._ports = door.ports
        self._followers: dict[str, asyncio.Task[None]] = {}
        self._actions: dict[str, Callable[[Any], Coroutine[Any, Any, None]]] = {
            "run": self._run,
            "stop": self._stop,
            "resume": self._resume,
            "heartbeat": self._heartbeat,
            "authorize": self._authorize,
        }

    async def serve(self) -> None:
        """Until the client goes, is silent for ten minutes, or its sign-in ends."""
        guard = asyncio.create_task(self._guard())
        try:
            while True:
                async with asyncio.timeout(IDLE_SECONDS):
                    received = dict(await self._websocket.receive())
                if received["type"] == "websocket.disconnect":
                    return
                await self._take(received)
        except (WebSocketDisconnect, TimeoutError):
            await self._close(1000)
        except Unauthorized as error:
            await _refuse(self._websocket, error, self._ports)
        finally:
            guard.cancel()
            for follower in self._followers.values():
                follower.cancel()

    def watch(self, key: TurnKey, feed: Feed) -> None:
        """Send the frames of a turn that was just accepted, unless this socket has asked for them itself."""
        if key.message_id not in self._followers:
            self._follow(key.message_id, self._door.feeds.watch(feed))

    async def _take(self, received: dict[str, Any]) -> None:
        """One frame of the client; a broken one is answered and the socket stays open."""
        message: Incoming = {}
        try:
            message = parsed(received.get("text") or (received.get("bytes") or b"").decode(errors="replace"))
            await self._actions[action_of(message, self._actions)](message.get("data") or {})
        except Unauthorized:
            raise
        except (ValidationError, KoshaError) as error:
            await self._tell_error(error, message)
        except Exception:
            # The last door: a bug of ours answers this one frame and leaves the socket open.
            reference = uuid4().hex[:12]
            log.exception("frame failed", extra={"fields": {"reference": reference}})
            await self._tell_error(our_fault(reference), message)

    async def _run(self, data: Any) -> None:
        run = RunData.model_validate(data)
        if run.message_id is None:
            run = run.model_copy(update={"message_id": uuid4()})
        key = TurnKey(self._authorisation.user.id, str(run.message_id))
        feed = self._door.feeds.open(key)
        turn, is_new = await self._done(accept, run)
        accepted = AcceptedData(session_id=turn.ask.session_id, message_id=turn.ask.message_id)
        await self.send(record_frame("accepted", accepted, self._ports.now()))
        if is_new:
            self._door.show(key, feed, self)
        elif key.message_id not in self._followers:
            self._follow(key.message_id, follow(key, after=-1, feeds=self._door.feeds, ports=self._ports))

    async def _stop(self, data: Any) -> None:
        await self._done(stop, StopData.model_validate(data))

    async def _resume(self, data: Any) -> None:
        request = ResumeData.model_validate(data)
        key = (await self._done(turn_named, request)).ask.key
        self._follow(
            key.message_id, follow(key, after=request.after_sequence, feeds=self._door.feeds, ports=self._ports)
        )

    async def _heartbeat(self, _: Any) -> None:
        await self._confirmed()
        await self.send(frame("heartbeat", {}, self._ports.now()))

    async def _authorize(self, data: Any) -> None:
        token = AuthorizeData.model_validate(data).token
        authorisation = await asyncio.to_thread(self._ports.tokens.authorise, token)
        if authorisation.user.id != self._authorisation.user.id:
            raise Unauthorized("The new token is another user's. Open a new connection for them.")
        self._authorisation = authorisation

    async def _confirmed(self) -> None:
        """Ask whether the sign-in still holds, as at every frame. Raises Unauthorized."""
        await asyncio.to_thread(self._ports.tokens.confirm, self._authorisation)

    async def _done(self, use_case: Callable[[Caller, Request, Ports], Made], request: Request) -> Made:
        """What a use case makes of the request of a caller whose sign-in still holds. Raises Unauthorized."""

        def work() -> Made:
            return use_case(self._ports.tokens.confirm(self._authorisation), request, self._ports)

        return await asyncio.to_thread(work)

    async def _guard(self) -> None:
        """Close the socket of somebody whose sign-in ended while they only listen."""
        while True:
            await asyncio.sleep(self._check_seconds)
            try:
                await self._confirmed()
            except Unauthorized as error:
                await _refuse(self._websocket, error, self._ports)
                return
            except KoshaError:
                continue  # the records are away for a moment; the next frame or check tells

    def _follow(self, message_id: str, frames: AsyncIterator[FeedFrame]) -> None:
        """One follower a message: a new one takes the place of the old."""
        if (old := self._followers.pop(message_id, None)) is not None:
            old.cancel()
        follower = asyncio.create_task(self._send_all(message_id, frames))
        self._followers[message_id] = follower
        follower.add_done_callback(lambda done: self._forget(message_id, done))

    def _forget(self, message_id: str, follower: "asyncio.Task[None]") -> None:
        if self._followers.get(message_id) is follower:
            del self._followers[message_id]

    async def _send_all(self, message_id: str, frames: AsyncIterator[FeedFrame]) -> None:
        try:
            async for each in frames:
                await self.send(each.text)
        except Rejected as error:
            await self._tell_error(error, {"data": {"messageId": message_id}})
        except KoshaError as error:  # the answer goes on without us; a client that connects again resumes it
            await _refuse(self._websocket, error, self._ports, code=TRY_AGAIN)

    async def send(self, text: str) -> None:
        """One frame to the client; one that is gone takes nothing."""
        if self._websocket.application_state is WebSocketState.CONNECTED:
            with contextlib.suppress(WebSocketDisconnect, RuntimeError):
                await self._websocket.send_text(text)

    async def _tell_error(self, error: KoshaError | ValidationError, message: Incoming) -> None:
        await self.send(error_frame(error, message, self._ports.now()))

    async def _close(self, code: int) -> None:
        if self._websocket.application_state is WebSocketState.CONNECTED:
            with contextlib.suppress(RuntimeError):
                await self._websocket.close(code)


async def _refuse(websocket: WebSocket, error: KoshaError, ports: Ports, code: int = SIGN_IN_OVER) -> None:
    """Say why, then close."""
    if websocket.application_state is WebSocketState.CONNECTED:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await websocket.send_text(error_frame(error, {}, ports.now()))
            await websocket.close(code)
