"""Items of DynamoDB as plain values, and what the service allows of them.

Nouns are kept as JSON text in one attribute, as in PostgreSQL: a number of DynamoDB is a decimal of 38 digits, which
not every float is. Attributes of their own are only what keys, conditions, filters and sums need.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias, cast

from kosha.adapters.storable import storable
from kosha.errors import TooLarge

Value: TypeAlias = "str | int | bool | Mapping[str, Value]"
Item: TypeAlias = dict[str, Any]
"""Names to values; what is read is what was written, so its reader knows each type."""

KEY_BYTES = 1024
"""Longest sort key; partition keys may be longer, ours never are."""
ITEM_BYTES = 390_000
"""Of 400 KiB that the service allows: the rest is for names of attributes and what updates add."""


def marshalled(values: Mapping[str, Value]) -> dict[str, dict[str, Any]]:
    """As the service takes it. Texts lose the characters that no store of ours keeps."""
    return {name: _marshalled(value) for name, value in values.items()}


def unmarshalled(values: Mapping[str, Any]) -> Item:
    """As `marshalled` was given it."""
    return {name: _unmarshalled(value) for name, value in values.items()}


def is_key(*texts: object) -> bool:
    """Whether the service takes these as keys; of others it has no item, so a reader need not ask."""
    return all(isinstance(text, str) and 0 < _bytes(text) <= KEY_BYTES for text in texts)


def refuse_too_large(values: Mapping[str, Value]) -> None:
    """Raises TooLarge for more than an item holds."""
    size_bytes = sum(_bytes(name) + _size_bytes(value) for name, value in values.items())
    if size_bytes > ITEM_BYTES:
        raise TooLarge(
            f"That is {size_bytes:,} bytes; one record holds {ITEM_BYTES:,}. Make it shorter, or bring it in parts."
        )


def _marshalled(value: Value) -> dict[str, Any]:
    match value:
        case bool():
            return {"BOOL": value}
        case int():
            return {"N": str(value)}
        case str():
            return {"S": storable(value)}
        case _:
            return {"M": marshalled(value)}


def _unmarshalled(value: Mapping[str, Any]) -> Value:
    match value:
        case {"S": str(text)}:
            return text
        case {"N": number}:
            return int(number)
        case {"BOOL": bool(truth)}:
            return truth
        case {"M": entries}:
            return unmarshalled(cast("Mapping[str, Any]", entries))
        case _:
            raise ValueError(f"{value!r} is of a type that we never write")


def _size_bytes(value: Value) -> int:
    match value:
        case str():
            return _bytes(value)
        case int():
            return 21
        case _:
            return 3 + sum(1 + _bytes(name) + _size_bytes(inner) for name, inner in value.items())


def _bytes(text: str) -> int:
    return len(storable(text).encode())
