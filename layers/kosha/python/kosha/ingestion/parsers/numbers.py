"""Whole numbers as files write them."""

from typing import TypeVar

T = TypeVar("T")

_MOST_DIGITS = 18  # no file counts so far, and Python raises ValueError for thousands of digits


def whole(text: str | None, default: T) -> int | T:
    """The number that a text of decimal digits stands for; `default` for any other, and for one of too many digits."""
    return int(text) if text and len(text) <= _MOST_DIGITS and text.isdecimal() else default
