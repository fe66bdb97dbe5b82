"""Slices of long lists."""

from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class PageOf(NamedTuple):
    """Which slice: at most `limit` items (1..100) after the place that `cursor` names."""

    limit: int = 50
    cursor: str | None = None


class Page(NamedTuple, Generic[T]):
    """A slice and the name of the place after it; None at the end."""

    items: Sequence[T]
    next_cursor: str | None = None
