"""`make demo`: what somebody who only wants to look sees first."""

import subprocess
import sys

import pytest
from tests.acceptance.target import clean_environment

pytestmark = pytest.mark.slow
LIMIT_SECONDS = 120


def test_the_demonstration_brings_documents_in_and_answers_from_them_with_citations() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "kosha_local.demo"],
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "Everybody has 27 days of annual leave. [1]" in shown.stdout
    assert "[1] Brightwater Handbook.pdf, page 2" in shown.stdout
