"""The inside of an old PowerPoint file: its records, and the texts of each slide (MS-PPT, Microsoft's description)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

_DOCUMENT, _SLIDE_ATOM = 0x03E8, 0x03EF
_LIST, _PERSIST_ATOM = 0x0FF0, 0x03F3
_TEXT_KIND, _WIDE, _NARROW, _REFERENCE = 0x0F9F, 0x0FA0, 0x0FA8, 0x0F9E
_EDIT, _DIRECTORY = 0x0FF5, 0x1772
_COMMENT, _CSTRING = 0x2EE0, 0x0FBA
_SHOW_INFO = 0x03F9
_ENCRYPTED_TOKEN = 0xF3D1C4DF
_TITLES = frozenset({0, 6})
_DEEPEST = 40
_MOST_EDITS = 10_000


class DamagedPptError(ValueError):
    """The file breaks its own rules."""


class EncryptedPptError(ValueError):
    """Protected by a password."""


@dataclass(frozen=True, slots=True)
class _Record:
    kind: int
    instance: int
    is_container: bool
    start: int  # of its content
    end: int


@dataclass(slots=True)
class Slide:
    """What stands on a slide. number: from 1. is_hidden: left out of the show."""

    number: int
    title: str = ""
    texts: list[str] = field(default_factory=list[str])
    notes: str = ""
    comments: list[str] = field(default_factory=list[str])
    is_hidden: bool = False


@dataclass(slots=True)
class _Entry:
    """A slide or a page of notes in the document's lists: where its record is, and its texts in outline."""

    persist: int
    number: int
    texts: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])


