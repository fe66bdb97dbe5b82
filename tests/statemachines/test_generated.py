"""Machines that nobody wrote: our runner and moto's interpreter do the same with each.

Where they part, and the States Language (https://states-language.net/spec.html) is with ours:
- A path of Parameters or ResultSelector that names nothing is States.ParameterPathFailure, a ResultPath that does not
  fit is States.ResultPathMatchFailure ("Appendix A"); moto calls both `Exception`, or by the name of Python's error.
- A Choice without a rule that holds and without Default is States.NoChoiceMatched ("Choice State"); moto: `Exception`.
- A rule whose Variable names nothing fails the execution in Step Functions, unless it asks IsPresent; moto takes the
  rule for false.
- A comparison of two kinds of values is false ("Data-test Expression"); moto raises TypeError where the second comes by
  a path. So generated machines compare with numbers there.
So of an execution that ends in a fault of its data only what came before the fault is compared.
"""

from hypothesis import HealthCheck, given, settings
from tests.statemachines.generated import Scene, scenes
from tests.statemachines.runners import Local, Ran, StepFunctions
from tests.statemachines.scripts import Script

TOO = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]


@settings(max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=TOO)
@given(scenes())
def test_a_generated_machine_does_the_same_on_both_runners(moto: StepFunctions, scene: Scene) -> None:
    theirs = moto.run(scene.definition, scene.data, Script({"": scene.outcomes}))
    ours = Local().run(scene.definition, scene.data, Script({"": scene.outcomes}))
    if _has_faulty_data(ours):
        assert (theirs.entered[: len(ours.entered)], theirs.events[: len(ours.events)]) == (ours.entered, ours.events)
        last, _ = ours.entered[-1]
        assert theirs.status == "failed" or scene.definition["States"][last]["Type"] == "Choice"
    else:
        assert theirs == ours


def _has_faulty_data(ran: Ran) -> bool:
    return ran.status == "failed" and ran.output["Error"].startswith("States.")
