"""One question and its answer, as they are kept while the answer is being made."""

from typing import Literal, NamedTuple

from kosha.model.prompt import ModelKwargs
from kosha.model.record import Moment, Record
from kosha.model.wire import ErrorData, FinalData


class TurnKey(NamedTuple):
    """A turn's name: a user's own message id."""

    user_id: str
    message_id: str


class Ask(Record):
    """A question that was accepted.

    question_id: the message that is answered (another one when regenerating). trace_id: names the work on it in logs,
    from the browser to the model.
    """

    user_id: str
    session_id: str
    message_id: str
    question_id: str
    text: str
    workspace_id: str | None = None
    provider: str | None = None
    model_name: str | None = None
    model_kwargs: ModelKwargs = ModelKwargs()
    accepted_at: Moment
    trace_id: str | None = None

    @property
    def key(self) -> TurnKey:
        """The turn this question opened."""
        return TurnKey(self.user_id, self.message_id)


class Delta(NamedTuple):
    """One token frame: its number in the message, the run it belongs to, and its text."""

    sequence: int
    run_id: str
    value: str


class TurnEnd(Record):
    """How a turn ended: exactly one of the two."""

    final: FinalData | None = None
    error: ErrorData | None = None


class Turn(Record):
    """A turn's record. `fence` counts the claims: only the newest claimant may write."""

    ask: Ask
    status: Literal["accepted", "running", "ended"]
    fence: int = 0
    next_sequence: int = 0
    stop_requested: bool = False
    end: TurnEnd | None = None
