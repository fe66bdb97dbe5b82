"""The words of an RTF file: its groups and control words followed, as far as they bear on text.

Our own, because striprtf, the library that is kept, gives neither headings nor rows, and lets hidden text through.
Source: Rich Text Format Specification 1.9.1.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from kosha.ingestion.parsers.gathered import Block
from kosha.ingestion.parsers.hidden import HiddenText

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.S
)
_CHARSETS = {
    0: "cp1252", 77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gb18030", 136: "big5hkscs",
    161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251",
    222: "cp874", 238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip
_SAID = {
    b"tab": "\t", b"line": "\n", b"emdash": "—", b"endash": "–", b"emspace": " ", b"enspace": " ", b"qmspace": " ",
    b"bullet": "•", b"lquote": "‘", b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”",
}  # fmt: skip
_SYMBOLS = {b"~": " ", b"_": "-", b"{": "{", b"}": "}", b"\\": "\\", b"\n": "\n", b"\r": "\n"}
# Groups whose text is none of the document's.
_NOT_TEXT = frozenset({
    b"info", b"pict", b"object", b"objdata", b"fldinst", b"datafield", b"themedata", b"colorschememapping",
    b"listtable", b"listoverridetable", b"rsidtbl", b"generator", b"xmlnstbl", b"filetbl", b"revtbl", b"colortbl",
    b"bkmkstart", b"bkmkend", b"latentstyles", b"datastore", b"nonshppict", b"pgptbl", b"sp", b"listtext", b"pntext",
    b"atnid", b"atnauthor", b"atntime", b"atnref", b"atndate", b"atnparent", b"annotation_", b"ftnsep", b"ftnsepc",
    b"aftnsep", b"template", b"userprops", b"mmathPr", b"wgrffmtfilter", b"falt", b"panose", b"fontemb", b"fontfile",
})  # fmt: skip
_AROUND = frozenset({
    b"header", b"headerl", b"headerr", b"headerf", b"footer", b"footerl", b"footerr", b"footerf"
})  # fmt: skip
_KNOWN_STARRED = frozenset({b"shpinst", b"shptxt", b"annotation", b"shppict", b"fldrslt"})
_DEEPEST_GROUP = 2000
_TINY_HALF_POINTS = 2
_HEADING = re.compile(r"heading (\d)", re.I)


@dataclass(frozen=True, slots=True)
class _State:
    """What a group inherits from the one around it. `into`: where its text goes; "" nowhere."""

    into: str = "text"
    font: int = -1
    hidden: bool = False
    after_unicode: int = 1
    just_opened: bool = False
    starred: bool = False


@dataclass(slots=True)
class RtfText:
    """Follows the file once; `around`, `pictures` and `is_cut_off` are known when all blocks have been taken."""

    content: bytes
    hidden: HiddenText
    around: list[str] = field(default_factory=list[str])
    pictures: int = 0
    is_cut_off: bool = False
    _codec: str = "cp1252"
    _fonts: dict[int, str] = field(default_factory=dict[int, str])
    _styles: dict[int, int] = field(default_factory=dict[int, int])
    _said: dict[str, list[str]] = field(default_factory=lambda: {"text": [], "note": [], "around": [], "style": []})
    _unseen: list[str] = field(default_factory=list[str])
    _bytes: bytearray = field(default_factory=bytearray)
    _cells: list[str] = field(default_factory=list[str])
    _notes: list[str] = field(default_factory=list[str])
    _in_table: bool = False
    _level: int | None = None
    _is_item: bool = False
    _style: int = 0
    _font_of_table: int = -1
    _skip: int = 0

    def blocks(self) -> Iterator[Block]:
        """Paragraphs and rows in order; footnotes and comments follow theirs."""
        state, stack = _State(), list[_State]()
        position, end = 0, len(self.content)
        while position < end:
            token = _TOKEN.match(self.content, position)
            if token is None:
                position += 1
                continue
            position = token.end()
            word, number, code, symbol, brace, text = token.groups()
            if code is None:
                self._decode(state)
            if brace == b"{":
                if len(stack) >= _DEEPEST_GROUP:
                    break
                stack.append(state)
                state = replace(state, just_opened=True, starred=False)
                self._skip = 0
            elif brace:
                self._close(state, stack[-1] if stack else _State())
                state = stack.pop() if stack else _State()
                self._skip = 0
                if not stack:
                    break
            elif code is not None:
                self._byte(code)
            elif text is not None:
                self._text(text, state)
            elif symbol is not None:
                state = replace(state, starred=True) if symbol == b"*" else state
                self._say(_SYMBOLS.get(symbol, ""), state)
            elif word is not None:
                value = int(number) if number else None
                if word == b"bin":
                    position += max(0, value or 0)
                yield from self._ended(word, state)
                state = self._word(word, value, state)
        self._decode(state)
        self.is_cut_off = bool(stack)
        yield from self._ended(b"par", _State())
        yield from self._ended(b"row", _State())

    def _byte(self, code: bytes) -> None:
        if self._skip:
            self._skip -= 1
        else:
            self._bytes.append(int(code, 16))

    def _decode(self, state: _State) -> None:
        """Bytes gather, because a Chinese character is two of them."""
        if self._bytes:
            self._say(bytes(self._bytes).decode(self._fonts.get(state.font, self._codec), "replace"), state)
            self._bytes.clear()

    def _text(self, text: bytes, state: _State) -> None:
        if self._skip:
            text, self._skip = text[self._skip :], max(0, self._skip - len(text))
        self._say(text.decode(self._fonts.get(state.font, self._codec), "replace"), state)

    def _say(self, words: str, state: _State) -> None:
        if not words or not state.into:
            return
        if state.hidden and state.into != "style":
            self._unseen.append(words)
        else:
            self._said[state.into].append(words)

    def _word(self, word: bytes, value: int | None, state: _State) -> _State:
        if state.just_opened:
            state = self._opened(word, value, replace(state, just_opened=state.starred))
        if word in _SAID:
            self._say(_SAID[word], state)
        elif word == b"u" and value is not None:
            self._say(chr(value & 0xFFFF), state)
            self._skip = state.after_unicode
        elif word == b"uc":
            return replace(state, after_unicode=min(max(0, value or 0), 10))
        elif word == b"f":
            self._font_of_table = value or 0
            return replace(state, font=value or 0)
        elif word == b"v":
            return replace(state, hidden=value != 0)
        elif word == b"fs" and value is not None and value <= _TINY_HALF_POINTS:
            return replace(state, hidden=True)
        elif word == b"plain":
            return replace(state, hidden=False)
        else:
            self._setting(word, value, state)
        return state

    def _setting(self, word: bytes, value: int | None, state: _State) -> None:
        if word == b"ansicpg":
            self._codec = _codec(value, self._codec)
        elif word in (b"mac", b"pc"):
            self._codec = "mac_roman" if word == b"mac" else "cp437"
        elif word == b"fcharset" and value in _CHARSETS:
            self._fonts[self._font_of_table] = self._codec if value == 0 else _CHARSETS[value]
        elif word == b"pard" and state.into == "text":
            self._level, self._is_item, self._in_table = None, False, False
        elif word == b"intbl":
            self._in_table = True
        elif word == b"s":
            self._style = value or 0
            if state.into == "text":
                self._level = self._styles.get(self._style, self._level)
        elif word == b"outlinelevel" and value is not None:
            if state.into == "text":
                self._level = value + 1 if value < 9 else None
            elif state.into == "style" and value < 9:
                self._styles[self._style] = value + 1
        elif word in (b"ls", b"pnlvlblt", b"pnlvlbody") and state.into == "text":
            self._is_item = True
        elif word == b"pict":
            self.pictures += 1

    def _opened(self, word: bytes, value: int | None, state: _State) -> _State:
        """The first control word of a group says what it is."""
        if word in _NOT_TEXT or (state.starred and word not in _KNOWN_STARRED and state.into != "style"):
            return replace(state, into="")
        if word in (b"fonttbl", b"stylesheet"):
            return replace(state, into="style" if word == b"stylesheet" else "")
        if state.into == "style" and word == b"s":
            self._style = value or 0
        if word in (b"footnote", b"annotation"):
            return replace(state, into="note", hidden=False) if state.into == "text" else state
        return replace(state, into="around") if word in _AROUND else state

    def _close(self, state: _State, outer: _State) -> None:
        """A group ends: a note, a header or a style is whole."""
        if state.into == outer.into and state.into != "style":
            return
        words = "".join(self._said.get(state.into, [])).strip()
        if state.into == "style":
            if words:
                name = words.rstrip(";").strip()
                heading = _HEADING.match(name)
                if heading or name.lower() == "title":
                    self._styles[self._style] = int(heading[1]) if heading else 0
            self._said["style"].clear()
        elif state.into == "note":
            self._said["note"].clear()
            if words:
                self._notes.append(f"[Note: {' '.join(words.split())}]")
        elif state.into == "around":
            self._said["around"].clear()
            self.around.extend(words.split("\n"))

    def _ended(self, word: bytes, state: _State) -> Iterator[Block]:
        """What the end of a paragraph, a cell or a row completes."""
        if state.into in ("note", "around"):
            self._say("\n" if word in (b"par", b"line") else "", state)
            return
        if state.into != "text" or word not in (b"par", b"sect", b"page", b"cell", b"nestcell", b"row", b"nestrow"):
            return
        if self._unseen:
            self.hidden.add("hidden characters", "".join(self._unseen))
            self._unseen.clear()
        if word in (b"row", b"nestrow"):
            if any(self._cells):
                yield Block(cells=self._cells)
            self._cells = []
            yield from self._asides()
        elif word in (b"cell", b"nestcell"):
            self._cells.append(self._taken())
        elif self._in_table:
            self._said["text"].append("\n")
        else:
            yield Block(self._taken(), self._level, self._is_item)
            yield from self._asides()

    def _asides(self) -> Iterator[Block]:
        notes, self._notes = self._notes, []
        yield from (Block(words) for words in notes)

    def _taken(self) -> str:
        words = "".join(self._said["text"])
        self._said["text"].clear()
        return words.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _codec(page: int | None, default: str) -> str:
    try:
        return codecs.lookup("utf-8" if page == 65001 else f"cp{page}").name
    except LookupError:
        return default
