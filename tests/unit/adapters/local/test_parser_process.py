"""The sandbox that files are read in."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from kosha.adapters.local.parser_process import ParserProcess
from kosha.errors import Cancelled, Rejected, TooCostly, TooLarge
from kosha.model.section import ParseLimits, Section


@pytest.fixture
def parser() -> Iterator[ParserProcess]:
    with ParserProcess() as parser:
        yield parser


def never() -> bool:
    return False


def file(folder: Path, content: str | bytes = "# Leave\n\nYou have 25 days.") -> Path:
    path = folder / "upload"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def long(folder: Path) -> Path:
    """JSON Lines that take many seconds to read."""
    path = folder / "long"
    path.write_bytes(b'{"a": 1, "b": 2}\n' * 3_000_000)
    return path


def test_sections_and_findings_come_back(parser: ParserProcess, tmp_path: Path) -> None:
    found = parser.parse(file(tmp_path), "a.md", cancelled=never)
    assert list(found.sections) == [Section("Leave\n\nYou have 25 days.", heading="Leave")]
    assert list(found.sections) == list(found.sections)
    assert len(found.sections) == 1
    assert found.warnings == ()


def test_one_child_reads_many_files(parser: ParserProcess, tmp_path: Path) -> None:
    parser.parse(file(tmp_path), "a.md", cancelled=never)
    child = parser.process_id
    parser.parse(file(tmp_path), "b.txt", cancelled=never)
    assert parser.process_id == child is not None


def test_a_refusal_keeps_its_family_and_its_sentence_and_the_child(parser: ParserProcess, tmp_path: Path) -> None:
    parser.parse(file(tmp_path), "a.md", cancelled=never)
    child = parser.process_id
    with pytest.raises(Rejected, match="contains no text"):
        parser.parse(file(tmp_path, " \n"), "a.txt", cancelled=never)
    assert parser.process_id == child


def test_limits_are_kept_in_the_child(tmp_path: Path) -> None:
    with (
        ParserProcess(limits=ParseLimits(characters=10)) as parser,
        pytest.raises(TooLarge, match="more than 10 characters"),
    ):
        parser.parse(file(tmp_path, "far more than ten characters"), "a.txt", cancelled=never)


def test_a_file_that_takes_too_long_is_refused_and_the_next_one_read(tmp_path: Path) -> None:
    with ParserProcess(timeout_seconds=0.5) as parser:
        with pytest.raises(TooCostly, match=r"longer than 0\.5 seconds"):
            parser.parse(long(tmp_path), "a.json", cancelled=never)
        assert len(parser.parse(file(tmp_path), "a.md", cancelled=never).sections) == 1


def test_a_file_that_needs_too_much_memory_is_refused_and_the_next_one_read(tmp_path: Path) -> None:
    with ParserProcess(memory_bytes=80 * 2**20) as parser:
        with pytest.raises(TooCostly, match=r"more memory|could not be read"):
            parser.parse(file(tmp_path, '{"a": "' + "x" * 40_000_000 + '"}'), "a.json", cancelled=never)
        assert len(parser.parse(file(tmp_path), "a.md", cancelled=never).sections) == 1


def test_a_child_that_is_killed_costs_one_file(parser: ParserProcess, tmp_path: Path) -> None:
    def kill() -> bool:
        os.kill(parser.process_id or 0, signal.SIGSEGV)
        return False

    with pytest.raises(TooCostly, match="could not be read"):
        parser.parse(long(tmp_path), "a.json", cancelled=kill)
    assert len(parser.parse(file(tmp_path), "a.md", cancelled=never).sections) == 1


def test_a_child_that_died_between_files_is_replaced(parser: ParserProcess, tmp_path: Path) -> None:
    parser.parse(file(tmp_path), "a.md", cancelled=never)
    child = psutil.Process(parser.process_id)
    child.kill()
    child.wait(10)
    assert len(parser.parse(file(tmp_path), "a.md", cancelled=never).sections) == 1


def test_reading_is_stopped_on_a_persons_wish(parser: ParserProcess, tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        parser.parse(long(tmp_path), "a.json", cancelled=lambda: True)


def test_a_child_is_replaced_after_so_many_files(tmp_path: Path) -> None:
    with ParserProcess(max_files=2) as parser:
        children: list[int | None] = []
        for _ in range(3):
            parser.parse(file(tmp_path), "a.md", cancelled=never)
            children.append(parser.process_id)
        assert children[0] is not None
        assert children[1] is None
        assert children[2] not in (None, children[0])


def test_the_child_is_held_to_its_limits(parser: ParserProcess, tmp_path: Path) -> None:
    parser.parse(file(tmp_path), "a.md", cancelled=never)
    child = psutil.Process(parser.process_id)
    assert child.rlimit(psutil.RLIMIT_AS)[0] == 2**30
    assert child.rlimit(psutil.RLIMIT_FSIZE) == (0, 0)
    assert child.nice() >= 10
    assert set(child.environ()) <= {
        "LANG", "MALLOC_ARENA_MAX", "LC_CTYPE", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS",
    }  # fmt: skip
    assert child.cwd() == "/"


def test_threads_may_share_a_parser_and_end_before_it(parser: ParserProcess, tmp_path: Path) -> None:
    path = file(tmp_path)
    found: list[int] = []

    def read() -> None:
        found.append(len(parser.parse(path, "a.md", cancelled=never).sections))

    for _ in range(2):
        threads = [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [1] * 8


def test_the_child_dies_with_its_parent_even_while_it_reads(tmp_path: Path) -> None:
    script = """
import sys; sys.path[:] = sys.argv[1].split(":")
from pathlib import Path
from kosha.adapters.local.parser_process import ParserProcess
parser = ParserProcess()
said = False
def tell():
    global said
    if not said: print(parser.process_id, flush=True)
    said = True
    return False
parser.parse(Path(sys.argv[2]), "a.json", cancelled=tell)
"""
    with subprocess.Popen(
        [sys.executable, "-c", script, ":".join(filter(None, sys.path)), str(long(tmp_path))], stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
        assert child.wait(10) is not False
    assert not child.is_running()


def test_sections_lie_in_a_file_that_goes_when_they_are_forgotten(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    with ParserProcess(spool_folder=spool) as parser:
        found = parser.parse(file(tmp_path), "a.md", cancelled=never)
        assert list(spool.iterdir()) == []
        assert len(list(found.sections)) == 1
