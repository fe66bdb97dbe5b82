"""Documents first, then the chunks in them: for workspaces of many long documents that repeat one another's words."""

from kosha.errors import Unavailable
from kosha.model.search import Condition
from kosha.model.workspace import Workspace
from kosha.ports import Embedder, Index
from kosha.retrieval.search import Question


def within_documents(question: Question, workspace: Workspace, index: Index, embedder: Embedder | None) -> Question:
    """The question, asked of the documents nearest to it alone, where the workspace wants that and they can be told.

    Without an embedding model that answers, with filters of its own or about one document it stays as it is.
    """
    limit = workspace.retrieval.documents_first
    if limit is None or embedder is None or question.filters.all or question.document_id:
        return question
    try:
        vector = embedder.embed([question.text], kind="query")[0]
    except Unavailable:
        return question  # words alone decide, and the outcome says so
    nearest = index.nearest_documents(workspace, vector, limit=limit)
    if not nearest:
        return question
    chosen = Condition(field="documentId", op="in", value=tuple(nearest))
    filters = question.filters.model_copy(update={"all": (chosen,)})
    return question._replace(filters=filters)
