"""Takes a question in: checked, stored, handed on; from then on it will be answered."""

from uuid import uuid4

from kosha.access import allow
from kosha.errors import Invalid, NotFound, Rejected, TooLarge
from kosha.model.session import Message
from kosha.model.turn import Ask, Turn, TurnKey
from kosha.model.user import Caller
from kosha.model.wire import RunData, StopData
from kosha.ports import Ports

QUESTION_LIMIT_CHARACTERS = 20_000


def accept(caller: Caller, run: RunData, ports: Ports, *, trace_id: str | None = None) -> tuple[Turn, bool]:
    """Store a question and hand it on; returns its turn and whether it is new.

    The same message id again gives the turn that is there and runs nothing. Raises Rejected for what the caller
    can mend: a workspace or session that is not theirs, an unknown model, an empty or too long question.
    """
    turn, is_new = keep(caller, run, ports, trace_id=trace_id)
    if is_new:
        ports.asks.send(turn.ask)
    return turn, is_new


def keep(caller: Caller, run: RunData, ports: Ports, *, trace_id: str | None) -> tuple[Turn, bool]:
    """As `accept`, without handing it on: for a door that has something to say first."""
    ask = _ask(caller, run, ports, trace_id)
    if ask.workspace_id:
        allow(caller, "ask", ask.workspace_id, ports.workspaces)
    ports.chat_models.get(ask.provider, ask.model_name)
    branch_from = str(run.branch_from) if run.branch_from else None
    return ports.turns.accept(ask, parent_id=None, branch_from=branch_from, regenerates=run.regenerate_of is not None)


def stop(caller: Caller, data: StopData, ports: Ports) -> None:
    """Ask whoever makes the answer to stop; what was said so far is kept. Raises NotFound."""
    ports.turns.request_stop(turn_named(caller, data, ports).ask.key)


def turn_named(caller: Caller, data: StopData, ports: Ports) -> Turn:
    """The caller's turn of that message in that session. Raises NotFound."""
    turn = ports.turns.get(TurnKey(caller.user.id, str(data.message_id)))
    if turn.ask.session_id != str(data.session_id):
        raise NotFound("message", str(data.message_id))
    return turn


def _ask(caller: Caller, run: RunData, ports: Ports, trace_id: str | None) -> Ask:
    message_id = str(run.message_id or uuid4())
    question_id, text = message_id, run.text
    if run.regenerate_of is not None:
        question = _question(caller, run, str(run.regenerate_of), ports)
        question_id, text = question.id, question.content
    return Ask(
        user_id=caller.user.id,
        session_id=str(run.session_id),
        message_id=message_id,
        question_id=question_id,
        text=_checked(text),
        workspace_id=str(run.workspace_id) if run.workspace_id else None,
        provider=run.provider,
        model_name=run.model_name,
        model_kwargs=run.model_kwargs,
        accepted_at=ports.now(),
        trace_id=trace_id,
    )


def _question(caller: Caller, run: RunData, question_id: str, ports: Ports) -> Message:
    message = ports.sessions.message(caller.user.id, str(run.session_id), question_id)
    if message.role != "user":
        raise Rejected(f"Message {question_id!r} is an answer; regenerateOf names the question it belongs to.")
    return message


def _checked(text: str) -> str:
    if len(text) > QUESTION_LIMIT_CHARACTERS:
        raise TooLarge(
            f"The question has {len(text):,} characters; the limit is {QUESTION_LIMIT_CHARACTERS:,}. "
            "Shorten it, or add the long text to a workspace as a document and ask about it."
        )
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise Invalid(
            "The question holds characters that are no text (NUL or half a pair). Remove them and send it again."
        )
    if not text.strip():
        raise Invalid("The question is empty. Write one and send it again.")
    return text.strip()
