"""JSON of a provider as what can be looked into, whatever came."""

from typing import Any, cast


def as_object(told: object) -> dict[str, Any]:
    """The object, or an empty one where it is none."""
    return cast("dict[str, Any]", told) if isinstance(told, dict) else {}


def first(told: object) -> object:
    """The first of a list, or the thing itself."""
    listed = cast("list[object]", told) if isinstance(told, list) else [told]
    return listed[0] if listed else None
