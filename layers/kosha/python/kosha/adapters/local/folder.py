"""Blobs in a folder of this machine: whole or not there, and on the disk before anybody is told so."""

import errno
import os
import shutil
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple, Self
from uuid import uuid4

from kosha.adapters.blob_keys import parts_of
from kosha.adapters.local.links import SignedLinks
from kosha.errors import Invalid, NotFound, TooLarge, Unavailable
from kosha.model.document import Document, Ticket

_UNFINISHED = ".unfinished"
_FULL = (errno.ENOSPC, errno.EDQUOT)


class Upload(NamedTuple):
    """What a ticket allows: one document's bytes, of one size and type."""

    workspace_id: str
    document_id: str
    key: str
    size_bytes: int
    content_type: str


class Download(NamedTuple):
    """What a link allows: one blob, under the name it is saved as."""

    key: str
    file_name: str
    content_type: str


class FolderBlobs:
    """Fits port `Blobs`. A key is a path below `folder`; one writer at a time is enough for a key."""

    def __init__(self, folder: Path, links: SignedLinks) -> None:
        self._folder = folder
        self._links = links

    def write(self, key: str, pieces: Iterable[bytes]) -> int:
        """Keep bytes, whole or not at all; returns their number. Raises Unavailable when the disk is full."""
        with self.incoming(key) as sink:
            for piece in pieces:
                sink.write(piece)
        return sink.size_bytes

    def incoming(self, key: str, *, size_bytes: int | None = None) -> "Incoming":
        """A place to write to; what was written is the blob once the context ends without an error.

        size_bytes: more than that raises TooLarge at once, less raises Invalid at the end; neither leaves anything.
        """
        target = self._path(key)
        return Incoming(self._folder / _UNFINISHED, target, size_bytes)

    def open(self, key: str) -> BinaryIO:
        """To read from the start. Raises NotFound."""
        try:
            return self._path(key).open("rb")
        except FileNotFoundError as error:
            raise NotFound("stored file", key) from error

    @contextmanager
    def file(self, key: str) -> Generator[Path]:
        """The blob itself: not to be written to. Raises NotFound."""
        path = self._path(key)
        if not path.is_file():
            raise NotFound("stored file", key)
        yield path

    def remove(self, prefix: str) -> None:
        """Forget the blob of that key, or every key below it."""
        path = self._path(prefix.removesuffix("/"))
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
            if path.exists():  # something was written meanwhile: once more, and now an error is one
                shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)

    def ticket(self, document: Document, *, key: str, seconds: int) -> Ticket:
        """Leave to PUT the document's bytes at a path of this server."""
        self._path(key)
        upload = Upload(document.workspace_id, document.id, key, document.size_in_bytes, document.content_type)
        token = self._links.token("upload", upload._asdict(), seconds=seconds)
        return Ticket(method="PUT", url=f"/upload/{token}", headers={"Content-Type": document.content_type})

    def link(self, key: str, *, file_name: str, content_type: str, seconds: int) -> str:
        """A path of this server at which the blob can be read for a while without a sign-in."""
        self._path(key)
        download = Download(key, file_name, content_type)
        return f"/download/{self._links.token('download', download._asdict(), seconds=seconds)}"

    def open_ticket(self, token: str) -> Upload:
        """What the token of an upload allows. Raises Forbidden."""
        claims = self._links.read("upload", token)
        return Upload(**{field: claims[field] for field in Upload._fields})

    def open_link(self, token: str) -> Download:
        """What the token of a download allows. Raises Forbidden."""
        claims = self._links.read("download", token)
        return Download(**{field: claims[field] for field in Download._fields})

    def clear_unfinished(self, *, older_than_seconds: float) -> None:
        """Remove what writers that were killed left behind."""
        oldest = time.time() - older_than_seconds
        for path in (self._folder / _UNFINISHED).glob("*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < oldest:
                    path.unlink()

    def _path(self, key: str) -> Path:
        return self._folder.joinpath(*parts_of(key))


class Incoming:
    """Bytes on their way into a blob. Blocks on the disk: call it from a thread where others wait."""

    def __init__(self, unfinished: Path, target: Path, expected_bytes: int | None) -> None:
        self.size_bytes = 0
        self._target = target
        self._expected_bytes = expected_bytes
        self._path = unfinished / uuid4().hex
        with _disk():
            unfinished.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("xb")

    def write(self, piece: bytes) -> None:
        """Append. Raises TooLarge beyond the expected size, Unavailable when the disk is full."""
        self.size_bytes += len(piece)
        if self._expected_bytes is not None and self.size_bytes > self._expected_bytes:
            raise TooLarge(f"More than the {self._expected_bytes} bytes came that were announced. Upload it again.")
        with _disk():
            self._file.write(piece)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.keep()
        finally:
            self.discard()

    def discard(self) -> None:
        """Forget what came; after `keep` nothing happens."""
        with suppress(OSError):  # closing writes what is buffered, which fails again on a full disk
            self._file.close()
        self._path.unlink(missing_ok=True)

    def keep(self) -> None:
        """Make it the blob: the bytes, the name and every new folder on the way are on the disk when this returns.

        Raises Invalid when fewer bytes came than were announced, Unavailable when the disk is full.
        """
        if self._expected_bytes is not None and self.size_bytes != self._expected_bytes:
            raise Invalid(f"{self.size_bytes} of {self._expected_bytes} bytes came. Upload it again.")
        with _disk():
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            _make_folder(self._target.parent)
            self._path.replace(self._target)
            _sync_folder(self._target.parent)


@contextmanager
def _disk() -> Generator[None]:
    """A full disk is the world's fault, and worth a clear word."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise Unavailable(
                "The disk is full, so the file could not be kept. Free some space on the server and try again."
            ) from error
        raise


def _make_folder(folder: Path) -> None:
    """Like mkdir -p, but every new folder is on the disk when it returns."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
