"""A data directory as one tar file: a dump of the database, the blobs it knows, keys, settings, and their hashes.

The order in the file is: database.dump, blobs/..., keys/..., kosha.toml, manifest.json, which lists all before it.
"""

import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any, cast

import psutil
from pydantic import BaseModel, ValidationError

from kosha.adapters.local.data_lock import LOCK_NAME, DataLock
from kosha.adapters.local.embedded_postgres import CLUSTER_NAME, EmbeddedPostgres, binaries_folder, dsn_of
from kosha.adapters.postgres.database import Connection, Database, one
from kosha.errors import Conflict, Rejected, Unavailable

FORMAT = 1
DUMP = "database.dump"
MANIFEST = "manifest.json"
KEPT = ("keys", "kosha.toml")  # beside blobs; everything else is the database's, or made again
PIECE_BYTES = 2**20
WORKPLACE = "backup-"  # of the process whose number follows


class Part(BaseModel):
    """One file of the archive."""

    size_bytes: int
    sha256: str


class Manifest(BaseModel):
    """What an archive holds, by name, and what made it."""

    format: int
    kosha: str
    created_at: str
    files: dict[str, Part]


def write(target: Path, data: Path, database: Database) -> Manifest:
    """Write the archive of a data directory whose database runs; `target` is whole or as it was.

    Raises Unavailable where the dump fails.
    """
    unfinished = target.with_name(f".{target.name}.unfinished")
    parts: dict[str, Part] = {}
    _remove_leftovers(data)
    prefix = f"{WORKPLACE}{os.getpid()}-"
    with tempfile.TemporaryDirectory(prefix=prefix, dir=data) as place, _private(unfinished) as raw:
        blobs = Path(place) / "blobs"
        _link_all(data / "blobs", blobs)
        documents = _dump(database, data, Path(place) / DUMP)
        _link_all(data / "blobs", blobs)  # what came between the first look and the dump
        with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as tar:
            _add(tar, Path(place) / DUMP, DUMP, parts)
            for path in _files(blobs):
                name = path.relative_to(blobs)
                if name.parts[:2] in documents:
                    _add(tar, path, f"blobs/{name.as_posix()}", parts)
            for path in (each for kept in KEPT for each in _files(data / kept)):
                _add(tar, path, path.relative_to(data).as_posix(), parts)
            now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
            manifest = Manifest(format=FORMAT, kosha=version("kosha"), created_at=now, files=parts)
            text = Path(place) / MANIFEST
            text.write_text(manifest.model_dump_json(indent=1))
            _add(tar, text, MANIFEST, {})
    unfinished.replace(target)
    _sync(target.parent)
    return manifest


def read(source: Path, data: Path) -> Manifest:
    """Make a data directory from an archive; it is there whole or not at all.

    Raises Conflict where the directory holds something, Rejected where the archive is damaged or none of ours.
    """
    lock = DataLock(data, holder="kosha restore")
    lock.acquire()
    try:
        if {each.name for each in data.iterdir()} - {LOCK_NAME}:
            raise Conflict(f"{data} is not empty. Restore into a directory that is empty or not there: --data DIR.")
        return _restored(source, data)
    finally:
        lock.release()


def _restored(source: Path, data: Path) -> Manifest:
    """Everything is made beside its place first; what a start looks for, the cluster, gets its name last."""
    place = Path(tempfile.mkdtemp(prefix="restoring-", dir=data))
    try:
        manifest = _unpack(source, place)
        with EmbeddedPostgres(place, holder="kosha restore"):
            dump = place / DUMP
            _run("pg_restore", "--exit-on-error", "--no-owner", "--single-transaction", "-d", dsn_of(place), str(dump))
        for name in ("blobs", *KEPT, CLUSTER_NAME):
            if (place / name).exists():
                (place / name).replace(data / name)
                _sync(data)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return manifest


def _remove_leftovers(data: Path) -> None:
    """What backups that were killed have left: second names of documents that may be deleted by now."""
    for place in data.glob(f"{WORKPLACE}*"):
        pid = place.name.split("-")[1]
        if pid.isdigit() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(place, ignore_errors=True)


