"""`make emulator`: an AWS on this machine for as long as it runs, on which docs/deploy.md can be rehearsed."""

import json
import shlex
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stacks.outputs import outputs

from emulated import emulator as aws
from emulated import origin
from emulated.deployment import QUIET, STAGE
from emulated.run import behind_origin, client, started

ENVIRONMENT = Path("build", "emulator.env")
KNOWN_SECONDS = 2.0  # as long, the last deployment that was found is taken for the one that is there


class Deployments:
    """What the emulator has deployed at the moment."""

    def __init__(self, emulator: aws.Emulator) -> None:
        self._emulator = emulator
        self._found: tuple[float, origin.Behind] | None = None

    def __call__(self) -> origin.Behind:
        """Where the origin finds it. Raises NotDeployed."""
        now = time.monotonic()
        if self._found is None or now - self._found[0] > KNOWN_SECONDS:
            told = outputs(client(self._emulator, "cloudformation"), STAGE)
            if not {"ApiUrl", "SocketUrl", "OriginSecretArn", "UserPoolId"} <= set(told):
                raise origin.NotDeployed(f"The stage {STAGE!r} is not deployed yet: make deploy STAGE={STAGE}")
            self._found = (now, behind_origin(self._emulator, told))
        return self._found[1]


def environment(emulator: aws.Emulator, told: Mapping[str, Any], url: str) -> dict[str, str]:
    """The variables by which the commands of the project find an emulator in place of AWS."""
    return {
        **aws.CREDENTIALS,
        **QUIET,
        "AWS_ENDPOINT_URL": emulator.endpoint,
        "EMULATOR": json.dumps(told),
        "KOSHA_URL": url,
    }


def main(written: Path) -> None:
    """Run until Ctrl-C or SIGTERM; nothing is kept. written: the file that says how to reach it, for a shell."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="kosha-emulated-", ignore_cleanup_errors=True) as folder:
        try:
            _serve(Path(folder), written)
        except KeyboardInterrupt:
            print("The emulator has stopped, and nothing of it is kept.")
        finally:
            written.unlink(missing_ok=True)


def _serve(folder: Path, written: Path) -> None:
    print("Starting the emulator, PostgreSQL and a served Bedrock ...", flush=True)
    with started(folder) as (emulator, told), origin.serving(Deployments(emulator)) as url:
        lines = [f"export {name}={shlex.quote(value)}\n" for name, value in environment(emulator, told, url).items()]
        written.parent.mkdir(exist_ok=True)
        written.write_text("".join(lines), encoding="utf-8")
        print(f"In another terminal: source {written}")
        print(f"What is deployed there will be at {url}; functions write to {emulator.logs}", flush=True)
        signal.pause()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ENVIRONMENT)
