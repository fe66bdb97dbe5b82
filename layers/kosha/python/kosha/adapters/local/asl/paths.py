"""Reference paths of the States Language (`$.a.b[0]`, `$['a b']`, `$$.Execution.Name`), and templates of them."""

import re
from collections.abc import Sequence
from typing import Any, cast

from kosha.adapters.local.asl import intrinsics
from kosha.adapters.local.asl.faults import PARAMETERS, RESULT_PATH, RUNTIME, Fault, Unsupported

_STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_-]*)|\[(\d+)\]|\['([^'\\]+)'\]")

Key = str | int


def parse(path: str) -> list[Key]:
    """The keys and positions a path names, from the root. Raises Unsupported for what is no reference path."""
    text = path.removeprefix("$$" if path.startswith("$$") else "$")
    if not path.startswith("$"):
        raise Unsupported(f"{path!r} is not a path: it must begin with $")
    keys: list[Key] = []
    position = 0
    while position < len(text):
        match = _STEP.match(text, position)
        if match is None:
            raise Unsupported(f"{path!r} is not a reference path: only .name, ['name'] and [number] are known")
        name, number, quoted = match.groups()
        keys.append(int(number) if number is not None else name or quoted)
        position = match.end()
    return keys


def read(path: str, data: Any, context: Any, *, error: str = RUNTIME) -> Any:
    """What the path names in the data, or in the context for `$$`. Raises Fault of that name where there is nothing."""
    found = context if path.startswith("$$") else data
    for key in parse(path):
        try:
            found = _child(found, key)
        except (KeyError, IndexError) as missing:
            raise Fault(error, cause=f"The path {path!r} names nothing in the state's data.") from missing
    return found


def is_present(path: str, data: Any, context: Any) -> bool:
    """Whether the path names anything."""
    try:
        read(path, data, context)
    except Fault:
        return False
    return True


def write(path: str, data: Any, value: Any) -> Any:
    """A copy of the data that has `value` at the path; missing objects on the way are made."""
    return _written(data, parse(path), value, path)


def fill(template: Any, data: Any, context: Any) -> Any:
    """The template with each `"name.$": path` replaced by `"name"` and what the path names, or the function gives."""
    if isinstance(template, dict):
        filled: dict[str, Any] = {}
        for key, value in cast("dict[str, Any]", template).items():
            if key.endswith(".$"):
                filled[key[:-2]] = _named(value, data, context)
            else:
                filled[key] = fill(value, data, context)
        return filled
    if isinstance(template, list):
        return [fill(item, data, context) for item in cast("list[Any]", template)]
    return template


def check(template: Any) -> None:
    """Raises Unsupported for a template with a path that `read` does not know."""
    if isinstance(template, dict):
        for key, value in cast("dict[str, Any]", template).items():
            if key.endswith(".$"):
                for path in intrinsics.paths_of(intrinsics.parse(value)) if intrinsics.is_call(value) else [value]:
                    parse(path)
            else:
                check(value)
    elif isinstance(template, list):
        for item in cast("list[Any]", template):
            check(item)


def _named(value: str, data: Any, context: Any) -> Any:
    def read_path(path: str) -> Any:
        return read(path, data, context, error=PARAMETERS)

    return intrinsics.evaluate(intrinsics.parse(value), read_path) if intrinsics.is_call(value) else read_path(value)


def _child(parent: Any, key: Key) -> Any:
    if isinstance(key, int):
        if isinstance(parent, list):
            return cast("list[Any]", parent)[key]
    elif isinstance(parent, dict):
        return cast("dict[str, Any]", parent)[key]
    raise KeyError(key)


def _written(data: Any, keys: Sequence[Key], value: Any, path: str) -> Any:
    if not keys:
        return value
    key, rest = keys[0], keys[1:]
    if isinstance(key, str) and isinstance(data, dict):
        object_ = cast("dict[str, Any]", data)
        return {**object_, key: _written(object_.get(key, {}), rest, value, path)}
    if isinstance(key, int) and isinstance(data, list):
        items = cast("list[Any]", data)
        if key < len(items):
            return [*items[:key], _written(items[key], rest, value, path), *items[key + 1 :]]
    raise Fault(RESULT_PATH, cause=f"The path {path!r} does not fit the state's data.")
