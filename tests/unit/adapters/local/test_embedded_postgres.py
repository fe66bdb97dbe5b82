"""The embedded PostgreSQL against the real thing: real processes, real kills, real files."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

import kosha
from kosha.adapters.local.bounded_log import BoundedLog
from kosha.adapters.local.data_lock import DataLock, holder_of
from kosha.adapters.local.embedded_postgres import EmbeddedPostgres, binaries_folder, dsn_of
from kosha.adapters.local.postgres_identity import Identity, choose_identity, stand_ins
from kosha.adapters.local.postgres_leftovers import PID_FILE, processes_of
from kosha.errors import Conflict, Rejected, Unavailable

LIBRARY = str(Path(kosha.__file__).parents[1])
SERVE = """
import sys
from pathlib import Path
sys.path[:0] = {paths!r}
from kosha.adapters.local.embedded_postgres import EmbeddedPostgres
postgres = EmbeddedPostgres(Path(sys.argv[1]))
postgres.start()
print(postgres.pid, flush=True)
sys.stdin.read()
postgres.stop()
"""

MakePostgres = Callable[[Path], EmbeddedPostgres]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a stopped cluster that has three committed rows; initdb runs once for all tests."""
    folder = tmp_path_factory.mktemp("template") / "data"
    with EmbeddedPostgres(folder) as postgres:
        run(postgres.dsn, "create table notes as select * from (values ('a'), ('b'), ('c')) as rows(line)")
    return folder


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    """A data folder of this test's own, with the three rows."""
    shutil.copytree(template, tmp_path / "data", ignore=shutil.ignore_patterns("log", "lock", "run"))
    return tmp_path / "data"


@pytest.fixture
def make_postgres() -> Iterator[MakePostgres]:
    """Makes servers that are stopped after the test, whatever it did to them."""
    made: list[EmbeddedPostgres] = []

    def make(folder: Path) -> EmbeddedPostgres:
        made.append(EmbeddedPostgres(folder))
        return made[-1]

    yield make
    for postgres in made:
        postgres.stop()


