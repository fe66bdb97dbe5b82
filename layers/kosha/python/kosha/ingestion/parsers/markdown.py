"""Markdown: sections by heading, tables by row, code as it stands."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice, takewhile

from kosha.ingestion.parsers.clean import clean
from kosha.ingestion.parsers.decode import text_blocks
from kosha.ingestion.parsers.headings import Headings
from kosha.ingestion.parsers.hidden import HiddenText
from kosha.ingestion.parsers.paragraphs import join_lines
from kosha.ingestion.parsers.parts import SECTION_CHARACTERS
from kosha.ingestion.parsers.source import Notes, Source
from kosha.ingestion.parsers.table import row_lines
from kosha.model.section import Kind, Section

_ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_SETEXT = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})(.*)$")
_RULE = re.compile(r" {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+")
_QUOTE = re.compile(r"^ {0,3}(?:>[ \t]?)+")
_TABLE_RULE = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
_CELL_BORDER = re.compile(r"(?<!\\)\|")
_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9-]*(?:\s[^<>]*)?/?>")
_PICTURE_DATA = re.compile(r"\(data:[^)\s]*\)")
_ATTRIBUTE = re.compile(r"=\s*[\"']([^\"'<>]+)")
_REFERENCE_COMMENT = re.compile(r"(?m)^ {0,3}\[(?://|comment)\]: *<?#?>? *[(\"'](.*)[)\"']$")
_MOST_FRONT_MATTER_LINES = 200
_HARD_BREAK = re.compile(r"(?: {2,}|\\)$")


def read(source: Source, notes: Notes) -> Iterator[Section]:
    """Sections in order; a heading's words open its section, without the marks."""
    page = _Page(Headings(), notes.hidden)
    lines = _lines(text_blocks(source, notes))
    first = next(lines, "")
    if first.rstrip() == "---":
        yield from _front_matter(lines)
    else:
        yield from page.take(first)
    for line in lines:
        yield from page.take(line)
    if page.fence:
        notes.warn("A code block is opened with ``` and never closed; everything after it was read as code.")
    yield from page.end()


def _front_matter(lines: Iterator[str]) -> Iterator[Section]:
    """The lines up to the closing rule: title, author, tags."""
    kept = takewhile(lambda line: line.rstrip() not in ("---", "..."), islice(lines, _MOST_FRONT_MATTER_LINES))
    text = clean("\n".join(kept)).strip()
    if text:
        yield Section(text)


def _lines(blocks: Iterable[str]) -> Iterator[str]:
    rest = ""
    for block in blocks:
        *whole, rest = (rest + block).split("\n")
        yield from whole
        if len(rest) > SECTION_CHARACTERS:  # a line without end is let out in pieces
            yield rest
            rest = ""
    yield rest


