"""Old Word documents (.doc): paragraphs under their headings, tables, lists, notes, comments, headers and footers.

Our own, because no library that is kept reads more of these files than bare text.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from kosha.errors import Rejected
from kosha.ingestion.parsers.clean import one_line
from kosha.ingestion.parsers.doc_file import DamagedDocError, DocFile, EncryptedDocError, Look, OldWordError
from kosha.ingestion.parsers.gathered import Block, Gathered
from kosha.ingestion.parsers.ole import damaged, streams
from kosha.ingestion.parsers.source import Notes, Source
from kosha.model.section import Section

_FIELD_BEGINS, _FIELD_GOES_ON, _FIELD_ENDS = "\x13", "\x14", "\x15"
_CELL = "\x07"
_PARAGRAPH_ENDS = frozenset("\r\x07\x0c")
_SHOWN_AS = {"\x0b": "\n", "\x1e": "-", "\x1f": "", "\xa0": " ", "\t": "\t"}
_PICTURE = "\x01"
_ASIDES = (
    ("footnotes", "Footnotes"),
    ("endnotes", "Endnotes"),
    ("comments", "Comments"),
    ("boxes", "Text boxes"),
    ("headers", "Header and footer"),
)


def read(source: Source, notes: Notes) -> Iterator[Section]:
    """Sections by heading; notes, comments, text boxes, headers and footers come last."""
    document = _opened(source)
    text = _Text(document, notes)
    gathered = Gathered()
    for block in text.blocks("main"):
        yield from gathered.take(block)
    yield from gathered.end()
    for story, heading in _ASIDES:
        words = (one_line(block.text or " | ".join(block.cells or [])) for block in text.blocks(story))
        lines = dict.fromkeys(line for line in words if line and not line.isdecimal())
        if lines:
            yield Section("\n".join(lines), heading=heading)
    if text.pictures:
        notes.warn(f"Text inside pictures is not searchable; the file holds {text.pictures}.")


def _opened(source: Source) -> DocFile:
    try:
        return DocFile(streams(source))
    except EncryptedDocError as error:
        raise Rejected(
            f"{source.file_name!r} is protected by a password. Remove the protection and upload it again."
        ) from error
    except OldWordError as error:
        raise Rejected(
            f"{source.file_name!r} was written by Word 95 or an older one, which is not read. "
            "Open it, save it as .docx, and upload that."
        ) from error
    except DamagedDocError as error:
        raise damaged(source, "its tables point to nowhere") from error


@dataclass(slots=True)
class _Text:
    """Reads a story letter by letter into paragraphs and rows."""

    document: DocFile
    notes: Notes
    pictures: int = 0
    _cells: list[str] = field(default_factory=list[str])
    _words: list[str] = field(default_factory=list[str])
    _unseen: list[str] = field(default_factory=list[str])

    def blocks(self, story: str) -> Iterator[Block]:
        codes = 0  # how deep inside the code of a field, which is not shown
        fields: list[bool] = []
        for letter, place in self.document.letters(story):
            if letter == _FIELD_BEGINS:
                fields.append(True)
                codes += 1
            elif letter == _FIELD_GOES_ON and fields and fields[-1]:
                fields[-1] = False
                codes -= 1
            elif letter == _FIELD_ENDS and fields:
                codes -= fields.pop()
            elif letter in _PARAGRAPH_ENDS:
                yield from self._ended(letter, self.document.look(place))
            elif not codes:
                self._say(letter, place)
        yield from self._ended("\r", Look())
        yield from self._row()

    def _say(self, letter: str, place: int) -> None:
        if letter == _PICTURE:
            self.pictures += 1
        elif letter >= " " or letter in _SHOWN_AS:
            shown = _SHOWN_AS.get(letter, letter)
            (self._unseen if self.document.is_hidden(place) else self._words).append(shown)

    def _ended(self, mark: str, look: Look) -> Iterator[Block]:
        words, self._words = "".join(self._words), []
        if self._unseen:
            self.notes.hidden.add("hidden or deleted characters", "".join(self._unseen))
            self._unseen = []
        if look.row_ends:
            yield from self._row()
        elif mark == _CELL:
            self._cells.append(words)
        elif look.in_table:
            self._words = [words, "\n"] if words else []
        else:
            yield from self._row()
            yield Block(words, look.level, look.is_item)

    def _row(self) -> Iterator[Block]:
        cells, self._cells = self._cells, []
        if any(cells):
            yield Block(cells=cells)
