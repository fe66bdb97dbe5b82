"""Slices of long lists: a cursor is the sort key of the last item that was given."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from psycopg.rows import TupleRow

from kosha.adapters.postgres.records import storable
from kosha.errors import Invalid
from kosha.model.page import Page

T = TypeVar("T")
_CURSOR_CHARACTERS = 2000  # a name of 100 characters and an id stay far below, whatever their script


def after_name(cursor: str | None) -> tuple[str, str]:
    """The (name, id) after which a list by name goes on; before every name at the start. Raises Invalid."""
    return ("", "") if cursor is None else _read(cursor)


def before_moment(cursor: str | None) -> tuple[str, str]:
    """The (timestamp, id) before which a list of the newest first goes on. Raises Invalid."""
    if cursor is None:
        return ("infinity", "")
    moment, last_id = _read(cursor)
    try:
        return (datetime.fromisoformat(moment).isoformat(), last_id)
    except ValueError:
        raise _malformed(cursor) from None


def cut(rows: Sequence[TupleRow], limit: int, make: Callable[[TupleRow], T]) -> Page[T]:
    """A page of the first `limit` rows. The first two columns are the sort key; one row more tells of a next page."""
    items = [make(row) for row in rows[:limit]]
    if len(rows) <= limit:
        return Page(items)
    key, last_id = rows[limit - 1][:2]
    return Page(items, _write(key.isoformat() if isinstance(key, datetime) else key, last_id))


def _write(key: str, last_id: str) -> str:
    return urlsafe_b64encode(json.dumps([key, last_id]).encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[str, str]:
    if len(cursor) > _CURSOR_CHARACTERS:
        raise _malformed(cursor)
    try:
        parts: Any = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        raise _malformed(cursor) from None
    match parts:
        case [str(key), str(last_id)]:
            return storable(key), storable(last_id)
        case _:
            raise _malformed(cursor)


def _malformed(cursor: str) -> Invalid:
    message = f"The cursor {cursor[:80]!r} is not one of this list. Leave it out to start at the beginning."
    return Invalid(message, (("cursor", message),))
