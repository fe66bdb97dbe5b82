"""A conversation of Kosha's as LangChain's message history: what a graph says is in the person's list of chats."""

from collections.abc import Sequence
from uuid import uuid4

from langchain_core.chat_history import BaseChatMessageHistory
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from kosha.access import allow
from kosha.errors import NotFound, Rejected, Unavailable
from kosha.model.prompt import ModelKwargs, Usage
from kosha.model.session import Message
from kosha.model.turn import Ask, TurnEnd
from kosha.model.user import Caller
from kosha.model.wire import AnswerMetadata, FinalData
from kosha.ports import Ports

PROVIDER = "langchain"  # of an answer whose message does not tell
_KINDS = {"user": HumanMessage, "assistant": AIMessage}


class SessionHistory(BaseChatMessageHistory):
    """Questions and answers of one conversation of one person, which is made by the first pair that is added.

    A question is kept together with its answer, so one that is added alone waits here for it. Messages of systems and
    tools are not kept. With a workspace the person's grant is asked before anything is read or written; a conversation
    of somebody else is NotFound. budget_tokens: how much of the newest branch `messages` gives.
    """

    def __init__(
        self,
        caller: Caller,
        session_id: str,
        ports: Ports,
        *,
        workspace_id: str | None = None,
        budget_tokens: int | None = None,
    ) -> None:
        super().__init__()
        self._caller = caller
        self._session_id = session_id
        self._ports = ports
        self._workspace_id = workspace_id
        self._budget_tokens = ports.limits.history_tokens if budget_tokens is None else budget_tokens
        self._waiting: list[str] = []

    @property
    def messages(self) -> list[BaseMessage]:  # pyright: ignore[reportIncompatibleVariableOverride] # it may be either
        """The newest part of the conversation that fits the budget, oldest first; none where there is none yet."""
        self._authorise()
        user_id, sessions = self._caller.user.id, self._ports.sessions
        try:
            stored = sessions.messages(user_id, self._session_id)
        except NotFound:
            stored = []
        said = (
            sessions.history(user_id, self._session_id, leaf_id=stored[-1].id, budget_tokens=self._budget_tokens)
            if stored
            else []
        )
        waiting = [HumanMessage(content=text) for text in self._waiting]
        return [*(_KINDS[one.role](content=one.content) for one in said), *waiting]

    def add_messages(self, messages: Sequence[BaseMessage]) -> None:
        """Keep questions with their answers. Raises Rejected for an answer that nothing asked for."""
        self._authorise()
        for message in messages:
            if isinstance(message, HumanMessage):
                self._waiting.append(str(message.text))
            elif isinstance(message, AIMessage) and str(message.text):  # one without text only calls tools
                if not self._waiting:
                    raise Rejected("An answer was added before its question. Add the question first, or both at once.")
                question, self._waiting = "\n\n".join(self._waiting), []
                self._keep(question, message)

    def clear(self) -> None:
        """Forget the conversation; nothing happens where there is none."""
        self._authorise()
        self._waiting.clear()
        try:
            self._ports.sessions.remove(self._caller.user.id, self._session_id)
        except NotFound:
            return

    def _authorise(self) -> None:
        if self._workspace_id is not None:
            allow(self._caller, "ask", self._workspace_id, self._ports.workspaces)

    def _keep(self, question: str, answer: AIMessage) -> None:
        """The pair as a turn that has ended, so that it looks like any other."""
        turns, message_id = self._ports.turns, str(uuid4())
        told = answer.response_metadata
        ask = Ask(
            user_id=self._caller.user.id,
            session_id=self._session_id,
            message_id=message_id,
            question_id=message_id,
            text=question,
            workspace_id=self._workspace_id,
            provider=str(told.get("model_provider") or PROVIDER),
            model_name=str(told.get("model_name") or PROVIDER),
            accepted_at=self._ports.now(),
        )
        turns.accept(ask, parent_id=None, branch_from=None, regenerates=False)
        turn = turns.claim(ask.key)
        if turn is None:
            raise Unavailable("Somebody else took up the question just now. Read the conversation again.")
        final = _final(ask, answer)
        kept = Message(
            id=final.answer_id,
            parent_id=message_id,
            role="assistant",
            content=final.content,
            created_at=self._ports.now(),
            metadata={**final.metadata.wire(), "stopReason": final.stop_reason},
        )
        turns.finish(ask.key, turn.fence, TurnEnd(final=final), kept)


def _final(ask: Ask, answer: AIMessage) -> FinalData:
    counted = answer.usage_metadata
    usage = Usage(input_tokens=counted["input_tokens"], output_tokens=counted["output_tokens"]) if counted else Usage()
    metadata = AnswerMetadata(
        provider=ask.provider or PROVIDER,
        model_id=ask.model_name or PROVIDER,
        model_kwargs=ModelKwargs(),
        session_id=ask.session_id,
        user_id=ask.user_id,
        workspace_id=ask.workspace_id,
        usage=usage,
        trace_id=str(uuid4()),
    )
    return FinalData(
        session_id=ask.session_id,
        message_id=ask.message_id,
        answer_id=str(uuid4()),
        content=str(answer.text),
        stop_reason="end",
        metadata=metadata,
    )
