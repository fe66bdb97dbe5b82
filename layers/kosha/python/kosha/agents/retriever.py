"""A workspace's passages as LangChain documents."""

from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import SkipValidation

from kosha.model.chunk import Hit
from kosha.model.search import Filters, SearchRequest
from kosha.model.user import Caller
from kosha.ports import Ports
from kosha.retrieval.semantic_search import ask_index


class WorkspaceRetriever(BaseRetriever):
    """Searches one workspace for one person: vectors and keywords fused, best first, nothing that has nothing to say.

    The person's grant is asked before every search: NotFound without one, also for a workspace that is not there.
    limit: the most passages of a search, 1 to 100. filters: conditions on documents, as the search page has them.
    """

    caller: Caller
    workspace_id: str
    ports: SkipValidation[Ports]
    limit: int = 10
    filters: Filters = Filters()

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:  # noqa: ARG002
        wish = {"workspace_id": self.workspace_id, "query": query, "limit": self.limit, "filters": self.filters}
        found = ask_index(self.caller, SearchRequest.model_validate(wish), self.ports)
        return [_document(hit) for hit in found.items]


def _document(hit: Hit) -> Document:
    """A passage with where it stands; of a question and answer pair the text is the answer."""
    told: dict[str, Any] = {
        "document_id": hit.document_id,
        "title": hit.title,
        "path": hit.path,
        "page": hit.page,
        "heading": hit.heading,
        "score": hit.score,
    }
    if hit.content_complement and hit.document_type == "qna":
        told["question"] = hit.content
    return Document(id=hit.chunk_id, page_content=hit.answerable, metadata=told)
