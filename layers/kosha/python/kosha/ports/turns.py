"""One question on its way to an answer: its record, who takes it up, where its frames go."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, Protocol

from kosha.model.session import Message
from kosha.model.turn import Ask, Delta, Turn, TurnEnd, TurnKey


class Beat(NamedTuple):
    """What a write to a held turn tells its holder.

    followers: connections that joined while the answer was made, each with the last sequence number it has seen.
    """

    stop_requested: bool
    followers: Mapping[str, int] = MappingProxyType({})


class Turns(Protocol):
    """One record a question; see ARCHITECTURE.md, 'A turn'. Times and leases are the adapter's."""

    def accept(
        self, ask: Ask, *, parent_id: str | None, branch_from: str | None, regenerates: bool
    ) -> tuple[Turn, bool]:
        """Keep a question, its session and its turn at once, or find them kept: (turn, whether it is new).

        Raises NotFound for another user's session, Rejected where the message id names a turn of another session.
        """
        ...

    def get(self, key: TurnKey) -> Turn:
        """Raises NotFound."""
        ...

    def claim(self, key: TurnKey) -> Turn | None:
        """Take the turn with a new fence; None if it has ended or a living holder has it."""
        ...

    async def append(self, key: TurnKey, fence: int, deltas: Sequence[Delta]) -> Beat:
        """Keep token frames (none: a heartbeat), renew the lease, read the stop flag: one durable write.

        Raises LostLease when the turn has a newer fence or has ended.
        """
        ...

    def finish(self, key: TurnKey, fence: int, end: TurnEnd, answer: Message | None) -> None:
        """Keep the end and the answer's message at once, or neither. Raises LostLease."""
        ...

    def deltas(self, key: TurnKey, *, after: int) -> list[Delta]:
        """The token frames numbered above `after`, in order."""
        ...

    def request_stop(self, key: TurnKey) -> None:
        """Ask the holder to stop. Raises NotFound; nothing happens where the turn has ended."""
        ...

    def unfinished(self) -> list[Ask]:
        """Questions without an end that nobody living holds, oldest first."""
        ...

    def sweep(self) -> None:
        """Forget the deltas of turns that ended more than 10 minutes ago."""
        ...


class Asks(Protocol):
    """Where accepted questions go to be answered: a topic on AWS, a task in the server on one machine."""

    def send(self, ask: Ask) -> None:
        """Hand it on; at least once."""
        ...


class Outbox(Protocol):
    """The only way news goes to a user's connections. `frame` is a frame of PROTOCOL.md as JSON text."""

    def publish(self, key: TurnKey, frame: str, *, sequence: int | None, last: bool) -> None:
        """To every connection of the user that follows the turn. `last` ends the turn's frames."""
        ...

    def join(self, key: TurnKey, followers: Mapping[str, int]) -> None:
        """The connections that a beat told of follow the turn from now on: what they miss first, then what comes."""
        ...
