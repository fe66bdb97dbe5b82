"""Machines that nobody wrote: our runner and moto's interpreter do the same with each."""

from hypothesis import HealthCheck, given, settings
from tests.statemachines.generated import Scene, scenes
from tests.statemachines.runners import Local, StepFunctions
from tests.statemachines.scripts import Script

TOO = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]


@settings(max_examples=100, deadline=None, derandomize=True, database=None, suppress_health_check=TOO)
@given(scenes())
def test_a_generated_machine_does_the_same_on_both_runners(moto: StepFunctions, scene: Scene) -> None:
    theirs = moto.run(scene.definition, scene.data, Script({"": scene.outcomes}))
    assert Local().run(scene.definition, scene.data, Script({"": scene.outcomes})) == theirs
