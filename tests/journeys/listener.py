"""A client that holds the server to the sequence protocol, over as many connections as it takes."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import aiohttp
from tests.journeys.product import Product

BROKEN = (aiohttp.ClientError, ConnectionError)
ENDS = ("final_response", "error")
Frame = dict[str, Any]


class Heard:
    """What was heard of one message. A number heard twice must say the same both times."""

    def __init__(self, text: str, session_id: str | None = None, **fields: Any) -> None:
        self.ids = {"sessionId": session_id or str(uuid4()), "messageId": str(uuid4())}
        self.run: Frame = {"action": "run", "data": {**self.ids, "text": text, "mode": "chain", **fields}}
        self.text = text
        self.tokens: dict[int, tuple[str, str]] = {}  # number: (run id, value)
        self.is_accepted = False
        self.ends: list[Frame] = []

    @property
    def last(self) -> int:
        """The highest number heard; -1 for none."""
        return max(self.tokens, default=-1)

    @property
    def runs(self) -> list[str]:
        """The run ids in order of appearance."""
        return list(dict.fromkeys(self.tokens[number][0] for number in sorted(self.tokens)))

    def resume(self, after: int | None = None) -> Frame:
        """What goes on after a number (the last one heard by default), or asks where nothing was accepted yet."""
        if not self.is_accepted:
            return self.run
        return {"action": "resume", "data": {**self.ids, "afterSequence": self.last if after is None else after}}

    def check(self) -> None:
        """Exactly one end; no number missing; what was said is what the last run said."""
        assert self.ends, f"{self.text}: no end"
        assert all(end["data"] == self.ends[0]["data"] for end in self.ends), self.ends
        assert sorted(self.tokens) == list(range(self.last + 1))
        final = self.ends[0]
        assert final["action"] == "final_response", final
        said = "".join(value for run_id, value in map(self.tokens.get, sorted(self.tokens)) if run_id == self.runs[-1])  # type: ignore[misc]
        assert final["data"]["content"] == said


class Connection:
    """One socket that listens to one message; numbers on it come without a gap from `next` on."""

    def __init__(self, opened: aiohttp.ClientWebSocketResponse, heard: Heard) -> None:
        self._opened = opened
        self._heard = heard
        self._next = 0
        self._may_begin_again = False

    async def send(self, frame: Frame) -> None:
        """A run or a resume; a run while its answer is on the way to this socket changes nothing."""
        if frame["action"] == "resume":
            self._next = frame["data"]["afterSequence"] + 1
        self._may_begin_again = frame["action"] == "run"
        await self._opened.send_json(frame)

    async def frames(self) -> AsyncIterator[Frame]:
        """The message's frames to its end, each checked. Raises ClientError when the connection breaks."""
        async for received in self._opened:
            if received.type is not aiohttp.WSMsgType.TEXT:
                break
            frame = json.loads(received.data)
            if frame["data"].get("messageId") != self._heard.ids["messageId"]:
                continue
            self._take(frame)
            yield frame
            if frame["action"] in ENDS:
                return
        raise aiohttp.ClientError(f"closed with {self._opened.close_code}")

    def _take(self, frame: Frame) -> None:
        heard = self._heard
        if frame["action"] == "accepted":
            heard.is_accepted = True
        elif frame["action"] in ENDS:
            heard.ends.append(frame)
        elif frame["action"] == "llm_new_token":
            token = frame["data"]["token"]
            number = token["sequenceNumber"]
            if number == 0 and self._may_begin_again:
                self._next = 0  # a run on a socket that did not follow the answer replays it
            assert number == self._next, f"{heard.text}: {number} came where {self._next} was due"
            self._next += 1
            said = (token["runId"], token["value"])
            assert heard.tokens.setdefault(number, said) == said, f"{heard.text}: {number} was said differently"


@asynccontextmanager
async def connected(http: aiohttp.ClientSession, url: str, token: str, heard: Heard) -> AsyncIterator[Connection]:
    """A socket to that product."""
    address = url.replace("http", "ws", 1) + "/socket"
    async with http.ws_connect(address, params={"token": token}, max_msg_size=2**26) as opened:
        yield Connection(opened, heard)


async def heard_to_the_end(http: aiohttp.ClientSession, product: Product, heard: Heard) -> None:
    """Go on where we were, over as many connections as it takes."""
    async with asyncio.timeout(40):
        while not heard.ends:
            try:
                async with connected(http, product.url, product.admin.token, heard) as connection:
                    await connection.send(heard.resume())
                    async for _ in connection.frames():
                        pass
            except BROKEN:
                continue  # the listening socket is the supervisor's: the next connection waits for the new server
    heard.check()
