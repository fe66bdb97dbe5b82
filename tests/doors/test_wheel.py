"""The wheel, installed where nothing else of the repository is: it serves, UI and all, and says what is missing."""

import json
import subprocess
import sys
import sysconfig
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.target import clean_environment

ROOT = Path(__file__).parents[2]
RUNTIME = ROOT / ".venv"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as `make wheel` does."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([RUNTIME / "bin/hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT, check=True)
    return next(folder.glob("kosha-*.whl"))


@pytest.fixture(scope="module")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`kosha` of an environment with the wheel, and the packages it needs behind it."""
    home = tmp_path_factory.mktemp("empty") / "venv"
    venv.create(home, with_pip=False)
    python = home / "bin/python"
    install = ["install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run([RUNTIME / "bin/pip", "--python", python, *install], check=True)
    purelib = Path(sysconfig.get_path("purelib", vars={"base": str(home), "platbase": str(home)}))
    needed = sysconfig.get_path("purelib", vars={"base": str(RUNTIME), "platbase": str(RUNTIME)})
    (purelib / "needed.pth").write_text(f"{needed}\n")  # a plain path: the checkout's own path file is not read
    return home / "bin/kosha"


@pytest.fixture
def url(program: Path, tmp_path: Path) -> Iterator[str]:
    """A server of the wheel without model weights."""
    environment = {**clean_environment(), "KOSHA_MINILM_FOLDER": str(tmp_path), "KOSHA_FIND_LOCAL_MODELS": "false"}
    command = [program, "serve", "--port", "0", "--json", "--data", tmp_path / "data"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=tmp_path, env=environment)
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())["url"]
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


def read(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as reply:
        return reply.read().decode()


def test_the_wheel_needs_no_torch(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        metadata = next(archive.read(name).decode() for name in archive.namelist() if name.endswith("METADATA"))
    needs = [line for line in metadata.splitlines() if line.startswith("Requires-Dist")]
    assert needs
    plain = [line for line in needs if "extra ==" not in line]
    assert not [line for line in plain if "torch" in line or "sentence" in line or "minilm" in line]


def test_an_installed_wheel_serves_its_ui_and_guide_and_says_that_the_weights_are_missing(url: str) -> None:
    page = read(url)
    script = page.split('src="', 1)[1].split('"', 1)[0]
    assert len(read(f"{url}{script}")) > 10_000
    pages: list[Any] = json.loads(read(f"{url}/guide/index.json"))
    assert read(f"{url}{pages[0]['url']}").startswith("# ")
    health = json.loads(read(f"{url}/api/health"))
    assert health["status"] == "degraded"
    assert "all-MiniLM-L6-v2" in health["components"]["embeddings"]["detail"]


def test_the_wheel_runs_its_own_code_and_not_that_of_the_checkout(program: Path) -> None:
    told = subprocess.check_output([program.parent / "python", "-c", "import kosha; print(kosha.__file__)"], text=True)
    assert Path(told.strip()).is_relative_to(program.parents[1])
    assert sys.prefix not in told