def _dump(database: Database, data: Path, target: Path) -> set[tuple[str, ...]]:
    """Dump the database; returns (workspace id, document id) of every document that is in the dump."""

    def work(connection: Connection) -> set[tuple[str, ...]]:
        connection.execute("set transaction isolation level repeatable read, read only")
        snapshot = one(connection.execute("select pg_export_snapshot()").fetchone())
        options = ["--format=custom", "--no-owner", f"--snapshot={snapshot}", f"--file={target}"]
        _run("pg_dump", *options, "-d", dsn_of(data))
        rows = connection.execute("select workspace_id, id from kosha.documents").fetchall()
        return {(row[0], row[1]) for row in rows}

    return database.run(work)


def _run(program: str, *arguments: str) -> None:
    """One of PostgreSQL's programs from the wheel. Raises Unavailable with what it says."""
    environment = {"LC_ALL": "C", "TZ": "UTC"}
    done = subprocess.run(
        [str(binaries_folder() / program), *arguments], capture_output=True, text=True, env=environment
    )
    if done.returncode != 0:
        raise Unavailable(f"{program} failed: {done.stderr.strip()[-2000:]}")


def _link_all(source: Path, target: Path) -> None:
    """Give every file a second name, so that it stays while it is archived; one that goes meanwhile is let go."""
    for path in _files(source):
        link = target / path.relative_to(source)
        if not link.exists():
            link.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(path, link)
            except FileNotFoundError:
                continue
            except OSError:  # a file system without hard links
                shutil.copyfile(path, link)


def _files(path: Path) -> Iterator[Path]:
    """The file, or the files below the folder in order, without those being written."""
    if path.is_file():
        yield path
    for parent, folders, names in os.walk(path):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        yield from (Path(parent, name) for name in sorted(names) if not name.startswith("."))


def _add(tar: tarfile.TarFile, path: Path, name: str, parts: dict[str, Part]) -> None:
    info = tar.gettarinfo(str(path), name)
    info.mode, info.uid, info.gid, info.uname, info.gname = 0o600, 0, 0, "", ""
    info.type = tarfile.REGTYPE  # gettarinfo takes a second hard link for a reference to the first
    info.size = path.stat().st_size
    with path.open("rb") as file:
        hashing = _Hashing(file)
        tar.addfile(info, cast("IO[bytes]", hashing))
    parts[name] = Part(size_bytes=info.size, sha256=hashing.digest.hexdigest())


class _Hashing:
    """Reads on behalf of another and hashes what it reads."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """As a file's."""
        piece = self._file.read(size)
        self.digest.update(piece)
        return piece


def _unpack(source: Path, place: Path) -> Manifest:
    """Every file of the archive under `place`, each as its manifest says. Raises Rejected."""
    found: dict[str, Part] = {}
    manifest: Manifest | None = None
    try:
        with tarfile.open(source, mode="r:") as tar:
            for member in tar:
                content = tar.extractfile(member)
                if content is None or not _is_ours(member.name):
                    raise Rejected(f"{source} is no backup of Kosha: it holds {member.name!r}.")
                if member.name == MANIFEST:
                    manifest = Manifest.model_validate_json(content.read())
                else:
                    found[member.name] = _keep(content, place / member.name)
    except (tarfile.TarError, ValidationError, EOFError) as error:
        raise Rejected(f"{source} is no backup of Kosha, or is cut short: {_words(error)}.") from error
    if manifest is None:
        raise Rejected(f"{source} is cut short: its list of contents is missing. Use another backup.")
    if manifest.format != FORMAT:
        raise Rejected(f"{source} has format {manifest.format}, this Kosha reads {FORMAT}. Use the one that wrote it.")
    wrong = sorted(name for name in found | manifest.files if found.get(name) != manifest.files.get(name))
    if wrong:
        raise Rejected(f"{source} is damaged: {', '.join(wrong[:5])} ({len(wrong)} files) are not what was backed up.")
    return manifest


def _is_ours(name: str) -> bool:
    """Whether `write` gives such names; nothing that leads out of the folder is."""
    first, *others = name.split("/")
    return first in (DUMP, MANIFEST, "blobs", *KEPT) and all(part not in ("", ".", "..") for part in others)


def _keep(content: IO[bytes], path: Path) -> Part:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    hashing = _Hashing(content)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while piece := hashing.read(PIECE_BYTES):
            file.write(piece)
        size_bytes = file.tell()
        file.flush()
        os.fsync(file.fileno())
    return Part(size_bytes=size_bytes, sha256=hashing.digest.hexdigest())


@contextmanager
def _private(path: Path) -> Iterator[IO[bytes]]:
    """A file that only its owner reads, on the disk at the end; removed where something fails."""
    path.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _sync(folder: Path) -> None:
    """Make a rename in this folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _words(error: Any) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
