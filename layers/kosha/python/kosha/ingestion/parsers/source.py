"""What every reader is given: the file to read, and where to note what it could not."""

import io
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import BinaryIO

from kosha.ingestion.parsers.hidden import HiddenText
from kosha.ingestion.parsers.ocr import Ocr
from kosha.model.section import ParseLimits


@dataclass(frozen=True, slots=True)
class Source:
    """A file under the name its owner knows it by: on disk, or in memory where it came inside another file.

    depth: how many files it lies inside of. ocr: None where text recognition is not installed.
    """

    content: Path | bytes
    file_name: str
    limits: ParseLimits = field(default_factory=ParseLimits)
    depth: int = 0
    ocr: Ocr | None = None

    @property
    def size_bytes(self) -> int:
        return len(self.content) if isinstance(self.content, bytes) else self.content.stat().st_size

    @property
    def extension(self) -> str:
        """ "Report.PDF" -> "pdf"; "" without one."""
        return extension_of(self.file_name)

    def open(self) -> BinaryIO:
        """Its bytes, for the caller to close."""
        return io.BytesIO(self.content) if isinstance(self.content, bytes) else self.content.open("rb")

    def head(self, count: int = 4096) -> bytes:
        """Its first bytes."""
        with self.open() as file:
            return file.read(count)

    def inner(self, file_name: str, content: bytes) -> "Source":
        """A file that lies inside this one."""
        return replace(self, content=content, file_name=file_name, depth=self.depth + 1)


def extension_of(file_name: str) -> str:
    """ "Report.PDF" -> "pdf"; "" without one."""
    return PurePath(file_name.strip()).suffix.removeprefix(".").lower()


@dataclass(slots=True)
class Notes:
    """What a reader found out besides text. `warn` keeps each sentence once and bounds their number.

    language: what the file itself says; the text decides before it.
    """

    pages: int | None = None
    language: str | None = None
    limit: int = 50
    hidden: HiddenText = field(default_factory=HiddenText)
    _warnings: dict[str, None] = field(default_factory=dict[str, None])
    _unheard: int = 0

    def warn(self, sentence: str) -> None:
        """Keep a sentence for the person who uploaded the file."""
        if sentence in self._warnings:
            return
        if len(self._warnings) < self.limit:
            self._warnings[sentence] = None
        else:
            self._unheard += 1

    @property
    def warnings(self) -> tuple[str, ...]:
        if self._unheard:
            return (*self._warnings, f"There were {self._unheard} more warnings of this kind.")
        return tuple(self._warnings)


def agree(count: int, one: str, many: str) -> str:
    """The word's form for so many things."""
    return one if count == 1 else many


def numbered(thing: str, numbers: Iterable[int], shown: int = 20) -> str:
    """ "Page 3", "Pages 3, 7 to 9", "Pages 1, 3, ... and 12 more": numbers from 1, rising."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1][1:] = [number]
        else:
            runs.append([number])
    words = [str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs]
    if len(words) == 1 and len(runs[0]) == 1:
        return f"{thing} {words[0]}"
    if len(words) > shown:
        words[shown:] = [f"and {sum(run[-1] - run[0] + 1 for run in runs[shown:])} more"]
    return f"{thing}s {', '.join(words)}"
