"""Slices of long lists: a cursor is the sort key of the last item that was given."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from psycopg.rows import TupleRow

from kosha.adapters.cursors import malformed, read_cursor, write_cursor
from kosha.model.page import Page

T = TypeVar("T")


def after_name(cursor: str | None) -> tuple[str, str]:
    """The (name, id) after which a list by name goes on; before every name at the start. Raises Invalid."""
    return ("", "") if cursor is None else read_cursor(cursor)


def before_moment(cursor: str | None) -> tuple[str, str]:
    """The (timestamp, id) before which a list of the newest first goes on. Raises Invalid."""
    if cursor is None:
        return ("infinity", "")
    moment, last_id = read_cursor(cursor)
    try:
        return (datetime.fromisoformat(moment).isoformat(), last_id)
    except ValueError:
        raise malformed(cursor) from None


def cut(rows: Sequence[TupleRow], limit: int, make: Callable[[TupleRow], T]) -> Page[T]:
    """A page of the first `limit` rows. The first two columns are the sort key; one row more tells of a next page."""
    items = [make(row) for row in rows[:limit]]
    if len(rows) <= limit:
        return Page(items)
    key, last_id = rows[limit - 1][:2]
    return Page(items, write_cursor(key.isoformat() if isinstance(key, datetime) else key, last_id))
