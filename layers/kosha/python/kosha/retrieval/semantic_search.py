"""A person searches a workspace: authorised, then searched."""

from kosha.access import allow
from kosha.model.search import Found, SearchRequest
from kosha.model.user import Caller
from kosha.ports import Ports
from kosha.retrieval.search import Question, search


def ask_index(caller: Caller, request: SearchRequest, ports: Ports) -> Found:
    """The passages that answer the query. Raises NotFound for a workspace or document that is not the caller's."""
    workspace = allow(caller, "search", str(request.workspace_id), ports.workspaces)
    document_id = str(request.document_id) if request.document_id else None
    if document_id:
        ports.documents.get(workspace.id, document_id)
    return search(
        Question(request.query, request.limit, request.filters, request.explain, document_id),
        workspace=workspace,
        index=ports.index(workspace.engine),
        embedder=ports.embedders.get(workspace.embeddings_model_provider, workspace.embeddings_model_name),
    )
