"""Small state machines of every kind of state that our runner knows, with steps that answer and fail."""

from typing import Any, NamedTuple

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from tests.statemachines.scripts import Raises

ERRORS = ("Unavailable", "Rejected", "ZeroDivisionError")
FOUND = ["$", "$.a", "$.b", "$.a.x", "$.c", "$.c[0]", "$['a']['x']"]
PATHS = st.sampled_from([*FOUND * 3, "$.none"])
RESULT_PATHS = st.sampled_from([None, "$", "$.r", "$.a", "$.a.r", "$.a.new.deep", "$.new.deep"])
LEAVES = st.sampled_from([0, 1, 2, 2.5, "", "text", True, False])
# What goes from state to state mostly has one shape, so that paths mostly find something.
DATA = st.fixed_dictionaries(
    {
        "a": st.fixed_dictionaries({"x": LEAVES, "r": LEAVES}),
        "b": LEAVES,
        "c": st.lists(LEAVES, min_size=1, max_size=2),
        "n": st.integers(0, 2),
    }
)
RESULTS = st.one_of(*[DATA] * 5, LEAVES)
OUTCOMES = st.one_of(RESULTS, RESULTS, st.sampled_from(ERRORS).map(Raises))
TEMPLATES = st.fixed_dictionaries(
    {"b": LEAVES, "c": st.just([1]), "n": st.just(1)},
    optional={"a.$": PATHS, "a": st.fixed_dictionaries({"r": LEAVES}, optional={"x.$": PATHS, "x": LEAVES})},
).filter(lambda template: not {"a", "a.$"} <= set(template))
CONTEXT = st.just({"name.$": "$$.Execution.Name", "state.$": "$$.State.Name"})
RULES = st.one_of(
    st.fixed_dictionaries({"Variable": PATHS, "NumericEquals": st.sampled_from([0, 1, 2.5])}),
    st.fixed_dictionaries({"Variable": PATHS, "NumericGreaterThan": st.just(1)}),
    st.fixed_dictionaries({"Variable": PATHS, "NumericLessThanEqualsPath": st.just("$.n")}),
    st.fixed_dictionaries({"Variable": PATHS, "StringEquals": st.just("text")}),
    st.fixed_dictionaries({"Variable": PATHS, "StringMatches": st.just("t*t")}),
    st.fixed_dictionaries({"Variable": PATHS, "BooleanEquals": st.booleans()}),
    st.fixed_dictionaries({"Variable": PATHS, "IsPresent": st.booleans()}),
    *(
        st.fixed_dictionaries({"Variable": PATHS, kind: st.booleans()})
        for kind in ("IsString", "IsNumeric", "IsBoolean", "IsNull")
    ),
)
CONDITIONS = st.one_of(
    RULES,
    RULES,
    RULES.map(lambda rule: {"Not": rule}),
    st.lists(RULES, min_size=1, max_size=2).map(lambda rules: {"And": rules}),
    st.lists(RULES, min_size=1, max_size=2).map(lambda rules: {"Or": rules}),
)
NAMES = st.sampled_from([["Unavailable"], ["Rejected", "Unavailable"], ["KoshaError"], ["ZeroDivisionError"]])
WILDCARDS = st.sampled_from([["States.TaskFailed"], ["States.ALL"]])


class Scene(NamedTuple):
    """A machine, what it is given, and what its tasks do in their order."""

    definition: dict[str, Any]
    data: Any
    outcomes: list[Any]


@st.composite
def scenes(draw: DrawFn) -> Scene:
    """Machines of one to four states before a Succeed and a Fail; they go forwards only, and so they end."""
    middle = draw(st.integers(1, 4))
    names = [*(f"S{number}" for number in range(middle)), "Good", "Bad"]
    states = {name: draw(_state(names[place + 1 :])) for place, name in enumerate(names[:middle])}
    states["Good"] = {"Type": "Succeed", **draw(_fields(InputPath=PATHS, OutputPath=PATHS))}
    states["Bad"] = draw(st.sampled_from([{"Type": "Fail"}, {"Type": "Fail", "Error": "E", "Cause": "of this"}]))
    outcomes = draw(st.lists(OUTCOMES, min_size=1, max_size=6))
    return Scene({"StartAt": "S0", "States": states}, draw(DATA), outcomes)


@st.composite
def _state(draw: DrawFn, later: list[str]) -> dict[str, Any]:
    following = st.sampled_from(later)
    kind = draw(st.sampled_from(["Task", "Task", "Pass", "Choice", "Wait"]))
    if kind == "Choice":
        rules = [{**rule, "Next": draw(following)} for rule in draw(st.lists(CONDITIONS, min_size=1, max_size=3))]
        default = {} if draw(st.integers(0, 5)) == 0 else {"Default": draw(following)}
        return {"Type": kind, "Choices": rules, **default, **draw(_fields(OutputPath=PATHS))}
    end = {"End": True} if draw(st.integers(0, 5)) == 0 else {"Next": draw(following)}
    through = draw(_fields(InputPath=PATHS, OutputPath=PATHS | st.none()))
    if kind == "Wait":
        return {"Type": kind, "Seconds": 0, **through, **end}
    worked = draw(_fields(Parameters=TEMPLATES | CONTEXT, ResultPath=RESULT_PATHS))
    if kind == "Pass":
        return {"Type": kind, **through, **worked, **draw(_fields(Result=RESULTS)), **end}
    task = {"Type": kind, "Resource": "${Task}", **end}
    if draw(st.booleans()):
        return {**task, **draw(_errors(later, NAMES | WILDCARDS))}
    return {**task, **through, **worked, **draw(_fields(ResultSelector=TEMPLATES)), **draw(_errors(later, NAMES))}


@st.composite
def _fields(draw: DrawFn, **fields: Any) -> dict[str, Any]:
    """Some of the fields."""
    return {name: draw(values) for name, values in fields.items() if draw(st.booleans())}


@st.composite
def _errors(draw: DrawFn, later: list[str], wanted: st.SearchStrategy[list[str]]) -> dict[str, Any]:
    """Retry and Catch. moto has names of its own for faults of the data, so wildcards are for tasks that have none."""
    entries = st.lists(wanted, min_size=1, max_size=3).map(_wildcard_last)
    retriers = [{"ErrorEquals": names, "MaxAttempts": draw(st.integers(0, 2))} for names in draw(entries)]
    catchers = [
        {"ErrorEquals": names, "Next": draw(st.sampled_from(later)), **draw(_fields(ResultPath=RESULT_PATHS))}
        for names in draw(entries)
    ]
    return draw(_fields(Retry=st.just(retriers), Catch=st.just(catchers)))


def _wildcard_last(wanted: list[list[str]]) -> list[list[str]]:
    """`States.ALL` stands in the last entry alone."""
    others = [names for names in wanted if names != ["States.ALL"]]
    return [*others, *([["States.ALL"]] if len(others) < len(wanted) else [])]
