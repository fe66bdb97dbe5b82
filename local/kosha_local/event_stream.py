"""`GET /api/stream/{messageId}`: the frames of a turn as server-sent events, open to the end."""

import asyncio
import time
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from kosha.adapters.feeds import FeedFrame, Feeds
from kosha.chat.events import place_after
from kosha.errors import KoshaError, Unauthorized
from kosha.model.turn import TurnKey
from kosha.ports import Ports
from kosha_local.following import follow
from kosha_local.rest import bearer, problem

SILENCE_SECONDS = 15.0  # a comment line keeps proxies from closing a quiet stream
CHECK_SECONDS = 14.0  # a revoked user who only listens is out within half a minute


class EventStreamDoor:
    """Server-sent events (WHATWG HTML, 9.2); a token frame's `id` is its number, so EventSource resumes."""

    def __init__(
        self,
        ports: Ports,
        feeds: Feeds,
        *,
        silence_seconds: float = SILENCE_SECONDS,
        check_seconds: float = CHECK_SECONDS,
    ) -> None:
        self._ports = ports
        self._feeds = feeds
        self._silence_seconds = silence_seconds
        self._check_seconds = check_seconds

    async def answer(self, request: Request) -> Response:
        """Refuse before the first byte, or stream."""
        try:
            token = bearer(request) or request.query_params.get("token")
            if not token:
                raise Unauthorized("Nobody is signed in. Send an access token by header, or as ?token=.")
            caller = await asyncio.to_thread(self._ports.tokens.verify, token)
            after = place_after(request.headers.get("last-event-id"), request.query_params.get("after"))
            key = TurnKey(caller.user.id, request.path_params["message_id"])
            await asyncio.to_thread(self._ports.turns.get, key)
        except KoshaError as error:
            return problem(error)
        frames = follow(key, after=after, feeds=self._feeds, ports=self._ports)
        return StreamingResponse(
            self._events(frames, token),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    async def _events(self, frames: AsyncIterator[FeedFrame], token: str) -> AsyncIterator[str]:
        """Each frame as an event; a comment in silence; the end when the sign-in is over."""
        upcoming = asyncio.ensure_future(anext(frames))
        checked_at = time.monotonic()
        try:
            while True:
                await asyncio.wait({upcoming}, timeout=self._silence_seconds)
                if time.monotonic() - checked_at > self._check_seconds:
                    await asyncio.to_thread(self._ports.tokens.verify, token)
                    checked_at = time.monotonic()
                if not upcoming.done():
                    yield ": still here\n\n"
                    continue
                frame = upcoming.result()
                number = "" if frame.sequence is None else f"id: {frame.sequence}\n"
                yield f"{number}data: {frame.text}\n\n"
                if frame.last:
                    return
                upcoming = asyncio.ensure_future(anext(frames))
        except KoshaError:
            return  # an EventSource connects again, and is told then
        finally:
            upcoming.cancel()
