"""What the functions said of themselves, after all that the tests before did with them."""

import pytest
from emulated.run import Deployed

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "sign", ["AccessDenied", "is not authorized to", '"message":"bug"', '"message":"frame failed"']
)
def test_no_function_lacked_a_right_or_met_a_bug_of_ours(deployment: Deployed, sign: str) -> None:
    """IAM is enforced: each function has the rights of its own role, and no others."""
    logs = [*deployment.emulator.logs.glob("kosha-emulated-*.log")]
    assert len(logs) >= 10, "the tests before this one use every function"
    said = [line[:500] for log in logs for line in log.read_text(errors="replace").splitlines() if sign in line]
    assert said == []
