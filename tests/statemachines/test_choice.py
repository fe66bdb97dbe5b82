"""Every comparison of a Choice state."""

from typing import Any

import pytest

from kosha.adapters.local.asl.choice import check, holds
from kosha.adapters.local.asl.faults import Unsupported

DATA = {"n": 5, "s": "kosha", "t": True, "null": None, "time": "2026-11-20T10:00:00Z", "same": 5, "list": [1]}

HOLD = [
    ("n", "NumericEquals", 5),
    ("n", "NumericGreaterThan", 4),
    ("n", "NumericGreaterThanEquals", 5),
    ("n", "NumericLessThan", 5.5),
    ("n", "NumericLessThanEquals", 5),
    ("n", "NumericEqualsPath", "$.same"),
    ("s", "StringEquals", "kosha"),
    ("s", "StringLessThan", "z"),
    ("s", "StringMatches", "k*h?".replace("?", "*")),
    ("s", "StringMatches", "*"),
    ("t", "BooleanEquals", True),
    ("time", "TimestampEquals", "2026-11-20T11:00:00+01:00"),
    ("time", "TimestampGreaterThan", "2026-11-20T09:59:59.999Z"),
    ("null", "IsNull", True),
    ("n", "IsNull", False),
    ("n", "IsPresent", True),
    ("gone", "IsPresent", False),
    ("s", "IsString", True),
    ("n", "IsNumeric", True),
    ("t", "IsNumeric", False),
    ("t", "IsBoolean", True),
    ("time", "IsTimestamp", True),
    ("s", "IsTimestamp", False),
]
DO_NOT_HOLD = [
    ("n", "NumericEquals", 6),
    ("s", "NumericEquals", 5),
    ("t", "NumericEquals", 1),
    ("n", "StringEquals", "5"),
    ("s", "StringMatches", "k*x"),
    ("s", "StringMatches", r"\*"),
    ("t", "BooleanEquals", False),
    ("n", "BooleanEquals", True),
    ("s", "TimestampEquals", "2026-11-20T10:00:00Z"),
    ("list", "IsString", True),
]


def _rule(name: str, operator: str, operand: Any) -> dict[str, Any]:
    return {"Variable": f"$.{name}", operator: operand}


@pytest.mark.parametrize(("name", "operator", "operand"), HOLD)
def test_a_rule_holds(name: str, operator: str, operand: Any) -> None:
    check(_rule(name, operator, operand))
    assert holds(_rule(name, operator, operand), DATA, {})


@pytest.mark.parametrize(("name", "operator", "operand"), DO_NOT_HOLD)
def test_a_rule_does_not_hold(name: str, operator: str, operand: Any) -> None:
    check(_rule(name, operator, operand))
    assert not holds(_rule(name, operator, operand), DATA, {})


def test_rules_are_joined() -> None:
    yes, no = _rule("n", "NumericEquals", 5), _rule("n", "NumericEquals", 6)
    assert holds({"And": [yes, {"Not": no}]}, DATA, {})
    assert not holds({"And": [yes, no]}, DATA, {})
    assert holds({"Or": [no, yes]}, DATA, {})
    assert not holds({"Or": [no, no]}, DATA, {})


def test_a_star_may_be_meant() -> None:
    assert holds({"Variable": "$", "StringMatches": r"a\*b*"}, "a*bc", {})


@pytest.mark.parametrize(
    "rule",
    [
        {"Variable": "$.a", "NumericAlmostEquals": 1},
        {"Variable": "$.a", "BooleanLessThan": True},
        {"NumericEquals": 1},
        {"Variable": "$.a[*]", "NumericEquals": 1},
        {"Variable": "$.a", "NumericEquals": 1, "StringEquals": "x"},
        {"And": [{"Variable": "$.a", "Like": 1}]},
    ],
)
def test_a_rule_that_nobody_knows_is_refused(rule: dict[str, Any]) -> None:
    with pytest.raises(Unsupported):
        check(rule)