class PptFile:
    """Raises DamagedPptError or EncryptedPptError for what cannot be read."""

    def __init__(self, streams: dict[str, bytes]) -> None:
        try:
            self._content = streams["PowerPoint Document"]
            user = streams["Current User"]
            token, newest = struct.unpack_from("<II", user, 12)
            if token == _ENCRYPTED_TOKEN or "EncryptedSummary" in streams:
                raise EncryptedPptError
            self._places, document = self._directory(newest)
            root = self._record(self._places[document])
        except (KeyError, IndexError, struct.error) as error:
            raise DamagedPptError(str(error)) from error
        if root.kind != _DOCUMENT:
            raise DamagedPptError("no document where it should be")
        lists = [record for record in self._children(root) if record.kind == _LIST]
        self.entries = [entry for record in lists if record.instance == 0 for entry in self._entries(record)]
        notes = [entry for record in lists if record.instance == 2 for entry in self._entries(record)]
        self._notes = {entry.number: entry for entry in notes}

    def slides(self) -> Iterator[Slide]:
        """In the order of the show. Raises DamagedPptError where one is not where it should be."""
        for number, entry in enumerate(self.entries, start=1):
            yield self._slide(number, entry)

    def _slide(self, number: int, entry: _Entry) -> Slide:
        slide = Slide(number)
        try:
            root = self._record(self._places[entry.persist])
        except (KeyError, struct.error) as error:
            raise DamagedPptError(str(error)) from error
        notes_id = 0
        used: set[int] = set()
        texts: list[tuple[int, str]] = []
        for record in self._within(root, 0):
            if record.kind == _SLIDE_ATOM and record.end - record.start >= 20:
                (notes_id,) = struct.unpack_from("<I", self._content, record.start + 16)
            elif record.kind == _SHOW_INFO and record.end - record.start >= 12:
                slide.is_hidden = bool(self._content[record.start + 10] & 0x04)
            elif record.kind == _COMMENT:
                slide.comments.extend(self._comment(record))
        for kind, words, reference in self._said(root):
            if reference is not None:
                if reference < len(entry.texts):
                    used.add(reference)
                    texts.append(entry.texts[reference])
            else:
                texts.append((kind, words))
        missing = [text for index, text in enumerate(entry.texts) if index not in used]
        for kind, words in [*missing, *texts]:
            if kind in _TITLES and not slide.title:
                slide.title = words
            elif words.strip() not in ("", "*"):
                slide.texts.append(words)
        slide.notes = self._notes_of(notes_id)
        return slide

    def _notes_of(self, number: int) -> str:
        entry = self._notes.get(number)
        if entry is None or entry.persist not in self._places:
            return ""
        try:
            root = self._record(self._places[entry.persist])
        except struct.error:
            return ""
        said = (words for _, words, reference in self._said(root) if reference is None)
        return "\n".join(words for words in said if words.strip() not in ("", "*"))

    def _comment(self, record: _Record) -> Iterator[str]:
        """Its words: the author's name is the string numbered 0, the words are number 1."""
        for inner in self._children(record):
            if inner.kind == _CSTRING and inner.instance == 1:
                yield self._content[inner.start : inner.end].decode("utf-16-le", "replace")

    def _said(self, root: _Record) -> Iterator[tuple[int, str, int | None]]:
        """(kind of text, words, None) or (0, "", number of the text in the document's list) in order."""
        kind = 4
        for record in self._within(root, 0):
            if record.kind == _TEXT_KIND and record.end - record.start >= 4:
                (kind,) = struct.unpack_from("<I", self._content, record.start)
            elif record.kind in (_WIDE, _NARROW):
                yield kind, self._words(record), None
                kind = 4
            elif record.kind == _REFERENCE and record.end - record.start >= 4:
                yield 0, "", struct.unpack_from("<I", self._content, record.start)[0]

    def _entries(self, record: _Record) -> Iterator[_Entry]:
        entry: _Entry | None = None
        kind = 4
        for inner in self._children(record):
            if inner.kind == _PERSIST_ATOM and inner.end - inner.start >= 16:
                if entry:
                    yield entry
                persist, _, _, number = struct.unpack_from("<IIiI", self._content, inner.start)
                entry = _Entry(persist, number)
            elif inner.kind == _TEXT_KIND and entry and inner.end - inner.start >= 4:
                (kind,) = struct.unpack_from("<I", self._content, inner.start)
                entry.texts.append((kind, ""))
            elif inner.kind in (_WIDE, _NARROW) and entry and entry.texts:
                entry.texts[-1] = (kind, self._words(inner))
        if entry:
            yield entry

    def _words(self, record: _Record) -> str:
        codec = "utf-16-le" if record.kind == _WIDE else "latin-1"
        return (
            self._content[record.start : record.end].decode(codec, "replace").replace("\r", "\n").replace("\x0b", "\n")
        )

    def _directory(self, newest: int) -> tuple[dict[int, int], int]:
        """(places of the records by their number, the document's number), newer saves before older ones."""
        places: dict[int, int] = {}
        document: int | None = None
        at = newest
        for _ in range(_MOST_EDITS):
            edit = self._record(at)
            if edit.kind != _EDIT:
                raise DamagedPptError("no edit where it should be")
            older, directory, reference = struct.unpack_from("<III", self._content, edit.start + 8)
            if edit.end - edit.start >= 32:
                raise EncryptedPptError
            document = reference if document is None else document
            self._read_directory(self._record(directory), places)
            if not older or older == at:
                break
            at = older
        assert document is not None
        return places, document

    def _read_directory(self, record: _Record, places: dict[int, int]) -> None:
        if record.kind != _DIRECTORY:
            raise DamagedPptError("no directory where it should be")
        at = record.start
        while at + 4 <= record.end:
            (head,) = struct.unpack_from("<I", self._content, at)
            first, count = head & 0xFFFFF, head >> 20
            for index, (place,) in enumerate(struct.iter_unpack("<I", self._content[at + 4 : at + 4 + 4 * count])):
                places.setdefault(first + index, place)
            at += 4 + 4 * count

    def _record(self, at: int) -> _Record:
        head, kind, size = struct.unpack_from("<HHI", self._content, at)
        return _Record(kind, head >> 4, head & 0xF == 0xF, at + 8, min(at + 8 + size, len(self._content)))

    def _children(self, record: _Record) -> Iterator[_Record]:
        at = record.start
        while at + 8 <= record.end:
            child = self._record(at)
            yield child
            at = child.end

    def _within(self, record: _Record, depth: int) -> Iterator[_Record]:
        """All records inside one, in order."""
        for child in self._children(record):
            yield child
            if child.is_container and depth < _DEEPEST:
                yield from self._within(child, depth + 1)
