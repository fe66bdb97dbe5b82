"""The job's image keeps the rules of a good Dockerfile (hadolint's, as far as they matter here)."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "batch_jobs"


def _instructions() -> list[tuple[str, str]]:
    """Each instruction with its arguments; comments are left out, continued lines are joined."""
    lines = [line for line in (FOLDER / "Dockerfile").read_text().splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(name, arguments) for name, _, arguments in (line.partition(" ") for line in joined.splitlines() if line)]


INSTRUCTIONS = _instructions()
RUNS = [arguments for name, arguments in INSTRUCTIONS if name == "RUN"]


def _stages() -> dict[str, list[tuple[str, str]]]:
    """The instructions of each stage."""
    stages: dict[str, list[tuple[str, str]]] = {}
    for name, arguments in INSTRUCTIONS:
        if name == "FROM":
            stages[arguments.split(" AS ")[1]] = []
        elif stages:
            list(stages.values())[-1].append((name, arguments))
    return stages


def test_the_base_is_one_release_and_may_be_given_by_digest() -> None:
    base = next(arguments for name, arguments in INSTRUCTIONS if name == "ARG")
    assert re.fullmatch(r"BASE=\S+/python:3\.13\.\d+-slim-bookworm", base)
    assert [arguments for name, arguments in INSTRUCTIONS if name == "FROM"] == [
        "${BASE} AS light",
        "light AS unstructured",
    ]


@pytest.mark.parametrize("stage", ["light", "unstructured"])
def test_the_job_is_not_root(stage: str) -> None:
    assert [arguments for name, arguments in _stages()[stage] if name == "USER"][-1] == "job"


def test_nothing_is_installed_without_a_hash() -> None:
    installs = [command for run in RUNS for command in run.split(" && ") if "pip install" in command]
    assert installs
    for command in installs:
        assert "--no-cache-dir --no-deps" in command
        assert "--require-hashes" in command or command.rstrip().endswith(".whl")
    fetched = [arguments for name, arguments in INSTRUCTIONS if name == "ADD"]
    assert all(re.match(r"--checksum=sha256:[0-9a-f]{64} https://", arguments) for arguments in fetched)


def test_packages_of_the_system_leave_no_lists_behind() -> None:
    [run] = [run for run in RUNS if "apt-get" in run]
    assert "--no-install-recommends" in run
    assert run.endswith("rm -rf /var/lib/apt/lists/*")


def test_the_entry_point_is_no_shell() -> None:
    assert [arguments for name, arguments in INSTRUCTIONS if name in {"ENTRYPOINT", "CMD"}] == ['["python", "-m"]']


def test_every_file_that_is_copied_is_there_and_is_sent_to_docker() -> None:
    construct = (ROOT / "stacks" / "constructs" / "batch_job.py").read_text()
    for name, arguments in INSTRUCTIONS:
        if name == "COPY":
            source = arguments.split()[0]
            assert (ROOT / source).exists()
            sent = [each for each in re.findall(r'"!([\w./-]+)"', construct) if source.startswith(each)]
            assert sent, f"{source} is left out of what docker build is given"


@pytest.mark.parametrize("name", ["unstructured==0.27.32", "unstructured-inference==", "unstructured-pytesseract=="])
def test_what_reads_scans_is_pinned(name: str) -> None:
    pinned = (FOLDER / "requirements-batch.txt").read_text()
    assert re.search(rf"(?m)^{re.escape(name)}[^\n]*\\\n +--hash=sha256:", pinned)


@pytest.mark.parametrize("name", ["torch", "transformers", "opencv-python", "google-cloud-vision"])
def test_gigabytes_that_are_not_used_are_not_installed(name: str) -> None:
    entries = re.findall(rf"(?m)^{name}==.*$", (FOLDER / "requirements-batch.txt").read_text())
    assert all("sys_platform == 'never'" in entry for entry in entries)


def test_the_door_is_thin() -> None:
    assert len((FOLDER / "run_step.py").read_text().splitlines()) <= 60
