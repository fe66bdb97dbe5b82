"""The acceptance suite, unchanged, in a process of its own, through the gateways of a deployment."""

import json
import subprocess
import sys

from emulated.emulator import ROOT, clean_environment
from emulated.run import Deployed, timed

PATIENCE = "3"  # every function starts once, and they all run on this machine


def use(deployment: Deployed, *, shown: bool) -> "subprocess.CompletedProcess[str]":
    """Run it. shown: what it says goes to the terminal as it comes; else it is in the result."""
    environment = {
        **clean_environment(),
        "KOSHA_TEST_URL": deployment.url,
        "KOSHA_TEST_TOKENS": json.dumps(deployment.tokens),
        "KOSHA_TEST_MODEL_PORT": str(deployment.model_port),
        "KOSHA_TEST_PATIENCE": PATIENCE,
    }
    command = [sys.executable, "-m", "pytest", "tests/acceptance", "--tb=short", "-rs"]
    with timed(deployment.took, "acceptance"):
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=not shown, text=True, check=False)
