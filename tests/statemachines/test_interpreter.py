"""The interpreter does what the States Language says (https://states-language.net/spec.html)."""

import json
from typing import Any

import pytest
from tests.statemachines.machines import machine, play, task

from kosha.errors import Cancelled, LostLease, ModelUnavailable, NotFound, Unavailable


class Failing:
    """A task that raises each error once, then answers."""

    def __init__(self, *errors: Exception) -> None:
        self._errors = list(errors)
        self.given: list[Any] = []

    def __call__(self, given: Any) -> Any:
        self.given.append(given)
        if self._errors:
            raise self._errors.pop(0)
        return {"ok": True}


def test_a_task_is_given_its_input_and_its_result_is_the_output() -> None:
    played = play(machine(First=task()), {"n": 1}, task=lambda given: {"double": given["n"] * 2})
    assert (played.status, played.output) == ("succeeded", {"double": 2})


def test_states_follow_each_other() -> None:
    played = play(machine(First=task(Next="Second"), Second=task()), {"n": 1}, task=lambda given: {"n": given["n"] + 1})
    assert (played.states, played.output) == (["First", "Second"], {"n": 3})


@pytest.mark.parametrize(
    ("fields", "output"),
    [
        ({"ResultPath": None}, {"a": {"b": 1}}),
        ({"ResultPath": "$"}, {"r": 7}),
        ({"ResultPath": "$.a"}, {"a": {"r": 7}}),
        ({"ResultPath": "$.new.deep"}, {"a": {"b": 1}, "new": {"deep": {"r": 7}}}),
        ({"ResultSelector": {"only.$": "$.r"}}, {"only": 7}),
        ({"OutputPath": "$.r"}, 7),
        ({"OutputPath": None}, {}),
        ({"InputPath": "$.a", "ResultPath": "$.x"}, {"a": {"b": 1}, "x": {"r": 7}}),
        ({"ResultPath": "$.a", "OutputPath": "$.a.r"}, 7),
    ],
)
def test_what_a_task_leaves_behind(fields: dict[str, Any], output: Any) -> None:
    assert play(machine(First=task(**fields)), {"a": {"b": 1}}, task=lambda _: {"r": 7}).output == output


@pytest.mark.parametrize(
    ("fields", "given"),
    [
        ({}, {"a": {"b": [1, 2]}}),
        ({"InputPath": "$.a"}, {"b": [1, 2]}),
        ({"InputPath": None}, {}),
        (
            {"Parameters": {"x": 1, "y.$": "$.a.b[1]", "z": [{"all.$": "$"}]}},
            {"x": 1, "y": 2, "z": [{"all": {"a": {"b": [1, 2]}}}]},
        ),
        ({"InputPath": "$.a", "Parameters": {"b.$": "$.b"}}, {"b": [1, 2]}),
        (
            {"Parameters": {"name.$": "$$.Execution.Name", "state.$": "$$.State.Name"}},
            {"name": "run-1", "state": "First"},
        ),
        ({"Parameters": {"quoted.$": "$['a']['b']"}}, {"quoted": [1, 2]}),
    ],
)
def test_what_a_task_is_given(fields: dict[str, Any], given: Any) -> None:
    seen = Failing()
    play(machine(First=task(**fields)), {"a": {"b": [1, 2]}}, task=seen)
    assert seen.given == [given]


def test_a_pass_state_gives_its_result_or_its_input() -> None:
    assert play(
        machine(First={"Type": "Pass", "Result": {"r": 1}, "ResultPath": "$.x", "End": True}), {"a": 1}
    ).output == {
        "a": 1,
        "x": {"r": 1},
    }
    assert play(machine(First={"Type": "Pass", "Parameters": {"b.$": "$.a"}, "End": True}), {"a": 1}).output == {"b": 1}


def test_an_error_is_retried_after_growing_pauses() -> None:
    retry = [
        {
            "ErrorEquals": ["Unavailable"],
            "IntervalSeconds": 2,
            "BackoffRate": 3,
            "MaxAttempts": 4,
            "MaxDelaySeconds": 10,
        }
    ]
    failing = Failing(*[Unavailable("down")] * 4)
    played = play(machine(First=task(Retry=retry)), task=failing)
    assert (played.status, played.waits) == ("succeeded", [0, 2, 6, 10, 10])


def test_retries_end() -> None:
    retry = [{"ErrorEquals": ["Unavailable"], "MaxAttempts": 2}]
    played = play(machine(First=task(Retry=retry)), task=Failing(*[Unavailable("down")] * 9))
    assert (played.status, played.output["Error"], len(played.states)) == ("failed", "Unavailable", 3)


def test_three_retries_are_the_default_and_none_can_be_asked_for() -> None:
    assert (
        len(
            play(
                machine(First=task(Retry=[{"ErrorEquals": ["Unavailable"]}])), task=Failing(*[Unavailable("x")] * 9)
            ).states
        )
        == 4
    )
    never = [{"ErrorEquals": ["Unavailable"], "MaxAttempts": 0}, {"ErrorEquals": ["States.ALL"]}]
    assert len(play(machine(First=task(Retry=never)), task=Failing(Unavailable("x"))).states) == 1


