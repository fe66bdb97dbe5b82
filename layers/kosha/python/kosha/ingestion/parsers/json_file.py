"""JSON and JSON Lines: one line a record, under the path that leads to it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from kosha.errors import Rejected
from kosha.ingestion.parsers.clean import one_line
from kosha.ingestion.parsers.decode import text_blocks
from kosha.ingestion.parsers.source import Notes, Source
from kosha.ingestion.parsers.table import table_sections
from kosha.model.section import Section

_TOKEN = re.compile(
    r"[ \t\n\r\ufeff\x1e]*(?:"
    r'(?P<string>"[^"\\]*(?:\\.[^"\\]*)*")'
    r"|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
    r"|(?P<word>true|false|null|NaN|-?Infinity)"
    r"|(?P<mark>[\[\]{}:,]))",
    re.S,
)
_BLANK = re.compile(r"[ \t\n\r\ufeff\x1e\0]*")
_INDEX = re.compile(r"\[\d+\]")
_CLOSING = {"[": "]", "{": "}"}
_LONGEST_LINE = 600

Token = tuple[str, str]  # (group of _TOKEN, text)


def read(source: Source, notes: Notes) -> Iterator[Section]:
    """Sections of kind "table": lines like "employees[3]: name: Ada; age: 36". Empty values are left out.

    The file is never held as a whole. Raises Rejected where it breaks off or is nested deeper than the limit.
    """
    yield from table_sections(lines_of(text_blocks(source, notes), source.file_name, deepest=source.limits.depth))


def lines_of(blocks: Iterator[str], file_name: str, *, deepest: int) -> Iterator[str]:
    """The lines of a JSON text that comes in blocks."""
    return _Walk(file_name, deepest).lines(_tokens(blocks, file_name))


def _tokens(blocks: Iterator[str], file_name: str) -> Iterator[Token]:
    """Tokens in order; reads on, twice as much each time, while one is not whole yet."""
    text, position, line = next(blocks, ""), 0, 1
    ended = False
    while True:
        found = _TOKEN.match(text, position)
        if found and (ended or found.end() < len(text) or found.lastgroup in ("string", "mark")):
            position = found.end()
            kind = found.lastgroup or ""
            yield kind, found[kind]
            continue
        if ended:
            blank = _BLANK.match(text, position)
            if blank and blank.end() == len(text):
                return
            raise _broken(file_name, line + text.count("\n", 0, position), text[position:].strip()[:30])
        line += text.count("\n", 0, position)
        wanted = max(1, len(text) - position)
        more: list[str] = []
        while wanted > 0 and not ended:
            block = next(blocks, "")
            ended = not block
            more.append(block)
            wanted -= len(block)
        text, position = text[position:] + "".join(more), 0


def _broken(file_name: str, line: int, found: str) -> Rejected:
    what = f"at {found!r}" if found else "because it breaks off"
    return Rejected(
        f"{file_name!r} is not valid JSON: it cannot be read from line {line} on, {what}. Mend it and upload it again."
    )


@dataclass(slots=True)
class _Record:
    """The values of one line, under the path they share."""

    path: str
    said: list[str] = field(default_factory=list[str])
    size: int = 0

    def say(self, name: str, value: str) -> None:
        words = f"{name}: {value}" if name else value
        self.said.append(words)
        self.size += len(words) + 2

    def flush(self) -> Iterator[str]:
        if self.said:
            named = any(character.isalnum() for character in _INDEX.sub("", self.path))
            yield (f"{self.path}: " if named else "") + "; ".join(self.said)
            self.said, self.size = [], 0


@dataclass(slots=True)
class _Frame:
    """An object or array that is open. What lies in an object speaks in its line, an element of a list in its own."""

    closing: str
    record: _Record
    owns_record: bool
    prefix: str = ""  # the keys from the record down to here, each with its dot
    key: str = ""
    index: int = -1

    @property
    def name(self) -> str:
        """Of the member that comes, within its record."""
        return self.prefix + self.key if self.closing == "}" else self.prefix.rstrip(".")

    def inner(self, closing: str) -> "_Frame":
        """The container that is this one's next member."""
        if self.closing == "}":
            return _Frame(closing, self.record, owns_record=False, prefix=f"{self.name}.")
        path = f"{self.record.path}.{self.name}" if self.record.path and self.name else self.record.path + self.name
        return _Frame(closing, _Record(f"{path}[{self.index}]"), owns_record=True)


@dataclass(slots=True)
class _Walk:
    """Follows the tokens with a stack of its own: the depth of a file cannot exhaust Python's."""

    file_name: str
    deepest: int
    frames: list[_Frame] = field(default_factory=list[_Frame])
    values: int = 0

    def lines(self, tokens: Iterator[Token]) -> Iterator[str]:
        """The lines of all values at the top (JSON Lines have many)."""
        for token in tokens:
            yield from self._value(token)
            while self.frames:
                yield from self._member(tokens)
            self.values += 1

    def _member(self, tokens: Iterator[Token]) -> Iterator[str]:
        """One more member of the innermost open container, or its end."""
        frame = self.frames[-1]
        token = self._next(tokens)
        if token == ("mark", ",") and frame.index >= 0:
            token = self._next(tokens)
        elif token != ("mark", frame.closing) and frame.index >= 0:
            raise self._wrong(token)
        if token == ("mark", frame.closing):
            self.frames.pop()
            if frame.owns_record:
                yield from frame.record.flush()
            return
        frame.index += 1
        if frame.closing == "}":
            if token[0] != "string" or self._next(tokens) != ("mark", ":"):
                raise self._wrong(token)
            frame.key = one_line(_unquoted(token[1]))
            token = self._next(tokens)
        yield from self._value(token)

    def _value(self, token: Token) -> Iterator[str]:
        kind, text = token
        frame = self.frames[-1] if self.frames else None
        if kind == "mark":
            if text not in "[{":
                raise self._wrong(token)
            inner = frame.inner(_CLOSING[text]) if frame else _Frame(_CLOSING[text], _Record(""), owns_record=True)
            if frame and inner.owns_record:
                yield from frame.record.flush()
            if len(self.frames) >= self.deepest:
                raise Rejected(
                    f"{self.file_name!r} is nested more than {self.deepest} levels deep. "
                    "Flatten it, or save it as text, and upload it again."
                )
            self.frames.append(inner)
            return
        value = one_line(_unquoted(text)) if kind == "string" else text.removeprefix("null")
        if not value:
            return
        if frame is None:
            yield value
            return
        frame.record.say(frame.name, value)
        if frame.record.size > _LONGEST_LINE:
            yield from frame.record.flush()

    def _next(self, tokens: Iterator[Token]) -> Token:
        token = next(tokens, None)
        if token is None:
            raise Rejected(
                f"{self.file_name!r} is not valid JSON: it breaks off inside a value, so it is probably cut off. "
                "Upload the whole file again."
            )
        return token

    def _wrong(self, token: Token) -> Rejected:
        place = self.frames[-1].record.path if self.frames else ""
        where = f"in {place!r}" if place else f"in value {self.values + 1}"
        return Rejected(
            f"{self.file_name!r} is not valid JSON: unexpected {token[1][:30]!r} {where}. Mend it and upload it again."
        )


def _unquoted(text: str) -> str:
    if "\\" not in text:
        return text[1:-1]
    try:
        return json.loads(text, strict=False)
    except ValueError:
        return text[1:-1]
