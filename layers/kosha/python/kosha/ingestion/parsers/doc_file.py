"""The inside of an old Word file: its text, and what is said of stretches of it (MS-DOC, Microsoft's description).

Text lies in pieces over the file; paragraphs and characters are described by places in the file, not in the text.
"""

import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

_PAGE = 512  # bytes of a page of descriptions (FKP)
_WORD_97 = 0x00C1
_ENCRYPTED, _TABLE_1 = 0x0100, 0x0200
# Of the file information block: where (place, size) of each structure stand.
_STYLES, _CHARACTERS, _PARAGRAPHS, _PIECES = 0x00A2, 0x00FA, 0x0102, 0x01A2
_LENGTHS = 0x004C  # characters of the main text, footnotes, headers, macros, comments, endnotes, text boxes
STORIES = ("main", "footnotes", "headers", "macros", "comments", "endnotes", "boxes", "header boxes")
_IN_TABLE, _ROW_ENDS, _OUTLINE, _LIST, _VANISH, _DELETED, _SIZE = (
    0x2416, 0x2417, 0x2640, 0x460B, 0x083C, 0x0800, 0x4A43,
)  # fmt: skip
_OPERAND_BYTES = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}
_DEEPEST_STYLE = 20
_TITLE = 62
_TINY_HALF_POINTS = 2


class DamagedDocError(ValueError):
    """The file breaks its own rules."""


class OldWordError(ValueError):
    """Word 95 or older, which lies in the file differently."""


class EncryptedDocError(ValueError):
    """Protected by a password."""


@dataclass(frozen=True, slots=True)
class Look:
    """What is said of a paragraph. level: of a heading, 0 the title."""

    level: int | None = None
    in_table: bool = False
    row_ends: bool = False
    is_item: bool = False


@dataclass(frozen=True, slots=True)
class _Piece:
    start: int  # in characters of the text
    end: int
    place: int  # in bytes of the file
    width: int  # bytes a character


@dataclass(slots=True)
class _Runs:
    """What is said of stretches of the file: `starts` in order, each with its value."""

    starts: list[int] = field(default_factory=list[int])
    values: list[tuple[int, Look, bool]] = field(default_factory=list[tuple[int, Look, bool]])

    def at(self, place: int) -> tuple[int, Look, bool] | None:
        index = bisect_right(self.starts, place) - 1
        if index < 0 or self.values[index][0] <= place:
            return None
        return self.values[index]


