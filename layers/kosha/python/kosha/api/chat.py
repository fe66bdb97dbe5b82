"""The route that takes a question; the answer is read at /api/stream/{messageId}, which is the server's own."""

from kosha.api.call import Call
from kosha.api.resource import Resource
from kosha.chat.accept import accept
from kosha.model.wire import AcceptedData, RunData

ROUTES = Resource("chat")


@ROUTES.on("POST", "/chat", status=202, is_creating=True)
def ask(call: Call, run: RunData) -> AcceptedData:
    """Ask a question: it is stored and will be answered. The same messageId again asks nothing anew."""
    turn, _ = accept(call.caller, run, call.ports)
    return AcceptedData(session_id=turn.ask.session_id, message_id=turn.ask.message_id)
