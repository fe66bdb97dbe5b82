"""Sections of one file on disk, in a file without a name that goes when it is forgotten, also by `kill -9`."""

import json
import os
import struct
import tempfile
import weakref
from collections.abc import Collection, Iterator
from pathlib import Path

from kosha.model.section import Section

_LENGTH = struct.Struct(">I")


class SectionSpool(Collection[Section]):
    """A collection that is iterated from disk, one section in memory at a time."""

    def __init__(self, folder: Path | None = None) -> None:
        self._file = tempfile.TemporaryFile(dir=folder, prefix="kosha-sections-")  # noqa: SIM115 - closed by _close
        self._close = weakref.finalize(self, self._file.close)
        self._count = 0

    def add(self, payload: bytes) -> None:
        """Keep a section as it came: JSON `[text, page, heading, kind]`."""
        self._file.write(_LENGTH.pack(len(payload)) + payload)
        self._count += 1

    def close(self) -> None:
        """Give the disk space back now."""
        self._close()

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Section]:
        self._file.flush()
        place = 0
        for _ in range(self._count):
            (length,) = _LENGTH.unpack(os.pread(self._file.fileno(), _LENGTH.size, place))
            text, page, heading, kind = json.loads(os.pread(self._file.fileno(), length, place + _LENGTH.size))
            yield Section(text, page, heading, kind)
            place += _LENGTH.size + length

    def __contains__(self, section: object) -> bool:
        return any(section == kept for kept in self)
