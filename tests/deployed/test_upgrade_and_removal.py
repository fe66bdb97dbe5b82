"""docs/deploy.md followed to the end of a deployment's life; the last tests here, for nothing is left after them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from emulated.deployment import STAGE
from emulated.emulator import ROOT, clean_environment
from emulated.rehearsal import environment
from emulated.run import Deployed, timed

STACKS = 5
PAGE = ROOT / "docs" / "deploy.md"
BLOCK = re.compile(r"^```\n(.*?)^```$", re.DOTALL | re.MULTILINE)
pytestmark = pytest.mark.slow


def rehearsed() -> list[str]:
    """The commands that docs/deploy.md gives for a rehearsal, block by block."""
    [section] = re.findall(r"^## Rehearse on the emulator\n(.*?)(?=^## |\Z)", PAGE.read_text("utf-8"), re.DOTALL | re.M)
    return BLOCK.findall(section)


def follow(blocks: list[str], deployment: Deployed, folder: Path) -> str:
    """Run them in one shell, as somebody does whose home is empty; what it said."""
    told = {
        **clean_environment(),
        **environment(deployment.emulator, deployment.deployment.told, deployment.url),
        "HOME": str(folder),
    }
    done = subprocess.run(
        ["bash", "-euxo", "pipefail", "-c", "\n".join(blocks)],
        cwd=ROOT, env=told, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-6000:]
    return said


def test_what_the_manual_says_can_be_followed_to_the_end_and_a_second_deployment_changes_nothing(
    deployment: Deployed, tmp_path: Path
) -> None:
    """The emulator of this deployment stands for `make emulator`, and its variables for the file that it writes."""
    start, enter, *rest = rehearsed()
    assert start == "make emulator\n"
    source, *entered = enter.splitlines()
    assert source == "source build/emulator.env"
    before = dict(deployment.outputs)
    with timed(deployment.took, "follow the manual"):
        said = follow(["\n".join(entered), *rest], deployment, tmp_path)
    unchanged = re.findall(rf"\(kosha-{STAGE}-\w+\) \(no changes\)", said)
    assert len(unchanged) == 2 * STACKS  # it was deployed before, and the manual deploys it twice
    assert f"UserPoolId {before['UserPoolId']}" in said
    assert "8080" in said
    assert "questions: 0 dead letters" in said
    assert f"Stands: kosha-{STAGE}-search, kosha-{STAGE}-foundation" in said
    assert said.count("gone: kosha-") == STACKS


def test_after_a_removal_nothing_is_left(deployment: Deployed) -> None:
    stacks = deployment.client("cloudformation").describe_stacks()["Stacks"]
    assert [stack["StackName"] for stack in stacks] == ["CDKToolkit"]
    assert deployment.client("dynamodb").list_tables()["TableNames"] == []
    assert deployment.client("lambda").list_functions()["Functions"] == []


def test_an_emulator_can_be_had_for_as_long_as_somebody_wants_it(tmp_path: Path) -> None:
    """What `make emulator` runs writes where it is, and takes that back when it is told to end."""
    written = tmp_path / "emulator.env"
    started = subprocess.Popen(
        [sys.executable, "-m", "emulated.rehearsal", str(written)],
        cwd=ROOT, env=clean_environment(), stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert started.stdout is not None
    try:
        assert any(line.startswith("What is deployed there") for line in started.stdout)
        assert "export AWS_ENDPOINT_URL=http://127.0.0.1:" in written.read_text("utf-8")
    finally:
        started.terminate()
        rest = started.communicate(timeout=60)[0]
    assert "nothing of it is kept" in rest
    assert not written.exists()
