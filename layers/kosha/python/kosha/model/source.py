"""A source: a folder or a bucket's prefix whose files a workspace follows."""

from typing import Annotated, Literal, NamedTuple

from pydantic import Field, StringConstraints

from kosha.model.record import Moment, Record, Request

SourceKind = Literal["folder", "s3"]
SourceStatus = Literal["waiting", "syncing", "ok", "error"]
Pattern = Annotated[str, StringConstraints(min_length=1, max_length=200)]
EVERY_MINUTES = 60


class SourceSettings(Request):
    """What a person says of a source. include, exclude: patterns of paths below the location, as `reports/*.pdf`."""

    kind: SourceKind
    location: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1024)]
    every_minutes: int = Field(default=EVERY_MINUTES, ge=1, le=60 * 24 * 31)
    include: Annotated[tuple[Pattern, ...], Field(max_length=50)] = ()
    exclude: Annotated[tuple[Pattern, ...], Field(max_length=50)] = ()


class SyncCounts(Record):
    """What one look at a source came to. skipped: files of kinds that are not read, too large or empty."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    skipped: int = 0


class Source(Record):
    """A source as it is kept. `syncs` counts the looks begun (a fence: an older look may write nothing any more).

    notes: sentences about what the last look had to leave out.
    """

    id: str
    workspace_id: str
    kind: SourceKind
    location: str
    every_minutes: int
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    status: SourceStatus = "waiting"
    status_reason: str | None = None
    documents: int = 0
    counts: SyncCounts = SyncCounts()
    notes: tuple[str, ...] = ()
    syncs: int = 0
    synced_at: Moment | None = None
    created_at: Moment


class Entry(NamedTuple):
    """A file as its place lists it. path: below the location, with slashes. mark: another when the file may be."""

    path: str
    size_bytes: int
    mark: str


class SourceFile(NamedTuple):
    """What is kept of a file between two looks. digest: SHA-256 of its bytes; sync: the look that saw it last.

    document_id: of the document made of it, also where a person has deleted that since.
    """

    path: str
    document_id: str
    mark: str
    digest: str
    sync: int
