"""What followers of a turn are sent: frames of the record and live ones, as the feeds give them."""

from collections.abc import AsyncIterator

from kosha.adapters.feeds import FeedFrame, Feeds
from kosha.chat.frames import delta_frame, ended_frame
from kosha.model.turn import Delta, Turn, TurnKey
from kosha.ports import Ports


def follow(key: TurnKey, *, after: int, feeds: Feeds, ports: Ports) -> AsyncIterator[FeedFrame]:
    """The turn's frames numbered above `after`, stored ones first, to its end. Raises NotFound on the first step."""

    def shown(turn: Turn, delta: Delta) -> str:
        return delta_frame(turn, delta, ports.now())

    def ended(turn: Turn) -> str:
        return ended_frame(turn, ports.now())

    return feeds.follow(key, after=after, shown=shown, ended=ended)
