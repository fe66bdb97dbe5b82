"""How a turn's end and its answer's message are kept at once, and how that meets a document being forgotten.

`forget_document` sets a mark, then reads the links from the document to answers; where a link's turn has not ended, it
raises the turn's counter `forgets`, else it erases what was kept. `finish` reads its turn, writes its links, then reads
the marks, and ends the turn only while `forgets` is what it was. So whichever comes first, one of the two sees the
other: a link that was written too late to be read comes before the marks are read, and a mark that was set too late to
be read comes before `forgets` is raised, or finds the turn ended.
"""

import json
from typing import Any
from uuid import uuid4

from kosha.adapters.aws import dynamo_chat_keys as keys
from kosha.adapters.aws.dynamo import CROWDED, Write
from kosha.adapters.aws.dynamo_chat import Chat, is_live, moment_in_key, updated_at
from kosha.adapters.aws.dynamo_chat_messages import Saying, keeping, saying, spot_of
from kosha.adapters.aws.dynamo_chat_texts import Text
from kosha.adapters.aws.items import Item
from kosha.adapters.aws.patience import attempts
from kosha.adapters.erasing import erase, erase_ending, told_documents
from kosha.adapters.storable import to_json
from kosha.errors import LostLease, Unavailable
from kosha.model.session import Message
from kosha.model.turn import TurnEnd, TurnKey

_LINKS_AT_ONCE = 100  # writes of one transaction


def finish(chat: Chat, key: TurnKey, fence: int, end: TurnEnd, answer: Message | None) -> None:
    """See `DynamoTurns.finish`. Safe to repeat at any time: only the turn's record, ended by this fence, counts."""
    _Finishing(chat, key, fence, end, answer).run()


