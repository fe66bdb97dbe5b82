"""Conversations as they are kept."""

from typing import Protocol

from kosha.model.page import Page, PageOf
from kosha.model.prompt import Utterance
from kosha.model.session import Feedback, Message, Session


class Sessions(Protocol):
    """Conversations. A session of another user is NotFound."""

    def of(self, user_id: str, page: PageOf, *, query: str | None = None) -> Page[Session]:
        """Latest first; `query` looks for words in titles and messages."""
        ...

    def get(self, user_id: str, session_id: str) -> Session:
        """Raises NotFound."""
        ...

    def messages(self, user_id: str, session_id: str) -> list[Message]:
        """All messages, oldest first. Raises NotFound."""
        ...

    def message(self, user_id: str, session_id: str, message_id: str) -> Message:
        """Raises NotFound."""
        ...

    def history(self, user_id: str, session_id: str, *, leaf_id: str, budget_tokens: int) -> list[Utterance]:
        """The newest part of the branch that ends at `leaf_id` that fits the budget, oldest first.

        Takes time in proportion to the budget, not to the session.
        """
        ...

    def rename(self, user_id: str, session_id: str, title: str) -> Session:
        """Raises NotFound."""
        ...

    def remove(self, user_id: str, session_id: str) -> None:
        """Forget it with messages, turns and deltas. Raises NotFound."""
        ...

    def remove_all(self, user_id: str) -> None:
        """Forget every session of a user."""
        ...

    def add_feedback(self, feedback: Feedback) -> None:
        """Raises NotFound where the user has no such message; a second word on an answer replaces the first."""
        ...

    def forget_document(self, document_id: str) -> None:
        """Erase what stored citations and hits say of a document to its title and `deleted: true`."""
        ...
