"""A real `cdk bootstrap`, `cdk deploy` and `cdk destroy` of the stage `emulated`."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emulated.emulator import ACCOUNT, REGION, ROOT, Emulator

CDK = ROOT / "stacks" / "node_modules" / ".bin" / "cdk"
STAGE = "emulated"
DEPLOY_SECONDS = 300
QUIET = {  # asks nobody on the network, and says nothing of Node's age
    "CDK_DISABLE_CLI_TELEMETRY": "true",
    "CDK_DISABLE_VERSION_CHECK": "1",
    "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1",
}


class Deployment:
    """The stacks in an emulator. `outputs`: what they print, by name, whichever stack it was."""

    def __init__(self, emulator: Emulator, told: Mapping[str, Any]) -> None:
        """told: what stacks/emulated.py is told of this machine."""
        self._emulator = emulator
        self.told = told
        self.outputs: dict[str, str] = {}

    def bootstrap(self) -> None:
        """Make what every deployment needs: a bucket for assets, and roles."""
        self._cdk("bootstrap", f"aws://{ACCOUNT}/{REGION}", cwd=self._emulator.folder)

    def deploy(self) -> str:
        """Synthesise and deploy every stack; returns what the command said."""
        outputs = self._emulator.folder / "outputs.json"
        said = self._cdk(
            "deploy", "--all", *self._application, "--require-approval", "never", "--method", "direct",
            "--outputs-file", str(outputs),
        )  # fmt: skip
        stacks: dict[str, dict[str, str]] = json.loads(outputs.read_text())
        self.outputs = {name: value for told in stacks.values() for name, value in told.items()}
        return said

    def destroy(self) -> None:
        """Delete every stack of the last deployment, with the data: the stage keeps none."""
        self._cdk("destroy", "--all", "--app", str(self._emulator.folder / "cdk.out"), "--force")

    @property
    def _application(self) -> list[str]:
        return [
            "--app", f"{sys.executable} app.py", "--output", str(self._emulator.folder / "cdk.out"),
            "-c", f"stage={STAGE}", "-c", f"emulator={json.dumps(self.told)}",
        ]  # fmt: skip

    def _cdk(self, command: str, *arguments: str, cwd: Path = ROOT) -> str:
        """What it said. Raises RuntimeError with the end of that."""
        environment = {**self._emulator.environment, **QUIET}
        log = self._emulator.logs / f"cdk-{command}.log"
        with log.open("w") as said:
            done = subprocess.run(
                [CDK, command, *arguments, "--ci", "--progress", "events", "--no-notices"],
                cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT,
                timeout=DEPLOY_SECONDS, check=False,
            )  # fmt: skip
        if done.returncode != 0:
            raise RuntimeError(f"cdk {command} ended with {done.returncode}:\n{log.read_text()[-6000:]}")
        return log.read_text()
