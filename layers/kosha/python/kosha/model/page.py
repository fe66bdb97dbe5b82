"""Slices of long lists."""

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, NamedTuple, TypeVar

from kosha.errors import Invalid

T = TypeVar("T")


class PageOf(NamedTuple):
    """Which slice: at most `limit` items (1..100) after the place that `cursor` names."""

    limit: int = 50
    cursor: str | None = None


class Page(NamedTuple, Generic[T]):
    """A slice and the name of the place after it; None at the end."""

    items: Sequence[T]
    next_cursor: str | None = None


def every(list_page: Callable[[PageOf], Page[T]], *, at_once: int = 100) -> Iterator[T]:
    """All items of a long list, `at_once` (1..100) of them held; asks for a page when its first item is wanted."""
    cursor: str | None = None
    while True:
        page = list_page(PageOf(at_once, cursor))
        yield from page.items
        if (cursor := page.next_cursor) is None:
            return


def page_in(items: Sequence[T], page: PageOf) -> Page[T]:
    """A slice of a list that is at hand as a whole; its cursor is the place it ended at. Raises Invalid."""
    cursor = page.cursor or "0"
    if not (cursor.isdecimal() and len(cursor) < 10):
        raise Invalid(f"The cursor {cursor[:50]!r} is none of this list's. Leave it out to begin at the start.")
    start, end = int(cursor), int(cursor) + page.limit
    return Page(items[start:end], str(end) if end < len(items) else None)