def test_each_retrier_counts_for_itself_and_is_forgotten_when_the_state_is_left() -> None:
    retry = [{"ErrorEquals": ["Unavailable"], "MaxAttempts": 1}, {"ErrorEquals": ["NotFound"], "MaxAttempts": 1}]
    failing = Failing(Unavailable("x"), NotFound("thing", "1"), Unavailable("x"))
    assert play(machine(First=task(Retry=retry)), task=failing).status == "failed"
    again = Failing(Unavailable("x"))

    def twice(given: Any) -> Any:
        if len(again.given) == 2:
            again._errors.append(Unavailable("x"))
        return again(given)

    assert (
        play(machine(First=task(Retry=retry, Next="Second"), Second=task(Retry=retry)), task=twice).status
        == "succeeded"
    )


def test_jitter_is_drawn() -> None:
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 8, "JitterStrategy": "FULL"}]
    assert play(machine(First=task(Retry=retry)), task=Failing(KeyError("x"))).waits == [0, 4]


@pytest.mark.parametrize(
    ("wanted", "error", "is_caught"),
    [
        ("Unavailable", Unavailable("x"), True),
        ("Unavailable", ModelUnavailable("x"), False),
        ("ModelUnavailable", Unavailable("x"), False),
        ("Rejected", Cancelled("x"), False),
        ("Rejected", LostLease("x"), False),
        ("States.ALL", KeyError("x"), True),
        ("States.TaskFailed", KeyError("x"), True),
        ("LookupError", KeyError("x"), False),
        ("KeyError", KeyError("x"), True),
    ],
)
def test_errors_are_caught_by_their_very_name(wanted: str, error: Exception, is_caught: bool) -> None:
    catch = [{"ErrorEquals": [wanted], "Next": "Caught"}]
    played = play(machine(First=task(Catch=catch), Caught={"Type": "Succeed"}), task=Failing(error))
    assert (played.status == "succeeded") == is_caught


def test_a_catch_keeps_what_came_in_and_the_error_beside_it() -> None:
    catch = [{"ErrorEquals": ["NotFound"], "ResultPath": "$.error", "Next": "Caught"}]
    played = play(
        machine(First=task(Catch=catch), Caught={"Type": "Succeed"}), {"a": 1}, task=Failing(NotFound("cat", "7"))
    )
    assert played.output["a"] == 1
    assert played.output["error"]["Error"] == "NotFound"
    assert json.loads(played.output["error"]["Cause"])["errorMessage"].startswith("No cat '7'")


def test_retries_come_before_catches() -> None:
    both = {
        "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}],
    }
    played = play(machine(First=task(**both), Caught={"Type": "Succeed"}), task=Failing(KeyError("a"), KeyError("b")))
    assert played.states == ["First", "First", "Caught"]


def test_a_path_that_names_nothing_can_be_caught_where_it_is_a_parameter_only() -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]
    caught = {"Type": "Succeed"}
    assert play(machine(First=task(Parameters={"x.$": "$.no"}, Catch=catch), Caught=caught)).states == [
        "First",
        "Caught",
    ]
    played = play(machine(First=task(InputPath="$.no", Catch=catch), Caught=caught))
    assert (played.status, played.output["Error"]) == ("failed", "States.Runtime")


def test_a_result_that_fits_nowhere_fails_the_state() -> None:
    played = play(machine(First=task(ResultPath="$.a.b")), {"a": 1})
    assert played.output["Error"] == "States.ResultPathMatchFailure"
    catch = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Caught"}]
    played = play(machine(First=task(Catch=catch), Caught={"Type": "Succeed"}), [1], task=Failing(KeyError("x")))
    assert played.output["Error"] == "States.ResultPathMatchFailure"


@pytest.mark.parametrize(
    ("state", "seconds"),
    [
        ({"Seconds": 30}, 30),
        ({"SecondsPath": "$.seconds"}, 5),
        ({"Timestamp": "1970-01-12T13:46:50Z"}, 10),
        ({"TimestampPath": "$.moment"}, 20),
    ],
)
def test_a_wait_state_waits(state: dict[str, Any], seconds: float) -> None:
    data = {"seconds": 5, "moment": "1970-01-12T13:47:00+00:00"}
    played = play(machine(First={"Type": "Wait", "Next": "End", **state}, End={"Type": "Succeed"}), data)
    assert (played.waits, played.output) == ([0, seconds, 0], data)


def test_a_fail_state_tells_its_error() -> None:
    assert play(machine(First={"Type": "Fail", "Error": "E", "Cause": "C"})).output == {"Error": "E", "Cause": "C"}
    told = {"Type": "Fail", "ErrorPath": "$.error.Error", "CausePath": "$.error.Cause"}
    played = play(machine(First=told), {"error": {"Error": "E", "Cause": "C"}})
    assert (played.status, played.output) == ("failed", {"Error": "E", "Cause": "C"})


def test_a_choice_without_a_rule_that_holds_takes_its_default_or_fails() -> None:
    rule = {"Variable": "$.a", "NumericEquals": 2, "Next": "Two"}
    states = {"Two": {"Type": "Succeed"}, "Other": {"Type": "Succeed"}}
    chosen = {"Type": "Choice", "Choices": [rule], "Default": "Other"}
    assert play(machine(First=chosen, **states), {"a": 2}).states == ["First", "Two"]
    assert play(machine(First=chosen, **states), {"a": 1}).states == ["First", "Other"]
    played = play(machine(First={"Type": "Choice", "Choices": [rule]}, Two={"Type": "Succeed"}), {"a": 1})
    assert played.output["Error"] == "States.NoChoiceMatched"
    assert play(machine(First=chosen, **states), {}).output["Error"] == "States.Runtime"
