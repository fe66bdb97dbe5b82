"""The rules of a Choice state."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from kosha.adapters.local.asl import paths
from kosha.adapters.local.asl.faults import Unsupported

Rule = dict[str, Any]
Compare = Callable[[Any, Any], bool]

_ORDERS: dict[str, Compare] = {
    "Equals": lambda left, right: left == right,
    "LessThan": lambda left, right: left < right,
    "GreaterThan": lambda left, right: left > right,
    "LessThanEquals": lambda left, right: left <= right,
    "GreaterThanEquals": lambda left, right: left >= right,
}
_TYPES: dict[str, Callable[[Any], bool]] = {
    "IsNull": lambda value: value is None,
    "IsString": lambda value: isinstance(value, str),
    "IsBoolean": lambda value: isinstance(value, bool),
    "IsNumeric": lambda value: _number(value) is not None,
    "IsTimestamp": lambda value: _timestamp(value) is not None,
}


def holds(rule: Rule, data: Any, context: Any) -> bool:
    """Whether the rule is true of the data. A value of another type than the operator's makes it false."""
    if "And" in rule:
        return all(holds(part, data, context) for part in rule["And"])
    if "Or" in rule:
        return any(holds(part, data, context) for part in rule["Or"])
    if "Not" in rule:
        return not holds(rule["Not"], data, context)
    operator, operand = _operator(rule)
    if operator == "IsPresent":
        return paths.is_present(rule["Variable"], data, context) == operand
    value = paths.read(rule["Variable"], data, context)
    if operator in _TYPES:
        return _TYPES[operator](value) == operand
    if operator.endswith("Path"):
        operator, operand = operator.removesuffix("Path"), paths.read(operand, data, context)
    return _compare(operator, value, operand)


def check(rule: Rule) -> None:
    """Raises Unsupported for a rule that `holds` does not know."""
    for part in _parts(rule):
        check(part)
    if not {"And", "Or", "Not"}.isdisjoint(rule):
        return
    operator, operand = _operator(rule)
    paths.parse(rule["Variable"])
    if operator in _TYPES or operator == "IsPresent":
        return
    if operator.endswith("Path"):
        paths.parse(operand)
    _comparison(operator.removesuffix("Path"))


def _parts(rule: Rule) -> list[Rule]:
    inverted = [rule["Not"]] if "Not" in rule else []
    return [*rule.get("And", []), *rule.get("Or", []), *inverted]


def _operator(rule: Rule) -> tuple[str, Any]:
    names = [name for name in rule if name not in {"Variable", "Next", "Comment", "Assign"}]
    if len(names) != 1 or "Variable" not in rule:
        raise Unsupported(f"a choice rule has one Variable and one comparison; this has {sorted(rule)}")
    return names[0], rule[names[0]]


def _comparison(operator: str) -> tuple[Callable[[Any], Any], Compare]:
    """How an operator reads its operands, and how it compares them."""
    if operator == "StringMatches":
        return _string, _matches
    for prefix, kind in (("String", _string), ("Numeric", _number), ("Boolean", _boolean), ("Timestamp", _timestamp)):
        order = operator.removeprefix(prefix)
        if order != operator and order in _ORDERS and (prefix != "Boolean" or order == "Equals"):
            return kind, _ORDERS[order]
    raise Unsupported(f"no comparison is called {operator}")


def _compare(operator: str, value: Any, operand: Any) -> bool:
    kind, compare = _comparison(operator)
    left, right = kind(value), kind(operand)
    return left is not None and right is not None and compare(left, right)


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _number(value: Any) -> float | None:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _timestamp(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo is not None else None


def _matches(value: str, pattern: str) -> bool:
    r"""`*` stands for any characters, `\\*` for itself."""
    parts = re.split(r"(\\.|\*)", pattern)
    expression = "".join(".*" if part == "*" else re.escape(part.removeprefix("\\") or part) for part in parts)
    return re.fullmatch(expression, value, flags=re.DOTALL) is not None
