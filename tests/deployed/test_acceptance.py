"""The acceptance suite, unchanged, through the deployed gateways."""

import json
import os
import subprocess
import sys

import pytest

from emulated.run import ROOT, Deployed, timed

PATIENCE = "3"  # every function starts once, and two cores run them all
pytestmark = pytest.mark.slow


def test_the_whole_acceptance_suite_passes_through_the_deployed_gateways(deployment: Deployed) -> None:
    environment = {
        **os.environ,
        "KOSHA_TEST_URL": deployment.url,
        "KOSHA_TEST_TOKENS": json.dumps(deployment.tokens),
        "KOSHA_TEST_MODEL_PORT": str(deployment.model_port),
        "KOSHA_TEST_PATIENCE": PATIENCE,
    }
    with timed(deployment.took, "acceptance"):
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "tests/acceptance", "--tb=short", "-rs"],
            cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