@dataclass(slots=True)
class _Page:
    """The section being gathered. Lines of a paragraph are joined as they come."""

    headings: Headings
    hidden: HiddenText
    fence: str = ""
    kind: Kind = "text"
    lines: list[str] = field(default_factory=list[str])
    size: int = 0
    open_paragraph: bool = False

    def take(self, line: str) -> Iterator[Section]:
        """Read one line; give what it completes."""
        if self.size > SECTION_CHARACTERS:
            header = self.lines[:1] if self.kind == "table" else []
            yield from self.end()
            for row in header:  # a long table goes on under the same column names
                self._add(row)
        if self.fence:
            yield from self._in_code(line)
        elif fence := _FENCE.match(line):
            yield from self._begin("code")
            self.fence = fence[1]
        elif (atx := _ATX.match(line)) is not None:
            yield from self._head(len(atx[1]), atx[2] or "")
        elif self.kind == "table" and "|" in line:
            self._add(line)
        elif _SETEXT.match(line) and self.open_paragraph and self.kind == "text":
            yield from self._underlined(line)
        elif _TABLE_RULE.match(line) and "|" in line and self.lines and "|" in self.lines[-1]:
            yield from self._table()
        else:
            yield from self._text(line)

    def _in_code(self, line: str) -> Iterator[Section]:
        fence = _FENCE.match(line)
        if fence and fence[1].startswith(self.fence) and not fence[2].strip():
            self.fence = ""
            yield from self._begin("text")
        else:
            self._add(line)

    def _underlined(self, line: str) -> Iterator[Section]:
        title = self._take_last()
        yield from self._head(1 if "=" in line else 2, title)

    def _table(self) -> Iterator[Section]:
        header = self._take_last()
        yield from self._begin("table")
        self._add(header)

    def _text(self, line: str) -> Iterator[Section]:
        if self.kind == "table":
            yield from self._begin("text")
        line = _QUOTE.sub("", line)
        if not line.strip() or _RULE.match(line):
            self.open_paragraph = False
            self._add("")
        elif self.open_paragraph and not _ITEM.match(line) and "|" not in line:
            before = self._take_last()
            self._add(before + "\n" + line.strip() if _HARD_BREAK.search(before) else join_lines(before, line.strip()))
        else:
            self._add(line.rstrip("\n") if _ITEM.match(line) else line.strip(" "))
            self.open_paragraph = True

    def _head(self, level: int, title: str) -> Iterator[Section]:
        yield from self.end()
        self.kind = "text"
        title = _plain(title, self.hidden).strip()
        if title:
            self.headings.enter(level, title)
            self._add(title)
            self._add("")

    def _begin(self, kind: Kind) -> Iterator[Section]:
        yield from self.end()
        self.kind = kind

    def _add(self, line: str) -> None:
        self.lines.append(line)
        self.size += len(line) + 1

    def _take_last(self) -> str:
        line = self.lines.pop()
        self.size -= len(line) + 1
        return line

    def end(self) -> Iterator[Section]:
        """Give what was gathered, and begin anew under the same heading."""
        lines, self.lines, self.size, self.open_paragraph = self.lines, [], 0, False
        if self.kind == "table":
            rows = [_cells(line, self.hidden) for line in lines]
            text = "\n".join(row_lines(rows, has_header=True))
        else:
            text = "\n".join(lines)
            text = clean(text if self.kind == "code" else _plain(text, self.hidden)).strip("\n")
        if text.strip():
            yield Section(text, heading=self.headings.path, kind=self.kind)


def _cells(line: str, hidden: HiddenText) -> list[str]:
    cells = _CELL_BORDER.split(_plain(line, hidden).strip().removeprefix("|").removesuffix("|"))
    return [cell.replace("\\|", "|").strip() for cell in cells]


def _plain(text: str, hidden: HiddenText) -> str:
    """Without comments, HTML tags and pictures spelt out as data; emphasis, links and inline code stay as written."""
    if "<" in text:
        text = _TAG.sub(lambda tag: _said_in_tag(tag[0], hidden), _without_comments(text, hidden))
    if "[" in text:
        text = _REFERENCE_COMMENT.sub(lambda note: _said_in_comment(note[1], hidden), text)
    return _PICTURE_DATA.sub("(picture)", text)


def _said_in_comment(words: str, hidden: HiddenText) -> str:
    hidden.add_usual("a comment in the source", words)
    return ""


def _said_in_tag(tag: str, hidden: HiddenText) -> str:
    """Nothing; but what its attributes say is looked at."""
    if "=" in tag:
        hidden.add_usual("attributes of a tag", " ".join(_ATTRIBUTE.findall(tag)))
    return ""


def _without_comments(text: str, hidden: HiddenText) -> str:
    """Without <!-- ... -->; one that is never closed stays. A pattern would take the square of many openings' time."""
    kept, *commented = text.split("<!--")
    for part in commented:
        comment, closed, after = part.partition("-->")
        if closed:
            hidden.add_usual("a comment in the source", comment)
        kept += after if closed else f"<!--{comment}"
    return kept