def run(dsn: str, statement: str) -> list[tuple[object, ...]]:
    """One statement in its own connection, committed; the rows it gives."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def count_of_notes(dsn: str) -> object:
    return run(dsn, "select count(*) from notes")[0][0]


def serve(folder: Path, identity: Identity | None = None) -> tuple[subprocess.Popen[str], int]:
    """Another program with the data folder; returns it and the pid of its postmaster."""
    command = [sys.executable, "-c", SERVE.format(paths=[LIBRARY]), str(folder)]
    program = subprocess.Popen(
        command if identity is None else identity.command(command),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert program.stdout is not None
    return program, int(program.stdout.readline())


def kill(program: subprocess.Popen[str]) -> None:
    program.kill()
    program.communicate()


def test_a_new_folder_becomes_a_server_with_vectors_and_utf8(tmp_path: Path, make_postgres: MakePostgres) -> None:
    postgres = make_postgres(tmp_path / "data")
    postgres.start()
    run(postgres.dsn, "create extension vector")
    settings = run(postgres.dsn, "select current_setting('server_encoding'), lower('ÄÉЖ'), current_setting('fsync')")
    assert settings == [("UTF8", "äéж", "on")]


def test_it_listens_on_no_network_port(folder: Path, make_postgres: MakePostgres) -> None:
    postgres = make_postgres(folder)
    postgres.start()
    assert postgres.pid is not None
    assert psutil.Process(postgres.pid).net_connections("inet") == []


def test_nobody_else_may_enter_its_files_or_its_socket(folder: Path, make_postgres: MakePostgres) -> None:
    make_postgres(folder).start()
    assert [(folder / name).stat().st_mode & 0o777 for name in ("postgres", "run", "log")] == [0o700] * 3


def test_rows_are_there_after_stop_and_start(folder: Path, make_postgres: MakePostgres) -> None:
    postgres = make_postgres(folder)
    postgres.start()
    run(postgres.dsn, "insert into notes values ('d')")
    postgres.stop()
    assert not postgres.is_running()
    postgres.start()
    assert count_of_notes(postgres.dsn) == 4


def test_stopping_twice_and_starting_twice_do_nothing_more(folder: Path, make_postgres: MakePostgres) -> None:
    postgres = make_postgres(folder)
    postgres.stop()
    postgres.start()
    pid = postgres.pid
    postgres.start()
    assert postgres.pid == pid
    postgres.stop()
    postgres.stop()
    assert postgres.pid is None


def test_every_committed_row_survives_a_kill_of_the_postmaster(folder: Path, make_postgres: MakePostgres) -> None:
    postgres = make_postgres(folder)
    postgres.start()
    with psycopg.connect(postgres.dsn, autocommit=True) as busy:
        busy.execute("insert into notes select 'x' from generate_series(1, 1000)")
        assert postgres.pid is not None
        os.kill(postgres.pid, signal.SIGKILL)
        assert postgres.wait_dead(timeout_seconds=10)
        postgres.start()
    assert count_of_notes(postgres.dsn) == 1003


def test_a_backend_that_outlives_its_postmaster_is_no_obstacle(folder: Path, make_postgres: MakePostgres) -> None:
    postgres = make_postgres(folder)
    postgres.start()
    with psycopg.connect(postgres.dsn) as connection:
        backend = psutil.Process(connection.info.backend_pid)
        backend.suspend()  # so that it cannot see that the postmaster has gone
        assert postgres.pid is not None
        os.kill(postgres.pid, signal.SIGKILL)
        postgres.wait_dead()
        assert backend in processes_of(folder / "postgres")
        resume = threading.Timer(0.3, backend.resume)
        resume.start()
        postgres.start()
        assert backend not in processes_of(folder / "postgres")
        resume.join()


def test_it_dies_with_the_program_that_started_it(folder: Path, make_postgres: MakePostgres) -> None:
    program, pid = serve(folder)
    postmaster = psutil.Process(pid)
    kill(program)
    postgres = make_postgres(folder)
    postgres.start()
    assert postmaster not in processes_of(folder / "postgres")
    assert count_of_notes(postgres.dsn) == 3


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems cannot tie a child to its parent")
def test_a_killed_program_leaves_no_postgres_running(folder: Path) -> None:
    program, _ = serve(folder)
    kill(program)
    give_up_at = time.monotonic() + 20
    while processes_of(folder / "postgres") and time.monotonic() < give_up_at:
        os.sched_yield()
    assert processes_of(folder / "postgres") == []


def test_a_postmaster_that_was_left_running_is_replaced(folder: Path, make_postgres: MakePostgres) -> None:
    first, second = make_postgres(folder), make_postgres(folder)
    first.start()
    first._lock.release()  # as if its program had died, where the system does not take the child along
    second.start()
    assert not first.is_running()
    assert count_of_notes(second.dsn) == 3


def test_it_outlives_the_thread_that_started_it(folder: Path, make_postgres: MakePostgres) -> None:
    postgres = make_postgres(folder)
    starter = threading.Thread(target=postgres.start)
    starter.start()
    starter.join()
    assert not postgres.wait_dead(timeout_seconds=0.3)
    assert count_of_notes(postgres.dsn) == 3


def test_a_ctrl_c_in_the_terminal_does_not_reach_it(folder: Path, make_postgres: MakePostgres) -> None:
    postgres = make_postgres(folder)
    postgres.start()
    assert postgres.pid is not None
    assert os.getpgid(postgres.pid) != os.getpgid(0)


@pytest.mark.parametrize("whole", [True, False], ids=["whole", "cut short"])
def test_a_stale_pid_file_that_names_a_living_process_is_no_obstacle(
    folder: Path, make_postgres: MakePostgres, whole: bool
) -> None:
    postgres = make_postgres(folder)
    postgres.start()
    pid_file = folder / "postgres" / PID_FILE
    socket_lock = folder / "run" / ".s.PGSQL.5432.lock"
    before = pid_file.read_text().splitlines()
    assert postgres.pid is not None
    os.kill(postgres.pid, signal.SIGKILL)
    postgres.wait_dead()
    with subprocess.Popen(["sleep", "60"]) as stranger:
        pid_file.write_text("\n".join([str(stranger.pid), *(before[1:] if whole else [])]) + "\n")
        socket_lock.write_text(f"{stranger.pid}\n")
        postgres.start()
        assert stranger.poll() is None
        stranger.kill()
    assert count_of_notes(postgres.dsn) == 3


def test_a_half_made_cluster_is_made_again(tmp_path: Path, make_postgres: MakePostgres) -> None:
    unfinished = tmp_path / "data" / "postgres.unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("1")
    postgres = make_postgres(tmp_path / "data")
    postgres.start()
    assert run(postgres.dsn, "select 1") == [(1,)]
    assert not unfinished.exists()


def test_a_second_program_is_refused_and_told_who_has_the_folder(folder: Path, make_postgres: MakePostgres) -> None:
    program, pid = serve(folder)
    assert holder_of(folder) == program.pid
    with pytest.raises(Conflict, match=rf"Another kosha serve \(pid {program.pid}\) already uses .*choose another"):
        make_postgres(folder).start()
    assert psutil.pid_exists(pid)
    kill(program)
    assert holder_of(folder) is None


def test_a_lock_is_free_again_when_released(tmp_path: Path) -> None:
    first, second = DataLock(tmp_path, holder="kosha ask"), DataLock(tmp_path)
    first.acquire()
    first.acquire()
    with pytest.raises(Conflict, match="Another kosha ask"):
        second.acquire()
    first.release()
    second.acquire()
    second.release()


def test_a_folder_of_another_user_is_refused_with_a_reason(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    identity = choose_identity(binaries_folder() / "postgres", folder)
    if os.geteuid() == 0:
        os.chown(folder, 12345, 12345)
    folder.chmod(0o555)
    program = subprocess.Popen(
        identity.command([sys.executable, "-c", SERVE.format(paths=[LIBRARY]), str(folder)]),
        stderr=subprocess.PIPE,
        text=True,
    )
    assert "may not write" in program.communicate()[1]


def test_a_path_too_long_for_a_socket_works_and_others_find_the_server(
    folder: Path, tmp_path: Path, make_postgres: MakePostgres
) -> None:
    long = tmp_path / ("a rather 'long' name, " * 8)
    folder.rename(long)
    before = dsn_of(long)
    postgres = make_postgres(long)
    postgres.start()
    assert before == postgres.dsn
    assert count_of_notes(dsn_of(long)) == 3
    place = (long / "run").readlink()
    assert place.stat().st_mode & 0o777 == 0o700
    postgres.stop()
    place.rmdir()


def test_a_socket_folder_of_somebody_else_is_not_used(
    folder: Path, tmp_path: Path, make_postgres: MakePostgres
) -> None:
    long = tmp_path / ("x" * 150)
    folder.rename(long)
    make_postgres(long).start()
    place = (long / "run").readlink()
    make_postgres(long)
    (long / "run").unlink()
    place.rename(tmp_path / "place")
    place.symlink_to(tmp_path)
    try:
        with pytest.raises(Conflict):
            make_postgres(long).start()  # the folder is still locked by the first
        second = make_postgres(long)
        second._lock = DataLock(tmp_path / "elsewhere")
        with pytest.raises(Conflict, match="belongs to somebody else"):
            second.start()
    finally:
        place.unlink()


def test_a_cluster_of_another_version_is_refused(folder: Path, make_postgres: MakePostgres) -> None:
    (folder / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(Conflict, match=r"made by PostgreSQL 17.* carries 18"):
        make_postgres(folder).start()
    assert holder_of(folder) is None


def test_a_start_that_fails_shows_the_last_lines_of_the_log(folder: Path, make_postgres: MakePostgres) -> None:
    (folder / "postgres" / "global" / "pg_control").unlink()
    with pytest.raises(Unavailable, match=r"(?s)ended while starting.*pg_control"):
        make_postgres(folder).start()


def test_a_start_that_takes_too_long_is_given_up(folder: Path) -> None:
    postgres = EmbeddedPostgres(folder, start_timeout_seconds=0)
    with pytest.raises(Unavailable, match="not ready within 0 s"):
        postgres.start()
    assert not postgres.is_running()
    assert holder_of(folder) is None


def test_an_ordinary_user_can_run_it(folder: Path) -> None:
    identity = choose_identity(binaries_folder() / "postgres", folder)
    shutil.rmtree(folder / "postgres")  # so that initdb, too, runs as that user
    os.chown(folder, *identity.owner)
    program, pid = serve(folder, identity if os.geteuid() == 0 else None)
    assert run(dsn_of(folder), "select 1") == [(1,)]
    program.communicate()
    assert program.returncode == 0
    assert not psutil.pid_exists(pid)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs a stand-in")
def test_root_runs_it_where_namespaces_are_forbidden(template: Path) -> None:
    folder = Path(tempfile.mkdtemp(prefix="kosha-test-"))
    shutil.copytree(template / "postgres", folder / "postgres")
    ordinary = next(identity for identity in stand_ins(folder) if not identity.namespace)
    try:
        try:
            chosen = choose_identity(binaries_folder() / "postgres", folder, [ordinary])
        except Rejected:
            pytest.skip("this checkout lies where only root may go")
        with EmbeddedPostgres(folder, identity=chosen) as postgres:
            assert count_of_notes(postgres.dsn) == 3
            assert (folder / "postgres").stat().st_uid == ordinary.uid
        with EmbeddedPostgres(folder) as postgres:  # and back, should namespaces be allowed one day
            assert count_of_notes(postgres.dsn) == 3
    finally:
        shutil.rmtree(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs a stand-in")
def test_root_without_a_way_is_told_which_folder_is_in_it(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    (closed / "data").mkdir(parents=True)
    closed.chmod(0o700)
    ordinary = [identity for identity in stand_ins(closed / "data") if not identity.namespace]
    with pytest.raises(Rejected, match=r"may not enter: /.*Start kosha as an ordinary user"):
        choose_identity(binaries_folder() / "postgres", closed / "data", ordinary)


def test_the_log_never_outgrows_its_bound(tmp_path: Path) -> None:
    log = BoundedLog(tmp_path / "log" / "noise.log", limit_bytes=2000)
    with subprocess.Popen(["seq", "10000"], stdout=subprocess.PIPE) as noise:
        assert noise.stdout is not None
        log.follow(noise.stdout).join()
    assert log.tail().endswith("9999\n10000")
    assert sum(path.stat().st_size for path in (tmp_path / "log").iterdir()) <= 4000
