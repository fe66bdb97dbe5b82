"""Conversations in DynamoDB."""

from datetime import datetime

from kosha.adapters.aws import dynamo_chat_keys as keys
from kosha.adapters.aws.clients import DynamoDb
from kosha.adapters.aws.dynamo_chat import Now, open_chat, session_of
from kosha.adapters.aws.dynamo_chat_messages import message_of, newest_answer_of, parent_of, spot_of
from kosha.adapters.aws.dynamo_people import IN_SESSIONS, KnownPeople
from kosha.adapters.aws.dynamo_sessions_forget import forget_document
from kosha.adapters.aws.dynamo_sessions_history import walk
from kosha.adapters.aws.dynamo_sessions_list import listed
from kosha.adapters.aws.dynamo_sessions_removal import remove, remove_all, remove_some
from kosha.adapters.aws.items import Item
from kosha.adapters.storable import storable, to_json
from kosha.errors import NotFound
from kosha.model.page import Page, PageOf
from kosha.model.prompt import Utterance
from kosha.model.session import Feedback, Message, Session

_IS_LIVE = "attribute_exists(#updated_at)"
_FORGOTTEN_AT_ONCE = 10  # sessions: a second or two, of a function that has a minute for all it sweeps


class DynamoSessions:
    """Fits the ports `Sessions` and `Holdings`. Every call raises Unavailable where DynamoDB stays away or busy."""

    def __init__(self, client: DynamoDb, *, sessions_table: str, turns_table: str, now: Now) -> None:
        self._chat = open_chat(client, sessions_table, turns_table, now)
        self._people = KnownPeople(self._chat.sessions, IN_SESSIONS, now)

    def of(self, user_id: str, page: PageOf, *, query: str | None = None) -> Page[Session]:
        """Latest first; `query` looks for words in titles and messages. Raises Invalid for a malformed cursor.

        A session that was opened or changed this second may still be missing, or listed where it was before.
        """
        return listed(self._chat, user_id, page, query)

    def get(self, user_id: str, session_id: str) -> Session:
        """Raises NotFound."""
        return session_of(self._head(user_id, session_id))

    def messages(self, user_id: str, session_id: str) -> list[Message]:
        """All messages, oldest first. Raises NotFound."""
        self._head(user_id, session_id)
        said = list(self._chat.every(user_id, keys.within("message", session_id)))
        told = {item["sort_key"]: item for item in self._chat.every(user_id, keys.within("metadata", session_id))}
        metadata = [told.get(keys.metadata(user_id, session_id, item["position"])["sort_key"]) for item in said]
        return [self._message(user_id, session_id, item, about) for item, about in zip(said, metadata, strict=True)]

    def message(self, user_id: str, session_id: str, message_id: str) -> Message:
        """Raises NotFound."""
        self._head(user_id, session_id)
        name = self._name(user_id, session_id, message_id)
        if name is None or name["kind"] == "turn":
            raise NotFound("message", message_id)
        said = self._chat.sessions.get(keys.message(user_id, session_id, name["position"]))
        if said is None:  # removed a moment ago
            raise NotFound("session", session_id)
        about = self._chat.sessions.get(keys.metadata(user_id, session_id, name["position"]))
        return self._message(user_id, session_id, said, about)

    def history(self, user_id: str, session_id: str, *, leaf_id: str, budget_tokens: int) -> list[Utterance]:
        """The newest part of the branch that ends at `leaf_id` that fits the budget, oldest first.

        Takes time in proportion to the budget, not to the session. Raises NotFound for the session.
        """
        self._head(user_id, session_id)
        leaf = self._name(user_id, session_id, leaf_id)
        if leaf is None or leaf["kind"] == "turn":
            return []
        return walk(self._chat, user_id, session_id, spot_of(leaf), budget_tokens)

    def rename(self, user_id: str, session_id: str, title: str) -> Session:
        """Raises NotFound."""
        key, values = keys.head(user_id, session_id), {"title": title}
        head = self._chat.sessions.update(key, "SET #title = :title", condition=_IS_LIVE, values=values)
        if head is None:
            raise NotFound("session", session_id)
        return session_of(head)

    def remove(self, user_id: str, session_id: str) -> None:
        """Forget it with messages, turns and deltas. Raises NotFound.

        It is gone for readers at once. A removal that broke off is finished by repeating it.
        """
        if not remove(self._chat, user_id, session_id):
            raise NotFound("session", session_id)

    def remove_all(self, user_id: str) -> None:
        """Forget every session of a user, and finish removals that broke off."""
        remove_all(self._chat, user_id)

    def unseen(self, since: datetime, limit: int) -> list[str]:
        """Ids of people who may have sessions and were not seen since then, longest ago first."""
        return self._people.unseen(since, limit)

    def seen(self, user_id: str) -> None:
        """They are still there."""
        self._people.note(user_id)

    def forget_user(self, user_id: str) -> bool:
        """Remove some sessions of a user who is gone; whether none is left, and nothing else of them either."""
        if not remove_some(self._chat, user_id, _FORGOTTEN_AT_ONCE):
            return False
        self._people.forget(user_id)
        return True

    def add_feedback(self, feedback: Feedback) -> None:
        """Without `answer_id` it is on the question's newest answer.

        Raises NotFound where the user has no such answer; a second word on an answer replaces the first.
        """
        answer_id = self._judged(feedback)
        if answer_id is None:
            raise NotFound("message", feedback.answer_id or feedback.message_id)
        key = keys.feedback(feedback.user_id, feedback.session_id, answer_id)
        writes = [
            self._chat.sessions.checking(keys.head(feedback.user_id, feedback.session_id), _IS_LIVE),
            self._chat.sessions.putting({**key, "record": to_json(feedback)}),
        ]
        if self._chat.sessions.transact(writes):
            raise NotFound("session", feedback.session_id)

    def forget_document(self, document_id: str) -> None:
        """Erase what stored citations and hits say of a document to its title and `deleted: true`."""
        forget_document(self._chat, document_id)

    def _head(self, user_id: str, session_id: str) -> Item:
        head = self._chat.head(user_id, session_id)
        if head is None:
            raise NotFound("session", session_id)
        return head

    def _name(self, user_id: str, session_id: str, message_id: str) -> Item | None:
        return self._chat.sessions.get(keys.name(user_id, session_id, message_id))

    def _message(self, user_id: str, session_id: str, said: Item, about: Item | None) -> Message:
        texts = self._chat.texts_of_session(user_id, session_id)
        metadata = texts.at(keys.metadata(user_id, session_id, said["position"]), about) if about else None
        return message_of(said, texts.read(said) or "", metadata)

    def _judged(self, feedback: Feedback) -> str | None:
        """The answer that a word is on; None where the question has none such."""
        answer_id = feedback.answer_id
        question_id = storable(feedback.message_id)
        if answer_id is None:
            question = self._name(feedback.user_id, feedback.session_id, question_id)
            newest = None if question is None else newest_answer_of(question)
            return None if newest is None else newest.id
        answer = self._name(feedback.user_id, feedback.session_id, answer_id)
        if answer is None or answer["kind"] != "answer":
            return None
        parent = parent_of(answer)
        return answer_id if parent is not None and parent.id == question_id else None
