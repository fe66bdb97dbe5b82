"""The acceptance suite, unchanged, through the deployed gateways."""

import pytest
from emulated.acceptance import use
from emulated.run import Deployed

pytestmark = pytest.mark.slow


def test_the_whole_acceptance_suite_passes_through_the_deployed_gateways(deployment: Deployed) -> None:
    done = use(deployment, shown=False)
    assert done.returncode == 0, done.stdout + done.stderr
