"""The end of a deployment's life; the last tests here, for nothing is left after them."""

import pytest
from emulated.run import Deployed, timed

STACKS = 5
pytestmark = pytest.mark.slow


def test_a_second_deployment_of_an_unchanged_tree_changes_nothing(deployment: Deployed) -> None:
    before = dict(deployment.outputs)
    with timed(deployment.took, "deploy again"):
        said = deployment.deployment.deploy()
    assert said.count("(no changes)") == STACKS
    assert deployment.outputs == before


def test_after_a_removal_nothing_is_left(deployment: Deployed) -> None:
    with timed(deployment.took, "destroy"):
        deployment.deployment.destroy()
    stacks = deployment.client("cloudformation").describe_stacks()["Stacks"]
    assert [stack["StackName"] for stack in stacks] == ["CDKToolkit"]
    assert deployment.client("dynamodb").list_tables()["TableNames"] == []
    assert deployment.client("lambda").list_functions()["Functions"] == []
