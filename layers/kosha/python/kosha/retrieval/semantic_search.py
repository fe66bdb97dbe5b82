"""A person searches a workspace: authorised, then searched."""

from kosha.access import allow
from kosha.model.search import Found, SearchRequest
from kosha.model.user import Caller
from kosha.ports import Ports
from kosha.retrieval.clean import cleaned
from kosha.retrieval.queries import ask, place_of
from kosha.retrieval.search import Question


def ask_index(caller: Caller, request: SearchRequest, ports: Ports) -> Found:
    """The passages that answer the query. Raises NotFound for a workspace or document that is not the caller's."""
    workspace = allow(caller, "search", str(request.workspace_id), ports.workspaces)
    document_id = str(request.document_id) if request.document_id else None
    if document_id:
        ports.documents.get(workspace.id, document_id)
    question = Question(cleaned(request.query), request.limit, request.filters, request.explain, document_id)
    return ask(question, place_of(workspace, ports))
