"""How the items of conversations and turns are named.

sessions, PK user_id:
  <user>               session#<session>                     the head; without `updated_at` it is being removed
                       message#<session>#<position>          what was said, apart from its metadata: history reads these
                       metadata#<session>#<position>         how an answer came about, as JSON text
                       name#<session>#<message>              where a message stands; `kind` question, answer or turn
                       part#<session>#<text>#<number>        a piece of a text that is too long for its item
                       feedback#<session>#<answer>           a person's word
  session#<session>    owner                                 who opened it: an id is given once, whoever asks
  people#              <user>                                of whom something is kept (dynamo_people)
  document#<document>  forgotten                             the document was deleted
                       citation#<turn>#<fence>               an answer that tells of it, kept or about to be

turns, PK turn_id:
  <user>#<message>     turn                                  the record of a question
                       ask                                   the question, as JSON text
                       delta#<sequence>#<fence>              a token frame
                       end                                   how it ended, as JSON text
                       part#<text>#<number>                  as above
"""

from kosha.adapters.storable import storable
from kosha.model.turn import TurnKey

Key = dict[str, str]


def head(user_id: str, session_id: str) -> Key:
    """A session's head."""
    return _of(user_id, f"session#{session_id}")


def owner(session_id: str) -> Key:
    """Who opened the session of this id."""
    return _of(f"session#{session_id}", "owner")


def name(user_id: str, session_id: str, message_id: str) -> Key:
    """Where the message of this id stands."""
    return _of(user_id, f"{within('name', session_id)}{message_id}")


def message(user_id: str, session_id: str, position: int) -> Key:
    """What was said at this place."""
    return _of(user_id, f"{within('message', session_id)}{position:010d}")


def metadata(user_id: str, session_id: str, position: int) -> Key:
    """How the answer at this place came about."""
    return _of(user_id, f"{within('metadata', session_id)}{position:010d}")


def feedback(user_id: str, session_id: str, answer_id: str) -> Key:
    """The word on this answer."""
    return _of(user_id, f"{within('feedback', session_id)}{answer_id}")


def within(kind: str, session_id: str) -> str:
    """How the sort keys of a session's items of a kind begin."""
    return storable(f"{kind}#{session_id}#")


def forgotten(document_id: str) -> Key:
    """The mark of a deleted document."""
    return _of(document(document_id), "forgotten")


def citation(document_id: str, turn: TurnKey, fence: int) -> Key:
    """The link from a document to the answer that this holder of the turn keeps."""
    return _of(document(document_id), f"citation#{turn_id(turn)}#{fence:06d}")


def document(document_id: str) -> str:
    """The partition of what is known of a document's citations."""
    return storable(f"document#{document_id}")


def turn_id(key: TurnKey) -> str:
    """The partition of a turn."""
    return storable(f"{key.user_id}#{key.message_id}")


def turn_of(turn_id: str) -> TurnKey:
    """Whose partition it is. A message's id has no `#`; a user's may."""
    user_id, _, message_id = turn_id.rpartition("#")
    return TurnKey(user_id, message_id)


def turn(key: TurnKey) -> Key:
    """A turn's record."""
    return _of_turn(key, "turn")


def ask(key: TurnKey) -> Key:
    """What is asked."""
    return _of_turn(key, "ask")


def end(key: TurnKey) -> Key:
    """How a turn ended."""
    return _of_turn(key, "end")


def delta(key: TurnKey, sequence: int, fence: int) -> Key:
    """A token frame, as this holder wrote it."""
    return _of_turn(key, f"{deltas_from(sequence)}#{fence:06d}")


def deltas_from(sequence: int) -> str:
    """A sort key just before those of the frames of this number."""
    return f"delta#{sequence:08d}"


def _of(user_id: str, sort_key: str) -> Key:
    return {"user_id": storable(user_id), "sort_key": storable(sort_key)}


def _of_turn(key: TurnKey, sort_key: str) -> Key:
    return {"turn_id": turn_id(key), "sort_key": sort_key}
