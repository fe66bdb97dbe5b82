"""Where a gateway holds the sockets: who is connected, who follows which turn, and the way back to them."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from kosha.model.connection import Authorisation, Connection
from kosha.model.page import Page, PageOf
from kosha.model.turn import TurnKey
from kosha.ports.turns import Outbox

# Instead of a number: the connection follows since the question was asked, and whoever held the turn has told it all.
SINCE_THE_QUESTION = -2


class Followers(Protocol):
    """Which connections want a turn's frames, where whoever makes the answer does not hold the sockets."""

    def follow(self, key: TurnKey, connection_id: str, after: int) -> bool:
        """Have the holder send the frames numbered above `after`, then what comes; False where the turn has ended."""
        ...

    def gather(self, key: TurnKey, connection_ids: Collection[str]) -> Mapping[str, int]:
        """Have these follow too, since the question was asked, where they do not yet; of an ended turn as well.

        Returns all that follow and were not told the end, each with the number it named.
        """
        ...

    def untold(self, before: datetime) -> list[TurnKey]:
        """Turns that ended before then, and whose end nobody has handed on to those who tell it."""
        ...

    def handed_on(self, key: TurnKey) -> None:
        """Those who tell the turn's end will hear of it; nothing happens where it has none, or is gone."""
        ...

    def hears(self, key: TurnKey, connection_id: str) -> bool:
        """Whether it follows since the question was asked, and the end is still to come: it need not ask again."""
        ...

    def mark_told(self, key: TurnKey, connection_id: str) -> bool:
        """Note that a connection is told the turn's end: True once, then False.

        Always True where the turn is gone: told twice harms less than never.
        """
        ...

    def joined(self, key: TurnKey) -> Mapping[str, int]:
        """All that followed, each with the number it named; it changes no more once the turn has ended."""
        ...

    def forget_told(self, key: TurnKey, connection_id: str) -> None:
        """Take the mark back: the end could not be sent."""
        ...


class Connections(Protocol):
    """The open sockets of users, where a gateway holds them."""

    def add(self, connection: Connection) -> None:
        """Keep a new one. Raises TooManyRequests for a user who has as many as one may have."""
        ...

    def get(self, connection_id: str) -> Connection:
        """Raises NotFound."""
        ...

    def remove(self, connection_id: str) -> None:
        """Forget it; nothing happens where it is gone."""
        ...

    def renew(self, connection_id: str, authorisation: Authorisation) -> None:
        """Let it stay open on a fresh token. Raises NotFound, also for a connection of another user."""
        ...

    def of(self, user_id: str) -> list[Connection]:
        """A user's, newest first."""
        ...

    def open(self, page: PageOf) -> Page[Connection]:
        """Everybody's, those whose token ends soonest first; a new or renewed one may come a moment late."""
        ...


class Sockets(Protocol):
    """The way back to a browser through the gateway that holds its socket."""

    def post(self, connection_id: str, frame: str) -> bool:
        """Send a frame; False where the connection is gone. Raises Unavailable."""
        ...

    def close(self, connection_id: str) -> None:
        """Put it out; nothing happens where it is gone. Raises Unavailable."""
        ...


class Endings(Protocol):
    """Where the news goes that a turn has ended: whoever hears it tells the followers."""

    def send(self, key: TurnKey, *, trace_id: str | None) -> None:
        """Tell of it; at least once. Raises Unavailable."""
        ...


class LiveOutbox(Outbox, Protocol):
    """An outbox that posts by itself, while whoever makes an answer waits for nothing."""

    async def drained(self) -> None:
        """Returns when all that was published is posted, or its connection was given up."""
        ...
