"""Folders and buckets that workspaces follow, and where their files lie."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import BinaryIO, Protocol

from kosha.model.page import Page, PageOf
from kosha.model.source import Entry, Source, SourceFile


class Sources(Protocol):
    """The folders and buckets that workspaces follow, and what is known of their files."""

    def add(self, source: Source) -> None:
        """Keep a new one; nothing happens where it is kept."""
        ...

    def get(self, workspace_id: str, source_id: str) -> Source:
        """Raises NotFound, also for a source of another workspace."""
        ...

    def of(self, workspace_id: str, page: PageOf) -> Page[Source]:
        """Newest first."""
        ...

    def replace(self, old: Source, new: Source) -> bool:
        """Write `new` if no look was begun since `old`; False where one was, or the source is gone."""
        ...

    def remove(self, workspace_id: str, source_id: str) -> None:
        """Forget it with what is known of its files; nothing happens where it is gone."""
        ...

    def files(self, source_id: str, paths: Sequence[str]) -> dict[str, SourceFile]:
        """What is known of these paths; one that is new is left out."""
        ...

    def unseen(self, source_id: str, sync: int, limit: int) -> list[SourceFile]:
        """Files that this look has not seen, by their paths."""
        ...

    def count(self, source_id: str) -> int:
        """How many files are known."""
        ...

    def keep_files(self, source_id: str, files: Sequence[SourceFile]) -> None:
        """Keep what is known of files, in the place of what was; nothing happens where the source is gone."""
        ...

    def forget_files(self, source_id: str, paths: Sequence[str]) -> None:
        """Know them no more."""
        ...


class Place(Protocol):
    """Where files lie that a workspace can follow: the folders of a machine, or buckets."""

    def why_not(self, location: str) -> str | None:
        """Why a location cannot be followed; None where it can."""
        ...

    def entries(self, location: str, after: str) -> Iterator[Entry]:
        """Files below it whose paths stand behind `after`, by their paths. Raises Rejected, Unavailable."""
        ...

    def open(self, location: str, path: str) -> AbstractContextManager[BinaryIO]:
        """The bytes of a file. Raises NotFound where it is gone, Rejected where it may not be read."""
        ...
