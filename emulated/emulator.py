"""The emulator of AWS (ministack), IAM enforced, as a process of ours on a free port with a folder of its own."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parents[1]
PYTHON = ROOT / ".venv-emulator" / "bin" / "python"
REGION = "us-east-1"
ACCOUNT = "000000000000"
START_SECONDS = 60.0
STOP_SECONDS = 5.0  # it has nothing to save
CREDENTIALS = {  # the emulator's root, whom IAM lets do everything; functions have their own roles
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
}


class Emulator:
    """A running emulator. `environment` is what the command line of AWS and boto3 need to reach it."""

    def __init__(self, folder: Path, port: int, process: "subprocess.Popen[bytes]") -> None:
        self.folder = folder
        self.endpoint = f"http://127.0.0.1:{port}"
        self.process = process

    @property
    def environment(self) -> dict[str, str]:
        """Variables for whoever calls the emulator."""
        return {**clean_environment(), **CREDENTIALS, "AWS_ENDPOINT_URL": self.endpoint}

    @property
    def logs(self) -> Path:
        """A file for what each function printed, and `emulator.log`."""
        return self.folder / "logs"

    def throttle(self, *tables: str) -> None:
        """Have these tables answer that they are throttled, until the next call; see shim.py."""
        control = self.folder / "throttled"
        written = control.with_suffix(".new")
        written.write_text("\n".join(tables))
        written.replace(control)


@contextmanager
def running(folder: Path) -> Iterator[Emulator]:
    """An emulator that keeps everything it writes in `folder`. Raises RuntimeError where it does not come up."""
    logs, scratch = folder / "logs", folder / "tmp"
    for each in (logs, scratch):
        each.mkdir(parents=True)
    port = free_port()
    environment = {
        **clean_environment(),
        **CREDENTIALS,
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_REGION": REGION,
        "STATE_DIR": str(folder / "state"),
        "TMPDIR": str(scratch),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LAMBDA_WARM_TTL_SECONDS": "3600",
        "KOSHA_SHIM_FOLDER": str(folder),
    }
    with (logs / "emulator.log").open("wb") as log:
        process = subprocess.Popen(
            [PYTHON, Path(__file__).with_name("shim.py")],
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            cwd=folder, env=environment, start_new_session=True,
        )  # fmt: skip
    emulator = Emulator(folder, port, process)
    try:
        _wait_ready(emulator)
        yield emulator
    finally:
        _stop(process)


def clean_environment() -> dict[str, str]:
    """This environment without what a developer may have set for a cloud or a product of their own.

    Nor with what `make` tells a make below it: that one would speak of folders where its words are read.
    """
    ours = ("AWS_", "KOSHA_", "OPENAI_", "AZURE_", "CDK_", "LOCALSTACK_", "MINISTACK_", "MAKE", "MFLAGS")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def free_port() -> int:
    """A port of this machine that nobody has at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_ready(emulator: Emulator) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        with (
            suppress(urllib.error.URLError, ConnectionError),
            urllib.request.urlopen(f"{emulator.endpoint}/_ministack/health", timeout=5),
        ):
            return
        ended = emulator.process.poll()
        if ended is not None or time.monotonic() > deadline:
            told = (emulator.logs / "emulator.log").read_text(errors="replace")[-2000:]
            raise RuntimeError(f"The emulator did not come up (exit {ended}):\n{told}")
        time.sleep(0.05)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """End the emulator, and whatever is left in its group: functions are processes of it."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
