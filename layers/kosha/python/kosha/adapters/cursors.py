"""Cursors of long lists: the sort key of the last item that was given, never the list it is of."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from kosha.adapters.storable import storable
from kosha.errors import Invalid

_CURSOR_CHARACTERS = 2000  # a name of 100 characters and an id stay far below, whatever their script


def write_cursor(key: str, last_id: str) -> str:
    """The cursor of the place after an item, by its key in the list's order and its id."""
    return urlsafe_b64encode(json.dumps([key, last_id]).encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[str, str]:
    """The (key, id) that was written. Whose list it goes on in is the reader's to say. Raises Invalid."""
    if len(cursor) > _CURSOR_CHARACTERS:
        raise malformed(cursor)
    try:
        parts: Any = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        raise malformed(cursor) from None
    match parts:
        case [str(key), str(last_id)]:
            return storable(key), storable(last_id)
        case _:
            raise malformed(cursor)


def malformed(cursor: str) -> Invalid:
    """What to raise for a cursor that is none of this list's."""
    message = f"The cursor {cursor[:80]!r} is not one of this list. Leave it out to start at the beginning."
    return Invalid(message, (("cursor", message),))