class DocFile:
    """Raises DamagedDocError, OldWordError or EncryptedDocError for what cannot be read."""

    def __init__(self, streams: dict[str, bytes]) -> None:
        try:
            self._main = streams["WordDocument"]
            magic, version = struct.unpack_from("<HH", self._main)
            (flags,) = struct.unpack_from("<H", self._main, 10)
            if flags & _ENCRYPTED:
                raise EncryptedDocError
            if magic != 0xA5EC or version < _WORD_97:
                raise OldWordError
            self._table = streams["1Table" if flags & _TABLE_1 else "0Table"]
            self._pieces = list(self._read_pieces())
            self._styles = dict(self._read_styles())
            self._paragraphs = self._read_runs(_PARAGRAPHS)
            self._characters = self._read_runs(_CHARACTERS)
            lengths = struct.unpack_from("<8i", self._main, _LENGTHS)
        except (KeyError, IndexError, struct.error) as error:
            raise DamagedDocError(str(error)) from error
        self.stories: dict[str, tuple[int, int]] = {}
        start = 0
        for name, length in zip(STORIES, lengths, strict=True):
            self.stories[name] = (start, start + max(0, length))
            start += max(0, length)

    def letters(self, story: str) -> Iterator[tuple[str, int]]:
        """Each character of a story, and its place in the file."""
        first, last = self.stories[story]
        for piece in self._pieces:
            begin, end = max(first, piece.start), min(last, piece.end)
            if begin >= end:
                continue
            place = piece.place + (begin - piece.start) * piece.width
            codec = "cp1252" if piece.width == 1 else "utf-16-le"
            text = self._main[place : place + (end - begin) * piece.width].decode(codec, "replace")
            if len(text) == end - begin:
                for index, letter in enumerate(text):
                    yield letter, place + index * piece.width
            else:  # letters of two units: the places do not matter more than the words
                yield from ((letter, place) for letter in text)

    def look(self, place: int) -> Look:
        """Of the paragraph whose end mark stands there."""
        found = self._paragraphs.at(place)
        return found[1] if found else Look()

    def is_hidden(self, place: int) -> bool:
        """Whether the character there is not shown."""
        found = self._characters.at(place)
        return bool(found and found[2])

    def _structure(self, at: int) -> bytes:
        place, size = struct.unpack_from("<II", self._main, at)
        return self._table[place : place + size]

    def _read_pieces(self) -> Iterator[_Piece]:
        clx = self._structure(_PIECES)
        at = 0
        while clx[at] == 1:
            at += 3 + struct.unpack_from("<H", clx, at + 1)[0]
        if clx[at] != 2:
            raise DamagedDocError("no table of pieces")
        table = clx[at + 5 : at + 5 + struct.unpack_from("<I", clx, at + 1)[0]]
        count = (len(table) - 4) // 12
        bounds = struct.unpack_from(f"<{count + 1}I", table)
        for index in range(count):
            (place,) = struct.unpack_from("<I", table, 4 * (count + 1) + 8 * index + 2)
            narrow = bool(place & 0x40000000)
            place &= 0x3FFFFFFF
            yield _Piece(bounds[index], bounds[index + 1], place // 2 if narrow else place, 1 if narrow else 2)

    def _read_styles(self) -> Iterator[tuple[int, int]]:
        """(style's number, level) of those that are headings or based on one."""
        sheet = self._structure(_STYLES)
        if len(sheet) < 4:
            return
        at = 2 + struct.unpack_from("<H", sheet)[0]
        known: list[tuple[int, int]] = []  # (what Word calls it, number of the style it is based on)
        while at + 2 <= len(sheet):
            (size,) = struct.unpack_from("<H", sheet, at)
            if size >= 4:
                called, based = struct.unpack_from("<HH", sheet, at + 2)
                known.append((called & 0x0FFF, based >> 4))
            else:
                known.append((0x0FFF, 0x0FFF))
            at += 2 + size + size % 2
        for number in range(len(known)):
            style = number
            for _ in range(_DEEPEST_STYLE):
                if style >= len(known):
                    break
                called, based = known[style]
                if 1 <= called <= 9 or called == _TITLE:
                    yield number, 0 if called == _TITLE else called
                    break
                style = based

    def _read_runs(self, at: int) -> _Runs:
        """Descriptions of paragraphs or of characters, from all their pages."""
        table = self._structure(at)
        count = (len(table) - 4) // 8
        runs = _Runs()
        for (page,) in struct.iter_unpack("<I", table[4 * (count + 1) : 4 * (count + 1) + 4 * count]):
            content = self._main[(page & 0x3FFFFF) * _PAGE : ((page & 0x3FFFFF) + 1) * _PAGE]
            if len(content) < _PAGE:
                continue
            number = content[-1]
            if 4 * (number + 1) > _PAGE:
                continue
            bounds = struct.unpack_from(f"<{number + 1}I", content)
            for index in range(number):
                value = (
                    self._of_paragraph(content, 4 * (number + 1) + 13 * index)
                    if at == _PARAGRAPHS
                    else self._of_characters(content, 4 * (number + 1) + index)
                )
                runs.starts.append(bounds[index])
                runs.values.append((bounds[index + 1], *value))
        order = sorted(range(len(runs.starts)), key=lambda index: runs.starts[index])
        return _Runs([runs.starts[index] for index in order], [runs.values[index] for index in order])

    def _of_paragraph(self, page: bytes, at: int) -> tuple[Look, bool]:
        place = 2 * page[at] if at < _PAGE else 0
        if not place:
            return Look(), False
        size, place = (2 * page[place] - 1, place + 1) if page[place] else (2 * page[place + 1], place + 2)
        if size < 2:
            return Look(), False
        (style,) = struct.unpack_from("<H", page, place)
        said = dict(_modifiers(page[place + 2 : place + size]))
        level = self._styles.get(style)
        outline = said.get(_OUTLINE)
        if outline is not None:
            level = outline + 1 if outline < 9 else None
        return Look(level, bool(said.get(_IN_TABLE)), bool(said.get(_ROW_ENDS)), bool(said.get(_LIST))), False

    def _of_characters(self, page: bytes, at: int) -> tuple[Look, bool]:
        place = 2 * page[at] if at < _PAGE else 0
        if not place:
            return Look(), False
        said = dict(_modifiers(page[place + 1 : place + 1 + page[place]]))
        tiny = 0 < said.get(_SIZE, 99) <= _TINY_HALF_POINTS
        return Look(), said.get(_VANISH) == 1 or said.get(_DELETED) == 1 or tiny


def _modifiers(content: bytes) -> Iterator[tuple[int, int]]:
    """(code, operand) of property modifiers; operands of other than 1, 2 or 4 bytes are given as 0."""
    at = 0
    while at + 3 <= len(content):
        (code,) = struct.unpack_from("<H", content, at)
        at += 2
        size = _OPERAND_BYTES.get(code >> 13)
        if size is None:
            size = 1 + content[at]
            if code == 0xD608 and at + 2 <= len(content):  # a table's columns: their size takes two bytes
                size = 1 + struct.unpack_from("<H", content, at)[0]
            yield code, 0
        else:
            yield code, int.from_bytes(content[at : at + size], "little") if size in (1, 2, 4) else 0
        at += size
