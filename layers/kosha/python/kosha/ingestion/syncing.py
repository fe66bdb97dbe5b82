"""One look at a source, a slice at a time: what is new comes in, what changed comes anew, what is gone goes.

A file's intended document is kept before the document is made, so that a look that dies makes no file's document twice.
"""

import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from fnmatch import fnmatchcase
from itertools import islice
from typing import Any, NamedTuple
from uuid import uuid4

from kosha.errors import Cancelled, NotFound, Rejected
from kosha.ingestion import keys, parse, register, remove, renew, stream
from kosha.model.source import Entry, Source, SourceFile, SyncCounts
from kosha.model.workspace import Workspace
from kosha.ports import Place, Ports

SLICE_SECONDS = 10.0
BATCH = 100
_NOTES_AT_MOST = 20


class Look(NamedTuple):
    """How far a look has come. after: the last path that was seen. has_seen: whether there was any."""

    after: str = ""
    has_seen: bool = False
    is_listed: bool = False
    counts: SyncCounts = SyncCounts()
    notes: tuple[str, ...] = ()

    def wire(self) -> dict[str, Any]:
        """As a state machine carries it."""
        return {**self._asdict(), "counts": self.counts.wire(), "notes": list(self.notes)}

    @classmethod
    def of(cls, told: dict[str, Any] | None) -> "Look":
        """What `wire` made; a new look of nothing."""
        if told is None:
            return cls()
        counts = SyncCounts.model_validate(told["counts"])
        return cls(told["after"], told["has_seen"], told["is_listed"], counts, tuple(told["notes"]))


def advance(source: Source, workspace: Workspace, look: Look, ports: Ports) -> tuple[Look, bool]:
    """Work for about SLICE_SECONDS, a file at least: (how far it is now, whether that was all).

    Raises Cancelled where the source is gone or looked at anew, Rejected and Unavailable for its place.
    """
    work = _Slice(source, workspace, look, ports, ends=time.monotonic() + SLICE_SECONDS)
    is_all = work.run()
    _tell(source, work.look, ports, is_over=is_all)
    return work.look, is_all


def fail(source: Source, reason: str, ports: Ports) -> None:
    """Tell in the source why its look ended early. What came of it is kept."""
    ports.sources.replace(source, source.model_copy(update={"status": "error", "status_reason": reason}))


