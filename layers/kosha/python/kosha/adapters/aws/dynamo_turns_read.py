"""A turn as it is read from its items."""

from kosha.adapters.aws import dynamo_chat_keys as keys
from kosha.adapters.aws.dynamo_chat import Chat
from kosha.adapters.aws.items import Item
from kosha.model.turn import Ask, Turn, TurnEnd, TurnKey


def read_turn(chat: Chat, key: TurnKey) -> Turn | None:
    """None where it is not there."""
    item = chat.turns.get(keys.turn(key))
    return None if item is None else turn_of(chat, key, item)


def turn_of(chat: Chat, key: TurnKey, item: Item) -> Turn | None:
    """The turn of a record that was read just now; None where it is being removed.

    The end is read after the record that says it is there: items that are read at once may be of different moments.
    """
    asked = chat.turns.get(keys.ask(key))
    if asked is None:
        return None
    end = None
    if item["status"] == "ended":
        ending = chat.texts_of_turn(key).at(keys.end(key))
        if ending is None:
            return None
        end = TurnEnd.model_validate_json(ending)
    return Turn(
        ask=Ask.model_validate_json(asked["ask"]),
        status=item["status"],
        fence=item["fence"],
        next_sequence=item["next_sequence"],
        stop_requested=item["stop_requested"],
        end=end,
    )