class _Finishing:
    """One call of `finish`."""

    def __init__(self, chat: Chat, key: TurnKey, fence: int, end: TurnEnd, answer: Message | None) -> None:
        self._chat = chat
        self._key = key
        self._fence = fence
        self._end: dict[str, Any] = end.model_dump(mode="json", by_alias=False)
        self._answer = answer
        self._told = set[str]() if answer is None else told_documents(answer.metadata)
        self._parts = uuid4().hex  # how the names of the parts begin that this call writes

    def run(self) -> None:
        """Try until it is kept. Raises LostLease, and Unavailable where others come in between all the time."""
        turn = self._held()
        if turn is None:
            return
        session_id: str = turn["session_id"]
        self._link(session_id)
        try:
            for _ in attempts():
                if self._is_kept(session_id, turn["forgets"]):
                    return
                turn = self._held()
                if turn is None:
                    return
                self._remove_parts(session_id)  # no item names them: the turn is still to be ended
        except LostLease:
            self._remove_parts(session_id)
            self._chat.sessions.delete_many(self._links())
            raise
        raise Unavailable(CROWDED)

    def _held(self) -> Item | None:
        """The turn that is to be ended; None where this holder has ended it. Raises LostLease."""
        turn = self._chat.turns.get(keys.turn(self._key))
        if turn is None or turn["fence"] != self._fence or turn["status"] == "accepted":
            raise _lost()
        return None if turn["status"] == "ended" else turn  # ended by this holder: nobody else has had this fence

    def _link(self, session_id: str) -> None:
        """Have the documents lead to the answer. In transactions only because those are sent as one."""
        if self._answer is None:
            return
        where: Item = {
            "asked_by": self._key.user_id,
            "turn_of": self._key.message_id,
            "session_id": session_id,
            "answer_id": self._answer.id,
            "parts": self._parts,
        }
        links = [self._chat.sessions.putting({**link, **where}) for link in self._links()]
        for start in range(0, len(links), _LINKS_AT_ONCE):
            self._chat.sessions.transact(links[start : start + _LINKS_AT_ONCE])

    def _links(self) -> list[keys.Key]:
        return [keys.citation(document_id, self._key, self._fence) for document_id in sorted(self._told)]

    def _is_kept(self, session_id: str, forgets: int) -> bool:
        """One try. Raises LostLease where the session is gone."""
        question_id = self._answer.parent_id if self._answer is not None else None
        head, question, forgotten = self._read(session_id, question_id)
        ending = erase_ending(self._end, forgotten)
        end = self._chat.texts_of_turn(self._key).kept(to_json(ending), self._parts)
        self._chat.texts_of_turn(self._key).write_parts(end)
        writes = [
            *self._ending(forgets, end),
            self._entering(session_id, head),
            *self._answering(session_id, head, question, forgotten),
        ]
        return not self._chat.turns.transact(writes)

    def _read(self, session_id: str, question_id: str | None) -> tuple[Item, Item | None, set[str]]:
        """The session's head, the question's name, and which of the told documents were forgotten."""
        marks = {keys.document(document_id): document_id for document_id in self._told}
        wanted = [keys.head(self._key.user_id, session_id), *map(keys.forgotten, self._told)]
        name = keys.name(self._key.user_id, session_id, question_id or "")
        items = self._chat.sessions.get_many([*wanted, name])
        found = {item["sort_key"]: item for item in items}
        forgotten = {marks[item["user_id"]] for item in items if item["user_id"] in marks}
        head = found.get(wanted[0]["sort_key"])
        if head is None or not is_live(head):
            raise _lost()
        return head, found.get(name["sort_key"]), forgotten

    def _ending(self, forgets: int, end: Text) -> list[Write]:
        """The end stands beside the turn's record, which is written again for every follower who is told of it.

        The record stays in the index of what is open until the end was handed on (`dynamo_turns_follow.handed_on`).
        """
        change = "SET #status = :ended, #ended_at = :now REMOVE #lease_until"
        condition = "#fence = :fence AND #status = :running AND #forgets = :forgets"
        values = {
            "ended": "ended",
            "now": moment_in_key(self._chat.now()),
            "fence": self._fence,
            "running": "running",
            "forgets": forgets,
        }
        return [
            self._chat.turns.updating(keys.turn(self._key), change, condition, values),
            self._chat.turns.putting({**keys.end(self._key), **end.attributes, "revision": ""}),
        ]

    def _entering(self, session_id: str, head: Item) -> Write:
        return self._chat.sessions.updating(
            keys.head(self._key.user_id, session_id),
            "SET #updated_at = :updated_at, #next_position = #next_position + :says",
            "#updated_at = :seen",
            {
                "updated_at": updated_at(session_id, self._chat.now(), head),
                "says": 0 if self._answer is None else 1,
                "seen": head["updated_at"],
            },
        )

    def _answering(self, session_id: str, head: Item, question: Item | None, forgotten: set[str]) -> list[Write]:
        """The answer's message, the next version of its question's."""
        if self._answer is None:
            return []
        said = self._saying(self._answer, session_id, head, question, forgotten)
        texts = [text for text in (said.text, said.metadata) if text is not None]
        self._chat.texts_of_session(self._key.user_id, session_id).write_parts(*texts)
        links = {}
        if told := sorted(self._told - forgotten):
            links = {"documents": json.dumps(told), "citation": self._links()[0]["sort_key"]}
        writes = keeping(self._chat, said, kind="answer", **links)
        if question is None:
            return writes
        newest = self._chat.sessions.updating(
            {"user_id": question["user_id"], "sort_key": question["sort_key"]},
            "SET #answers = :version, #newest_answer_id = :id, #newest_answer_position = :position",
            "attribute_exists(#user_id)",
            {"version": said.message.version, "id": said.spot.id, "position": said.spot.position},
        )
        return [*writes, newest]

    def _saying(
        self, answer: Message, session_id: str, head: Item, question: Item | None, forgotten: set[str]
    ) -> Saying:
        version = 1 if question is None else question["answers"] + 1
        shown = answer.model_copy(update={"version": version, "metadata": erase(answer.metadata, forgotten)})
        parent = None if question is None else spot_of(question)
        position: int = head["next_position"]
        return saying(
            self._chat, self._key.user_id, session_id, shown, position=position, parent=parent, parts=self._parts
        )

    def _remove_parts(self, session_id: str) -> None:
        """What was written ahead of transactions that were not made."""
        self._chat.texts_of_turn(self._key).remove_parts_named(self._parts)
        self._chat.texts_of_session(self._key.user_id, session_id).remove_parts_named(self._parts)


def _lost() -> LostLease:
    return LostLease("Another holder has this turn, or its session is gone.")