class _Slice:
    """The work of one slice. ends: when, by the monotonic clock."""

    def __init__(self, source: Source, workspace: Workspace, look: Look, ports: Ports, *, ends: float) -> None:
        self._source = source
        self._workspace = workspace
        self._ports = ports
        self._ends = ends
        self._place: Place = ports.place(source.kind)
        self._entries = self._place.entries(source.location, look.after)
        self._counts = Counter({name: getattr(look.counts, name) for name in SyncCounts.model_fields})
        self._notes = dict.fromkeys(look.notes)
        self._after = look.after
        self._has_seen = look.has_seen
        self._is_listed = look.is_listed

    @property
    def look(self) -> Look:
        """How far it is."""
        notes = tuple(self._notes)[:_NOTES_AT_MOST]
        return Look(self._after, self._has_seen, self._is_listed, SyncCounts(**self._counts), notes)

    def run(self) -> bool:
        """Work until the slice ends, a file at least; whether nothing is left to do."""
        while self._remove_some() if self._is_listed else self._take_some():
            if self._is_over():
                return False
        return True

    def _take_some(self) -> bool:
        """The next BATCH of what is there, as far as the slice's time goes; True, for after the last some may go."""
        batch = list(islice(self._entries, BATCH))
        if not batch:
            self._end_of_list()
            return True
        self._has_seen = True
        chosen = [entry for entry in batch if self._is_chosen(entry)]
        refused = {entry.path: reason for entry in chosen if (reason := self._refusal(entry))}
        known = self._intended([entry for entry in chosen if entry.path not in refused])
        settled: list[SourceFile] = []
        try:
            for entry in batch:
                if entry.path in refused:
                    self._skip(refused[entry.path])
                elif entry.path in known:
                    settled.append(self._settled(entry, known[entry.path]))
                self._after = entry.path
                if self._is_over():
                    break
        finally:  # a place that is away in the middle of a batch does not undo what was brought before
            self._ports.sources.keep_files(self._source.id, settled)
        return True

    def _remove_some(self) -> bool:
        """The documents of some files that are there no more; False when there is none."""
        gone = self._ports.sources.unseen(self._source.id, self._source.syncs, BATCH)
        removed: list[str] = []
        for file in gone:
            with suppress(NotFound):  # a person has deleted it
                document = self._ports.documents.get(self._workspace.id, file.document_id)
                remove.forget(document, self._workspace, self._ports)
            self._counts["removed"] += 1
            removed.append(file.path)
            if self._is_over():
                break
        self._ports.sources.forget_files(self._source.id, removed)
        return bool(gone)

    def _is_over(self) -> bool:
        return time.monotonic() >= self._ends

    def _end_of_list(self) -> None:
        """A place that holds nothing at all any more is rather not mounted than emptied: nothing is removed then."""
        if not self._has_seen and self._ports.sources.count(self._source.id):
            raise Rejected(
                f"{self._source.location!r} is empty now, and held files before: is it mounted? Nothing was removed. "
                "Delete the source if its files are gone for good."
            )
        self._is_listed = True

    def _is_chosen(self, entry: Entry) -> bool:
        """Whether the person's patterns take it."""
        source = self._source
        if any(fnmatchcase(entry.path, pattern) for pattern in source.exclude):
            return False
        return not source.include or any(fnmatchcase(entry.path, pattern) for pattern in source.include)

    def _refusal(self, entry: Entry) -> str | None:
        """Why it is not read, by its name and size; None where it is."""
        try:
            parse.accepts(entry.path, entry.size_bytes, limit_bytes=self._ports.limits.upload_bytes)
        except Rejected as error:
            return str(error)
        return None

    def _skip(self, reason: str) -> None:
        self._counts["skipped"] += 1
        self._notes[reason] = None

    def _intended(self, entries: Sequence[Entry]) -> dict[str, SourceFile]:
        """What is known of the files; of a new one, which document it is going to be."""
        known = self._ports.sources.files(self._source.id, [entry.path for entry in entries])
        new = [
            SourceFile(entry.path, str(uuid4()), "", "", self._source.syncs)
            for entry in entries
            if entry.path not in known
        ]
        self._ports.sources.keep_files(self._source.id, new)
        return known | {file.path: file for file in new}

    def _settled(self, entry: Entry, file: SourceFile) -> SourceFile:
        """The file after what it needed was done."""
        seen = file._replace(sync=self._source.syncs)
        if entry.mark == file.mark:
            self._counts["unchanged"] += 1
            return seen
        try:
            digest = self._digest(entry)
            if digest == file.digest:
                self._counts["unchanged"] += 1
                return seen._replace(mark=entry.mark)
            document_id = self._brought(entry, file)
        except Cancelled:
            raise
        except Rejected as error:  # it went or changed while we read it: the next look sees to it
            self._skip(str(error))
            return seen
        self._counts["changed" if file.digest else "added"] += 1
        return seen._replace(mark=entry.mark, digest=digest, document_id=document_id)

    def _digest(self, entry: Entry) -> str:
        with self._place.open(self._source.location, entry.path) as file:
            return stream.fingerprint(file).digest

    def _brought(self, entry: Entry, file: SourceFile) -> str:
        """The id of the document that the bytes were brought to. Raises Cancelled where the look is not wanted."""
        ports = self._ports
        _check(self._source, ports)
        try:
            document = ports.documents.get(self._workspace.id, file.document_id)
        except NotFound:  # it was never made, or a person has deleted it: an id is good for one life
            document = register.file_record(
                self._workspace,
                entry.path,
                entry.size_bytes,
                ports,
                id=str(uuid4()) if file.digest else file.document_id,
            )
        name = keys.FIRST if document.status == "awaiting" else renew.name_for(document.run + 1)
        with self._place.open(self._source.location, entry.path) as opened:
            ports.blobs.write(keys.version(document, name), stream.pieces(opened))
        register.arrived(document.workspace_id, document.id, ports, name)
        return document.id


def _check(source: Source, ports: Ports) -> None:
    """Raises Cancelled where the source is gone, perhaps with its workspace, or looked at anew."""
    try:
        kept = ports.sources.get(source.workspace_id, source.id)
    except NotFound as error:
        raise _not_wanted(source) from error
    if kept.syncs != source.syncs:
        raise _not_wanted(source)


def _tell(source: Source, look: Look, ports: Ports, *, is_over: bool) -> None:
    """Keep in the source how far it is. Raises Cancelled where it is gone or looked at anew."""
    told: dict[str, Any] = {
        "counts": look.counts,
        "notes": look.notes,
        "documents": ports.sources.count(source.id),
    }
    if is_over:
        told |= {"status": "ok", "status_reason": None, "synced_at": ports.now()}
    if not ports.sources.replace(source, source.model_copy(update=told)):
        raise _not_wanted(source)


def _not_wanted(source: Source) -> Cancelled:
    return Cancelled(f"{source.location!r} is followed no more, or looked at anew.")
