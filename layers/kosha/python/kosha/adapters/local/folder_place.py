"""Folders of this machine as places whose files are followed: below those that an administrator has named, only."""

import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from kosha.errors import NotFound, Rejected, Unavailable
from kosha.model.source import Entry

SETTING = "KOSHA_SOURCE_FOLDERS"


class FolderPlace:
    """Fits the port `Place`. allowed: folders that sources may lie in; links that lead out of them are not followed."""

    def __init__(self, allowed: Sequence[Path]) -> None:
        self._allowed = [folder.resolve() for folder in allowed]

    def why_not(self, location: str) -> str | None:
        """Why a folder cannot be followed; None where it can. What is told does not depend on what lies elsewhere."""
        if not self._allowed:
            return f"no folder of the server may be followed; its administrator can name some in {SETTING}"
        folder = _resolved(location)
        if folder is None or not self._is_allowed(folder):
            named = ", ".join(map(str, self._allowed))
            return f"{location!r} does not lie in a folder that may be followed; these may: {named}"
        return None if folder.is_dir() else f"{location!r} is no folder"

    def entries(self, location: str, after: str) -> Iterator[Entry]:
        """Files below it whose paths stand behind `after`, by their paths. Raises Rejected, Unavailable.

        What has a name that is no text in UTF-8 is left out: no record could keep it.
        """
        reason = self.why_not(location)
        if reason:
            raise Rejected(f"The folder cannot be followed: {reason}.")
        yield from self._below(Path(location).resolve(), "", after)

    @contextmanager
    def open(self, location: str, path: str) -> Generator[BinaryIO]:
        """The bytes of a file. Raises NotFound where it is gone, Rejected where it may not be read."""
        root = Path(location).resolve()
        file = (root / path).resolve()
        if not (self._is_allowed(root) and file.is_relative_to(root)):
            raise Rejected(f"{path!r} leads out of the folder that is followed.")
        try:
            with file.open("rb") as opened:
                yield opened
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            raise NotFound("file", path) from error
        except PermissionError as error:
            raise Rejected(f"{path!r} may not be read by the server. Let its user read it.") from error
        except OSError as error:
            raise Unavailable(f"{path!r} cannot be read now: {error.strerror}.") from error

    def _below(self, folder: Path, prefix: str, after: str) -> Iterator[Entry]:
        try:
            with os.scandir(folder) as found:
                # as the whole paths are ordered: what is in a folder stands where its name with a slash does
                children = sorted(filter(_is_text, found), key=_name)
        except OSError as error:
            raise Unavailable(f"The folder {folder} cannot be read now: {error.strerror}.") from error
        for child in children:
            name = prefix + _name(child)
            if child.name.startswith(".") or child.is_symlink():
                continue
            if child.is_dir():
                if after < name or after.startswith(name):
                    yield from self._below(Path(child.path), name, after)
            elif child.is_file() and name > after:
                try:
                    about = child.stat()
                except FileNotFoundError:  # it went since the folder was read
                    continue
                yield Entry(name, about.st_size, f"{about.st_mtime_ns}-{about.st_size}")

    def _is_allowed(self, folder: Path) -> bool:
        return any(folder.is_relative_to(allowed) for allowed in self._allowed)


def _is_text(child: "os.DirEntry[str]") -> bool:
    try:
        child.name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _name(child: "os.DirEntry[str]") -> str:
    return f"{child.name}/" if child.is_dir(follow_symlinks=False) else child.name


def _resolved(location: str) -> Path | None:
    try:
        folder = Path(location)
        return folder.resolve() if folder.is_absolute() else None
    except (OSError, ValueError):
        return None
