"""What the interpreter does not do as Step Functions does, it refuses by name, before anything runs."""

import json
from typing import Any

import pytest
from tests.statemachines.machines import task

from kosha.adapters.local.asl.faults import Unsupported
from kosha.adapters.local.asl.machine import load

END = {"Type": "Succeed"}


def _load(**states: dict[str, Any]) -> None:
    load("small", json.dumps({"StartAt": "First", "States": states}))


@pytest.mark.parametrize(
    ("state", "named"),
    [
        ({"Type": "Parallel", "Branches": [], "End": True}, "Parallel"),
        ({"Type": "Map", "ItemProcessor": {}, "End": True}, "Map"),
        (task(TimeoutSeconds=5), "TimeoutSeconds"),
        (task(HeartbeatSeconds=5), "HeartbeatSeconds"),
        (task(Assign={"x": 1}), "Assign"),
        (task(Resource="arn:aws:states:::lambda:invoke"), "Resource"),
        (task(Parameters={"x.$": "States.Format('{}', $.a)"}), "States.Format"),
        (task(Parameters={"x": [{"y.$": "$.a[*]"}]}), r"\$\.a\[\*\]"),
        (task(ResultPath="$..a"), r"\$\.\.a"),
        (task(Next="Nowhere"), "Nowhere"),
        ({"Type": "Task", "Resource": "${Task}"}, "Next or End"),
        (task(Retry=[{"ErrorEquals": ["A"], "Times": 3}]), "Times"),
        (task(Retry=[{"MaxAttempts": 3}]), "ErrorEquals"),
        (task(Retry=[{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["A"]}]), "States.ALL"),
        (task(Catch=[{"ErrorEquals": ["States.ALL", "A"], "Next": "First"}]), "States.ALL"),
        (task(Catch=[{"ErrorEquals": ["A"], "Next": "Nowhere"}]), "Nowhere"),
        ({"Type": "Wait", "End": True}, "how long"),
        ({"Type": "Wait", "Seconds": 1, "SecondsPath": "$.s", "End": True}, "how long"),
        ({"Type": "Choice", "Choices": [{"Variable": "$.a", "IsOdd": True, "Next": "First"}]}, "IsOdd"),
        ({"Type": "Choice", "Choices": [], "Default": "Nowhere"}, "Nowhere"),
    ],
)
def test_an_unknown_feature_is_refused_with_its_name_and_its_state(state: dict[str, Any], named: str) -> None:
    with pytest.raises(Unsupported, match=f"state First of small: .*{named}"):
        _load(First=state)


def test_jsonata_and_a_start_that_is_not_there_are_refused() -> None:
    with pytest.raises(Unsupported, match="JSONata"):
        load("m", json.dumps({"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": END}}))
    with pytest.raises(Unsupported, match="Nowhere"):
        load("m", json.dumps({"StartAt": "Nowhere", "States": {"A": END}}))
    with pytest.raises(Unsupported, match="TimeoutSeconds"):
        load("m", json.dumps({"StartAt": "A", "TimeoutSeconds": 9, "States": {"A": END}}))
