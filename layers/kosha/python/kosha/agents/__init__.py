"""Kosha's documents and conversations for people who build their own graphs with LangChain or LangGraph."""

try:
    import langchain_core as _langchain_core
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "kosha.agents needs LangChain, which Kosha itself does not. Install it: pip install 'kosha[langchain]'"
    ) from error

from kosha.agents.history import SessionHistory
from kosha.agents.retriever import WorkspaceRetriever

assert _langchain_core  # it is there
__all__ = ["SessionHistory", "WorkspaceRetriever"]
