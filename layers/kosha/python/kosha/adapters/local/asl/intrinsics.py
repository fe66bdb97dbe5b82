"""The intrinsic functions that the state machines use: `States.Array(...)` and `States.JsonToString(path)`."""

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from kosha.adapters.local.asl.faults import Unsupported

Read = Callable[[str], Any]

_TOKEN = re.compile(r"\s*(?:(States\.\w+)\s*\(|'((?:[^'\\]|\\.)*)'|(\$[^\s,()]*)|(-?\d+)|([,)]))")


def _to_text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "States.Array": lambda *items: list(items),
    "States.JsonToString": _to_text,
}


class Call(NamedTuple):
    """A function and what it is given: texts and numbers as they are, paths, and further calls."""

    function: str
    arguments: "list[Call | Path | str | int]"


class Path(NamedTuple):
    """A path of the state's data."""

    text: str


def is_call(text: str) -> bool:
    """Whether a value is meant as a function."""
    return text.startswith("States.")


def parse(text: str) -> Call:
    """The call that a text is. Raises Unsupported for functions that are not known here."""
    call, end = _call(text, 0)
    if text[end:].strip():
        raise Unsupported(f"{text!r} goes on after its function")
    return call


def evaluate(call: Call, read: Read) -> Any:
    """The value of a call; `read` gives what a path names."""
    return _FUNCTIONS[call.function](*(_value(argument, read) for argument in call.arguments))


def paths_of(call: Call) -> list[str]:
    """Every path that it needs."""
    inner = [path for argument in call.arguments if isinstance(argument, Call) for path in paths_of(argument)]
    return inner + [argument.text for argument in call.arguments if isinstance(argument, Path)]


def _value(argument: "Call | Path | str | int", read: Read) -> Any:
    if isinstance(argument, Call):
        return evaluate(argument, read)
    return read(argument.text) if isinstance(argument, Path) else argument


def _call(text: str, position: int) -> tuple[Call, int]:
    match = _token(text, position)
    function = match[1]
    if function not in _FUNCTIONS:
        raise Unsupported(f"{text!r} needs the function {function}; known are {', '.join(sorted(_FUNCTIONS))}")
    call, position = Call(function, []), match.end()
    while (match := _token(text, position))[5] != ")":
        if match[5] == ",":
            position = match.end()
        elif match[1]:
            inner, position = _call(text, position)
            call.arguments.append(inner)
        else:
            call.arguments.append(_argument(match))
            position = match.end()
    return call, match.end()


def _argument(match: re.Match[str]) -> Path | str | int:
    if match[3] is not None:
        return Path(match[3])
    return int(match[4]) if match[4] is not None else re.sub(r"\\(.)", r"\1", match[2])


def _token(text: str, position: int) -> re.Match[str]:
    match = _TOKEN.match(text, position)
    if match is None:
        raise Unsupported(f"{text!r} is no function that is known here")
    return match
