"""`kosha backup` and `kosha restore`, and commands on a data directory that no server runs on."""

import json
import subprocess
import tarfile
import time
from pathlib import Path

import pytest
from tests.acceptance.target import clean_environment, program

from kosha.adapters.local.data_lock import holder_of

WAIT_SECONDS = 90
LEAVE = "Everybody has 25 days of annual leave in a year.\n"


def kosha(data: Path, *arguments: str, code: int = 0) -> "subprocess.CompletedProcess[str]":
    """A command on a data directory, to its end."""
    done = subprocess.run(
        [*program(), *arguments], capture_output=True, text=True, timeout=WAIT_SECONDS, env=environment(data)
    )
    assert done.returncode == code, f"{arguments} ended with {done.returncode}: {done.stderr}"
    return done


def environment(data: Path) -> dict[str, str]:
    """Names the data directory as a shell would."""
    return {**clean_environment(), "KOSHA_DATA": str(data), "KOSHA_FIND_LOCAL_MODELS": "false"}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with one document, made by commands alone."""
    folder = tmp_path_factory.mktemp("cli")
    (folder / "leave.md").write_text(LEAVE)
    kosha(folder / "data", "workspace", "create", "Handbook")
    kosha(folder / "data", "ingest", "--workspace", "Handbook", "--no-wait", str(folder / "leave.md"))
    return folder / "data"


@pytest.fixture(scope="module")
def backup(data: Path) -> Path:
    """A backup of it."""
    file = data.parent / "backup.tar"
    kosha(data, "backup", str(file))
    return file


def test_a_command_that_is_killed_takes_the_server_it_started_with_it(data: Path) -> None:
    command = [*program(), "ask", "--workspace", "Handbook", "How many days of annual leave are there?"]
    asking = subprocess.Popen(command, env=environment(data), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert asking.stdout is not None
    assert asking.stdout.read(1)
    asking.kill()
    asking.communicate()
    deadline = time.monotonic() + WAIT_SECONDS
    while holder_of(data) is not None:
        assert time.monotonic() < deadline, "the server is still there"
        time.sleep(0.05)


def test_a_backup_is_private_and_lists_what_it_holds(backup: Path) -> None:
    assert backup.stat().st_mode & 0o077 == 0
    with tarfile.open(backup) as tar:
        names = tar.getnames()
        manifest = tar.extractfile("manifest.json")
        assert manifest is not None
        listed = json.load(manifest)["files"]
    assert set(names) == {*listed, "manifest.json"}
    assert {"database.dump", "keys/signing.pem"} <= listed.keys()
    assert [name for name in names if name.startswith("blobs/") and name.endswith("/original")]


def test_what_was_restored_answers_as_before(backup: Path, data: Path, tmp_path: Path) -> None:
    told = json.loads(kosha(tmp_path / "new", "restore", str(backup), "--json").stdout)
    assert told["files"] > 0
    done = kosha(tmp_path / "new", "ask", "--workspace", "Handbook", "How many days of annual leave are there?")
    assert "25 days" in done.stdout
    token = kosha(data, "token", "--user", "admin").stdout.strip()
    assert token
    before, after = kosha(data, "user", "list", "--json"), kosha(tmp_path / "new", "user", "list", "--json")
    assert before.stdout == after.stdout


def test_a_directory_that_holds_something_is_left_alone(backup: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    done = kosha(tmp_path, "restore", str(backup), code=1)
    assert "not empty" in done.stderr
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert {path.name for path in tmp_path.iterdir()} <= {"mine.txt", "lock"}


@pytest.mark.parametrize("fault", ["changed", "cut", "other"])
def test_a_damaged_backup_puts_nothing_in_place(backup: Path, tmp_path: Path, fault: str) -> None:
    content = backup.read_bytes()
    damaged = {
        "changed": content.replace(LEAVE.encode(), LEAVE.upper().encode()),
        "cut": content[: len(content) // 2],
        "other": b"something else " * 100,
    }
    assert damaged[fault] != content
    (tmp_path / "damaged.tar").write_bytes(damaged[fault])
    done = kosha(tmp_path / "new", "restore", str(tmp_path / "damaged.tar"), code=1)
    assert "damaged.tar" in done.stderr
    assert {path.name for path in (tmp_path / "new").iterdir()} <= {"lock"}


def test_a_name_that_leads_out_of_the_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "evil").write_text("evil")
    with tarfile.open(tmp_path / "evil.tar", "w") as tar:
        tar.add(tmp_path / "evil", "blobs/../../evil")
    done = kosha(tmp_path / "new", "restore", str(tmp_path / "evil.tar"), code=1)
    assert "no backup of Kosha" in done.stderr


def test_there_is_nothing_to_back_up_where_nothing_is(tmp_path: Path) -> None:
    done = kosha(tmp_path / "none", "backup", str(tmp_path / "backup.tar"), code=1)
    assert "nothing to back up" in done.stderr
    assert not (tmp_path / "none").exists()
    assert not (tmp_path / "backup.tar").exists()
